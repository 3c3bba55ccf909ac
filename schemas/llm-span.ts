import type { Evaluation } from './evaluation.ts'

/**
 * The canonical span: what every judge, table and topic sees, whatever SDK sent it. Shape of `schemas/avro/llm-span.avsc`.
 * '' and [] mean absent for text and lists; null means unknown for numbers (never 0).
 */
export const SPAN_KINDS = [
  'llm',
  'embedding',
  'retrieval',
  'tool',
  'agent',
  'chain',
  'rerank',
  'guardrail',
  'evaluator',
  'other',
] as const
export type SpanKind = (typeof SPAN_KINDS)[number]

export const PART_TYPES = [
  'text',
  'reasoning',
  'tool_call',
  'tool_call_response',
  'media',
  'refusal',
  'generic',
] as const
export type PartType = (typeof PART_TYPES)[number]

/** One part of a message. Media are references, never bytes. */
export interface MessagePart {
  readonly type: PartType
  /** text, reasoning and refusal: the text. tool_call: its arguments, as JSON text. tool_call_response: its result, as text or JSON. generic: JSON. */
  readonly content: string
  /** Id of the tool call. */
  readonly id: string
  /** Name of the tool. */
  readonly name: string
  /** media: e.g. image/png, or the modality (`image`) where the type is unknown. */
  readonly mime_type: string
  /** media: the URL or file id; `sha256:<hex>` for inlined bytes. */
  readonly uri: string
}

export interface Message {
  /** system, user, assistant, tool, or what the sender wrote. */
  readonly role: string
  readonly name: string
  readonly parts: readonly MessagePart[]
  readonly finish_reason: string
}

export interface RetrievedDocument {
  readonly id: string
  readonly content: string
  readonly score: number | null
}

/** Sampling parameters of the request; null where the sender gave none. */
export interface RequestParameters {
  readonly temperature: number | null
  readonly top_p: number | null
  readonly top_k: number | null
  readonly max_tokens: number | null
  readonly seed: number | null
  readonly frequency_penalty: number | null
  readonly presence_penalty: number | null
  readonly choice_count: number | null
  readonly stop_sequences: readonly string[]
  readonly stream: boolean | null
  /** gen_ai.output.type: text, json, image, speech; '' where unknown. */
  readonly output_type: string
}

export const NO_PARAMETERS: RequestParameters = {
  temperature: null,
  top_p: null,
  top_k: null,
  max_tokens: null,
  seed: null,
  frequency_penalty: null,
  presence_penalty: null,
  choice_count: null,
  stop_sequences: [],
  stream: null,
  output_type: '',
}

/**
 * Inclusive counts: cache reads and writes are part of `input_tokens`, reasoning is part of `output_tokens`, whatever the
 * SDK's habit.
 */
export interface TokenUsage {
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly cache_read_input_tokens: number | null
  readonly cache_write_input_tokens: number | null
  readonly reasoning_output_tokens: number | null
}

/** The fields of TokenUsage. */
export const TOKEN_COUNTS = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_write_input_tokens',
  'reasoning_output_tokens',
] as const satisfies readonly (keyof TokenUsage)[]

export interface LlmSpan extends TokenUsage {
  readonly project: string
  readonly trace_id: string
  readonly span_id: string
  /** '' for a root. */
  readonly parent_span_id: string
  /** revision << 48 | append time in ms (guarantees.md, "How", 2). */
  readonly version: bigint
  /** Append time of the record on the log, ms since 1970. */
  readonly received_at: number
  /** The adapter that read it: otel_genai, openinference, openllmetry, vercel_ai, langfuse, claude_code, or generic. */
  readonly dialect: string
  readonly name: string
  readonly kind: SpanKind
  /** gen_ai.operation.name, where known. */
  readonly operation: string
  /** A call of a model that may cost money: it counts unless another call lies directly inside it. */
  readonly is_call: boolean
  readonly scope_name: string
  readonly scope_version: string
  readonly sdk_language: string
  readonly service_name: string
  readonly environment: string
  readonly release: string

  /** ns since 1970; inferred where the sender gave none (`time_inferred`). */
  readonly start_time: bigint
  /** ns since 1970, never before start_time; equal to it where unknown. */
  readonly end_time: bigint
  readonly time_inferred: boolean
  readonly time_to_first_token_ms: number | null

  readonly provider: string
  readonly request_model: string
  readonly response_model: string
  readonly response_id: string
  readonly parameters: RequestParameters
  readonly finish_reasons: readonly string[]

  readonly system_instructions: string
  readonly input_messages: readonly Message[]
  readonly output_messages: readonly Message[]
  /** JSON text of the tool definitions, '' where absent. */
  readonly tool_definitions: string
  /** Whether the sender captured content at all; a judge never calls an uncaptured text empty. */
  readonly input_captured: boolean
  readonly output_captured: boolean
  readonly query: string
  readonly documents: readonly RetrievedDocument[]

  /** What an agent, chain or workflow span says its children used; never summed. */
  readonly reported_input_tokens: number | null
  readonly reported_output_tokens: number | null
  /** From our prices; null where the model or the usage is unknown. */
  readonly cost_usd: number | null
  /** What the sender says it cost. */
  readonly reported_cost_usd: number | null
  /** Version of the price list, '' where none was applied. */
  readonly price_version: string

  readonly status: 'unset' | 'ok' | 'error'
  readonly error_type: string
  readonly error_message: string

  readonly session_id: string
  readonly user_id: string
  readonly agent_name: string
  readonly workflow_name: string
  readonly tool_name: string
  readonly tool_call_id: string
  readonly prompt_name: string
  readonly prompt_version: string
  readonly tags: readonly string[]
  /** What another system said about this span (`gen_ai.evaluation.result`): evaluations of tier `external`. */
  readonly reported_evaluations: readonly Evaluation[]
  /** Attributes no field above took, values as text (JSON for lists and maps). */
  readonly attributes: ReadonlyMap<string, string>
}

export const REVISION_UNFINISHED = 0
export const REVISION_FINISHED = 1

/** Higher for fuller input, equal on replay. `received_at` is the record's append time in ms (< 2^48). */
export function spanVersion(revision: number, received_at: number): bigint {
  return (BigInt(revision) << 48n) | BigInt(received_at)
}
