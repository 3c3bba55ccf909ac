import type { Evaluation, Tier } from './evaluation.ts'

/** What one tier of judges said about one unit. Shape of `schemas/avro/evaluation.avsc`, topic `evaluations`. */
export interface EvaluationRecord {
  readonly project: string
  readonly unit: 'span' | 'trace' | 'session'
  readonly session_id: string
  readonly trace_id: string
  /** '' for traces and sessions. */
  readonly span_id: string
  /** ns since 1970: of the span, or of the first span of the trace or session. */
  readonly start_time: bigint
  /** revision << 48 | append time in ms. */
  readonly version: bigint
  readonly revision: number
  readonly tier: Tier
  /** Version of the project configuration that was applied. */
  readonly config_version: string
  /** With which probability this unit was chosen for these judges, (0, 1]; null where people or feedback chose it. */
  readonly sampling_probability: number | null
  readonly evaluations: readonly Evaluation[]
}
