import type { EvaluationRecord } from './evaluation-record.ts'
import type { JudgedSpan } from './judged-span.ts'

/** A call inside which, however deep, another call lies: it must not be counted as well. */
export interface EnclosingCall {
  readonly span_id: string
  /** ns since 1970. */
  readonly start_time: bigint
}

/** The version of the configuration is the range's, which it is written in. */
export type UnitEvaluation = Omit<EvaluationRecord, 'config_version'>

/** A whole trace as its judges see it. */
export interface JudgedTrace {
  readonly record: UnitEvaluation
  readonly enclosing_calls: readonly EnclosingCall[]
}

/** What comes of a judge request. */
export type JudgedUnit =
  | { readonly unit: 'span'; readonly judged: JudgedSpan }
  | { readonly unit: 'trace'; readonly judged: JudgedTrace }
