import type { LlmSpan } from './llm-span.ts'

/** Why a unit is judged once more, or for the first time as a whole. */
export const REQUEST_REASONS = ['late_content', 'trace_complete'] as const
export type RequestReason = (typeof REQUEST_REASONS)[number]

/**
 * A unit that is to be judged, with all that its judges will see: whoever judges asks nobody else, so that a replay gives
 * the same verdicts. Shape of `schemas/avro/judge-request.avsc`, topic `judge_requests`.
 */
export interface JudgeRequest {
  readonly project: string
  readonly unit: 'span' | 'trace'
  readonly reason: RequestReason
  readonly trace_id: string
  /** '' for a trace. */
  readonly span_id: string
  /** ns since 1970: of the span, or of the first span of the trace. */
  readonly start_time: bigint
  /** revision << 48 | append time in ms of the span, or of the last span of the trace. */
  readonly version: bigint
  /** The span with its content; or the spans of the trace in the order of their start. */
  readonly spans: readonly LlmSpan[]
  /** Of the whole trace; 1 for a span. */
  readonly span_count: number
  /** Spans or texts are missing because there were too many. */
  readonly cut: boolean
}
