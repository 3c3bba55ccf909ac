import type { InjectedFault } from './faults.ts'

/** A fault as it was injected, and whether its query shows it: null where too few spans were affected to tell. */
export interface RevealedFault extends InjectedFault {
  readonly revealed: boolean | null
  /** First rows of the query's answer. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** What `evalforge seed --json` prints; additive changes only. */
export interface SeedResult {
  readonly seed: number
  readonly from: string
  readonly until: string
  readonly project: string
  /** First 8 hex digits of every trace id of this history. */
  readonly trace_prefix: string
  readonly spans_sent: number
  readonly traces_sent: number
  /** Spans in requests that were sent again on purpose. */
  readonly spans_repeated: number
  readonly log_records_sent: number
  readonly spans_stored: number
  readonly lost: number
  readonly duplicated: number
  readonly retries: number
  readonly seconds_sending: number
  /** From the first request until everything was queryable. */
  readonly seconds_total: number
  readonly spans_per_second: number
  readonly faults: readonly RevealedFault[]
}
