import type { LlmSpan } from '../../schemas/llm-span.ts'

export type FinishKind = 'stop' | 'length' | 'tool' | 'filter' | 'error' | 'other'

/** Spellings of OpenAI, Anthropic, Google, Bedrock, Cohere, Mistral, Ollama, vLLM, Azure and the SDKs; letters only, lower case. */
const KINDS: Readonly<Record<Exclude<FinishKind, 'other'>, string>> = {
  stop: 'stop endturn stopsequence eos eostoken complete completed finish finished done success',
  length:
    'length maxtokens maxlength maxoutputtokens maxnewtokens maxcompletiontokens modellength tokenlimit contextlength ' +
    'modelcontextwindowexceeded contextlengthexceeded truncated incomplete lengthcapped outputlimit maxtokensreached',
  tool: 'toolcall toolcalls tooluse functioncall pauseturn',
  filter:
    'contentfilter contentfiltered safety recitation blocklist prohibitedcontent spii guardrailintervened refusal blocked ' +
    'imagesafety moderation toxicity errortoxic language',
  error: 'error errored failed cancelled canceled malformedfunctioncall unexpectedtoolcall',
}
const KIND_OF = new Map(
  (Object.keys(KINDS) as Exclude<FinishKind, 'other'>[]).flatMap((kind) =>
    KINDS[kind].split(' ').map((word) => [word, kind] as const),
  ),
)

export function finishKind(reason: string): FinishKind {
  const known = KIND_OF.get(reason)
  if (known !== undefined) return known
  let word = ''
  for (const character of reason.slice(0, 64).toLowerCase()) {
    if (character >= 'a' && character <= 'z') word += character
  }
  if (word.startsWith('finishreason')) word = word.slice('finishreason'.length)
  return KIND_OF.get(word) ?? 'other'
}

/** The kinds of all reasons of a span, its own and its messages'. Reasons that say nothing ('' or unknown words) are left out. */
export function finishKinds(span: LlmSpan): ReadonlySet<FinishKind> {
  const kinds = new Set<FinishKind>()
  const add = (reason: string) => {
    const kind = reason === '' ? 'other' : finishKind(reason)
    if (kind !== 'other') kinds.add(kind)
  }
  for (const reason of span.finish_reasons) add(reason)
  for (const { finish_reason } of span.output_messages) add(finish_reason)
  return kinds
}
