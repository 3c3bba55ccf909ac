import type { SpanKind } from '../../schemas/llm-span.ts'
import { isMessages, isObject, type SpanInput } from './trace-schema.ts'

/** An attribute of OTLP/JSON. */
export interface Attribute {
  readonly key: string
  readonly value: AnyValue
}

/** The members of OTLP/JSON's AnyValue that are written here. */
export type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: number }
  | { readonly doubleValue: number }
  | { readonly arrayValue: { readonly values: readonly (AnyValue | null)[] } }
  | { readonly kvlistValue: { readonly values: readonly Attribute[] } }

/** What a span takes over from its trace. */
export interface Inherited {
  readonly user_id: string | null
  readonly session_id: string | null
  readonly tags: readonly string[]
}

/** gen_ai.operation.name of the GenAI conventions 1.41; the last two are ours. */
const OPERATIONS: Readonly<Record<SpanKind, string>> = {
  llm: 'chat',
  embedding: 'embeddings',
  retrieval: 'retrieval',
  tool: 'execute_tool',
  agent: 'invoke_agent',
  chain: 'invoke_workflow',
  rerank: 'rerank',
  guardrail: 'apply_guardrail',
  evaluator: 'evaluate',
  other: 'other',
}

export function operationOf(kind: SpanKind): string {
  return OPERATIONS[kind]
}

/** What a span is that does not say so. */
export function kindOf(span: SpanInput): SpanKind {
  if (span.kind) return span.kind
  if (span.model || span.response_model || span.usage) return 'llm'
  if (span.documents) return 'retrieval'
  return span.spans?.length ? 'chain' : 'llm'
}

/** The span in the GenAI conventions of OpenTelemetry (1.41), as an instrumentation would have written it. */
export function spanAttributes(span: SpanInput, kind: SpanKind, inherited: Inherited): readonly Attribute[] {
  const usage = span.usage ? countsOf(span.usage) : {}
  const error = typeof span.error === 'object' ? span.error : undefined
  return [
    ...named({
      'gen_ai.operation.name': OPERATIONS[kind],
      'gen_ai.provider.name': span.provider,
      'gen_ai.request.model': span.model,
      'gen_ai.response.model': span.response_model,
      'gen_ai.response.id': span.response_id,
      'gen_ai.response.finish_reasons': span.finish_reason ? [span.finish_reason] : null,
      'gen_ai.response.time_to_first_chunk': inSeconds(span.time_to_first_token_ms),
      'gen_ai.usage.cost': span.cost_usd,
      'gen_ai.prompt.name': span.prompt?.name,
      'gen_ai.prompt.version': span.prompt?.version?.toString(),
      'gen_ai.conversation.id': span.session_id ?? inherited.session_id,
      'user.id': span.user_id ?? inherited.user_id,
      'evalforge.tags': inherited.tags.length > 0 ? inherited.tags : null,
      'error.type': error?.type,
    }),
    ...named(usage),
    ...named(requestParameters(span.parameters ?? {})),
    ...contentAttributes(span, kind),
    ...Object.entries(span.metadata ?? {}).flatMap(([key, value]) => attribute(`metadata.${key}`, value)),
  ]
}

function requestParameters(parameters: NonNullable<SpanInput['parameters']>): Record<string, unknown> {
  const { choice_count, output_type, ...rest } = parameters
  const requested = Object.entries(rest).map(([name, value]) => [`gen_ai.request.${name}`, value])
  return {
    ...Object.fromEntries(requested),
    'gen_ai.request.choice.count': choice_count,
    'gen_ai.output.type': output_type,
  }
}

/**
 * The counts of any provider, inclusive, as the conventions have them. Anthropic counts cached tokens beside
 * input_tokens (Messages API, "Usage"), and alone has a member cache_creation_input_tokens.
 */
function countsOf(usage: NonNullable<SpanInput['usage']>): Record<string, unknown> {
  const created = usage.cache_creation_input_tokens
  const cacheRead = usage.cache_read_input_tokens ?? detail(usage, 'prompt', 'input', 'cached_tokens')
  const cacheWrite = usage.cache_write_input_tokens ?? created
  const input = usage.input_tokens ?? usage.prompt_tokens
  const isExclusive = typeof created === 'number' && typeof input === 'number'
  return {
    'gen_ai.usage.input_tokens': isExclusive ? input + created + Number(cacheRead ?? 0) : input,
    'gen_ai.usage.output_tokens': usage.output_tokens ?? usage.completion_tokens,
    'gen_ai.usage.cache_read.input_tokens': cacheRead,
    'gen_ai.usage.cache_creation.input_tokens': cacheWrite,
    'gen_ai.usage.reasoning.output_tokens':
      usage.reasoning_output_tokens ?? detail(usage, 'completion', 'output', 'reasoning_tokens'),
  }
}

function detail(usage: NonNullable<SpanInput['usage']>, chat: string, responses: string, key: string): unknown {
  const details = usage[`${chat}_tokens_details`] ?? usage[`${responses}_tokens_details`]
  return isObject(details) ? details[key] : undefined
}

function contentAttributes(span: SpanInput, kind: SpanKind): readonly Attribute[] {
  const common = {
    'gen_ai.system_instructions': span.system_instructions ? json([textPart(span.system_instructions)]) : null,
    'gen_ai.tool.definitions': span.tools ? json(span.tools) : null,
    'gen_ai.tool.call.id': span.tool_call_id,
    'gen_ai.retrieval.documents': span.documents ? json(span.documents) : null,
  }
  if (kind === 'tool') {
    const called = {
      'gen_ai.tool.call.arguments': plainText(span.input),
      'gen_ai.tool.call.result': plainText(span.output),
    }
    return named({ ...common, 'gen_ai.tool.name': span.name, ...called })
  }
  const isLookup = (kind === 'retrieval' || kind === 'rerank') && !isMessages(span.input)
  return named({
    ...common,
    'gen_ai.agent.name': kind === 'agent' ? span.name : null,
    'gen_ai.workflow.name': kind === 'chain' ? span.name : null,
    'gen_ai.retrieval.query.text': isLookup ? plainText(span.input) : null,
    'gen_ai.input.messages': isLookup ? null : messages(span.input, 'user', []),
    'gen_ai.output.messages': messages(span.output, 'assistant', answerParts(span), span.finish_reason),
  })
}

function answerParts({ tool_calls }: SpanInput): readonly object[] {
  return (tool_calls ?? []).map(({ id, name, arguments: args }) => ({
    type: 'tool_call',
    ...(id && { id }),
    name,
    arguments: args ?? null,
  }))
}

/** Messages as they are; anything else as the text of one message, which is never taken for more than text. */
function messages(value: unknown, role: string, more: readonly object[], finish_reason?: string | null): string | null {
  const ending = finish_reason ? { finish_reason } : {}
  const extra = more.length > 0 ? [{ role, parts: more, ...ending }] : []
  if (isMessages(value)) return json([...value, ...extra])
  if (isObject(value) && typeof value.role === 'string') return json([{ ...ending, ...value }, ...extra])
  const text = plainText(value)
  if (text === null) return extra.length > 0 ? json(extra) : null
  return json([{ role, parts: [textPart(text), ...more], ...ending }])
}

const textPart = (content: string) => ({ type: 'text', content })
const json = (value: unknown) => JSON.stringify(value)

function plainText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : json(value)
}

function inSeconds(ms: number | null | undefined): number | null {
  return typeof ms === 'number' ? ms / 1000 : null
}

function named(values: Readonly<Record<string, unknown>>): readonly Attribute[] {
  return Object.entries(values).flatMap(([key, value]) => attribute(key, value))
}

export function attribute(key: string, value: unknown): readonly Attribute[] {
  const any = anyValue(value)
  return any === null ? [] : [{ key, value: any }]
}

/** JSON as AnyValue; null for null, which OTLP has no value for. */
function anyValue(value: unknown): AnyValue | null {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'number':
      return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value }
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
      return { kvlistValue: { values: named(value as Record<string, unknown>) } }
    default:
      return null
  }
}
