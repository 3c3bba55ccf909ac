import { type LlmSpan, TOKEN_COUNTS } from './llm-span.ts'

/** What a log record can say about its span; a field that it does not say is absent. */
export const FACT_FIELDS = [
  'system_instructions',
  'input_messages',
  'output_messages',
  'tool_definitions',
  'query',
  'documents',
  'finish_reasons',
  'provider',
  'request_model',
  'response_model',
  'response_id',
  ...TOKEN_COUNTS,
  'error_type',
  'error_message',
  'session_id',
  'user_id',
  'reported_evaluations',
] as const satisfies readonly (keyof LlmSpan)[]

export type FactContent = Partial<Pick<LlmSpan, (typeof FACT_FIELDS)[number]>>

/** One log record about a span: an idempotent fact, known by the bytes it came in. Table `content_facts`. */
export interface ContentFact {
  readonly project: string
  readonly trace_id: string
  readonly span_id: string
  /** 32 hex digits of the SHA-256 of the record's bytes and how many equal ones stand before it in its request. */
  readonly fact_id: string
  /** Append time of its request, ms since 1970. */
  readonly received_at: number
  /** The record's own time, where it gave none that of its observation or its append; ns since 1970. */
  readonly time: bigint
  /** Place in its request. */
  readonly ordinal: number
  readonly event_name: string
  readonly content: FactContent
}
