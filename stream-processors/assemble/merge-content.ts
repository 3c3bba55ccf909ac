import { costOf, type PriceList } from '../../core/prices.ts'
import type { ContentFact, FactContent } from '../../schemas/content-fact.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import { type LlmSpan, REVISION_FINISHED, spanVersion, TOKEN_COUNTS, type TokenUsage } from '../../schemas/llm-span.ts'

/** The revision stands in 16 bits of the version. */
const MAX_REVISION = 0xffff
/** Facts of one span that are joined; a streamed call may log one per chunk. */
export const MAX_FACTS = 1_000
const REVISION_SHIFT = 48n

const TEXTS = [
  'tool_definitions',
  'query',
  'provider',
  'request_model',
  'response_model',
  'response_id',
  'error_type',
  'error_message',
  'session_id',
  'user_id',
] as const satisfies readonly (keyof FactContent)[]

/** 1 + the number of facts (architecture.md, "More than one span"): equal on replay, higher for fuller input. */
export const revisionOf = (facts: number) => Math.min(REVISION_FINISHED + facts, MAX_REVISION)

/** Whether a stored span lacks facts that are known now. One that has not ended is left for the one that has. */
export function lacksFacts(version: bigint, facts: number): boolean {
  const revision = Number(version >> REVISION_SHIFT)
  return revision >= REVISION_FINISHED && revision < revisionOf(facts)
}

/** The order in which an application logged them, whatever the order in which they came. */
export function inOrder(facts: readonly ContentFact[]): readonly ContentFact[] {
  return facts.toSorted(
    (a, b) =>
      compare(a.time, b.time) ||
      a.received_at - b.received_at ||
      a.ordinal - b.ordinal ||
      compare(a.fact_id, b.fact_id),
  )
}

const compare = <Value extends bigint | string>(a: Value, b: Value) => (a < b ? -1 : a > b ? 1 : 0)

/** The attribute that names the fields which came from log records. */
export const FROM_LOGS = 'evalforge.from_logs'

/** What a span says itself: fields that an earlier join filled are empty again. */
function ownOf(span: LlmSpan): LlmSpan {
  const joined = span.attributes.get(FROM_LOGS)
  // Before the first join it can only be the sender's own.
  if (joined === undefined || span.version >> REVISION_SHIFT <= BigInt(REVISION_FINISHED)) return span
  const empty = Object.fromEntries(joined.split(',').flatMap((name) => (name in EMPTY ? [[name, EMPTY[name]]] : [])))
  return { ...span, ...empty }
}

const EMPTY: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(TEXTS.map((name) => [name, ''])),
  ...Object.fromEntries(TOKEN_COUNTS.map((name) => [name, null])),
  system_instructions: '',
  input_messages: [],
  output_messages: [],
  documents: [],
  finish_reasons: [],
  input_captured: false,
  output_captured: false,
  status: 'unset',
  cost_usd: null,
  price_version: '',
}

/**
 * The span with what its log records say. What the span says itself stays: an SDK that writes the same content in both
 * places is not read twice. Pure; joining more and more facts gives the same span as joining all of them at once.
 */
export function mergeContent(stored: LlmSpan, facts: readonly ContentFact[], prices: PriceList): LlmSpan {
  const span = ownOf(stored)
  const merged = {
    ...filled(
      span,
      inOrder(facts).map(({ content }) => content),
    ),
    version: spanVersion(revisionOf(facts.length), span.received_at),
  }
  const priced = span.is_call && span.cost_usd === null ? { ...merged, ...costOfMerged(merged, prices) } : merged
  const names = Object.keys(EMPTY).filter((name) => priced[name as keyof LlmSpan] !== span[name as keyof LlmSpan])
  const attributes = new Map(span.attributes)
  attributes.delete(FROM_LOGS)
  if (names.length > 0) attributes.set(FROM_LOGS, names.join(','))
  return { ...priced, attributes }
}

function filled(span: LlmSpan, said: readonly FactContent[]): LlmSpan {
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {}
  for (const name of TEXTS) texts[name] = span[name] || first(said, (content) => content[name] || undefined) || ''
  const input_messages = ownOr(span.input_messages, said, (content) => content.input_messages)
  const output_messages = ownOr(span.output_messages, said, (content) => content.output_messages)
  return {
    ...span,
    ...texts,
    system_instructions: span.system_instructions || joined(said),
    input_messages,
    output_messages,
    documents: ownOr(span.documents, said, (content) => content.documents),
    finish_reasons: ownOr(span.finish_reasons, said, (content) => content.finish_reasons),
    input_captured: span.input_captured || input_messages.length > 0,
    output_captured: span.output_captured || output_messages.length > 0,
    ...usageOf(span, said),
    status: span.status === 'unset' && texts.error_type !== '' ? 'error' : span.status,
    reported_evaluations: evaluationsOf(said),
  }
}

function costOfMerged(span: LlmSpan, prices: PriceList): Pick<LlmSpan, 'cost_usd' | 'price_version'> {
  const price = prices.priceOf(span.response_model) ?? prices.priceOf(span.request_model)
  const cost_usd = price ? costOf(price, span) : null
  return { cost_usd, price_version: cost_usd === null ? '' : prices.version }
}

function first<Value>(
  said: readonly FactContent[],
  read: (content: FactContent) => Value | undefined,
): Value | undefined {
  for (const content of said) {
    const value = read(content)
    if (value !== undefined) return value
  }
  return undefined
}

function ownOr<Item>(
  own: readonly Item[],
  said: readonly FactContent[],
  read: (content: FactContent) => readonly Item[] | undefined,
): readonly Item[] {
  if (own.length > 0) return own
  const from = said.flatMap((content) => read(content) ?? [])
  return from.length > 0 ? from : own
}

function joined(said: readonly FactContent[]): string {
  return said.flatMap(({ system_instructions }) => system_instructions ?? []).join('\n')
}

/** All of it from one place: a span's own counts and those of a log record are not mixed. */
function usageOf(span: LlmSpan, said: readonly FactContent[]): Partial<TokenUsage> {
  if (!span.is_call || span.input_tokens !== null || span.output_tokens !== null) return {}
  const source = said.findLast((content) => TOKEN_COUNTS.some((name) => content[name] !== undefined))
  if (source === undefined) return {}
  return Object.fromEntries(TOKEN_COUNTS.map((name) => [name, source[name] ?? null]))
}

/** The last word of each judge. */
function evaluationsOf(said: readonly FactContent[]): readonly Evaluation[] {
  const byJudge = new Map<string, Evaluation>()
  for (const { reported_evaluations = [] } of said)
    for (const evaluation of reported_evaluations)
      byJudge.set(`${evaluation.judge}\0${evaluation.judge_version}\0${evaluation.track}`, evaluation)
  return [...byJudge.values()]
}
