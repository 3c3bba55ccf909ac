/** What `evalforge demo --json` prints; additive changes only. */
export interface DemoResult {
  readonly spans_sent: number
  /** Distinct (project, trace, span) in view spans. */
  readonly spans_stored: number
  /** Judge × span. */
  readonly evaluations: number
  readonly log_records_sent: number
  readonly dead_letters: number
  readonly lost: number
  readonly duplicated: number
  readonly sdks: number
  readonly accepted_to_queryable_ms: { readonly p50: number; readonly p95: number; readonly p99: number }
  /** From the start of the command until the collectors listened, and until the first span was queryable. */
  readonly ready_ms: number
  readonly first_rows_ms: number
}
