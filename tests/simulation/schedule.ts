import type { Moment, Role, Step } from './machine.ts'
import type { InsertFate } from './store/store-model.ts'

/** How large and how patient the pipeline of a schedule is. */
export interface Shape {
  readonly partitions: number
  readonly segment_bytes: number
  readonly retention_bytes: number
  readonly retention_ms: number
  readonly flush_interval_ms: number
  readonly max_items: number
  /** Larger requests are cut into several records. */
  readonly max_record_bytes: number
  /** Insert tokens that the store remembers per table. */
  readonly token_window: number
  /** Also writes the topic llm_spans. */
  readonly deliver_spans: boolean
  /** The machine's clock at the beginning, ms since 1970. */
  readonly start_ms: number
}

export interface PlannedSpan {
  /** Number of its trace and of itself; ids are made of them. */
  readonly trace: number
  readonly span: number
  /** 0: none. */
  readonly parent: number
  /** When it starts, relative to the beginning of the schedule. */
  readonly start_ms: number
  /** A span sent before it ends, to be replaced when it is sent again. */
  readonly is_finished: boolean
}

export interface PlannedRequest {
  readonly at_ms: number
  readonly spans: readonly PlannedSpan[]
  /** truncated: refused by the collector. unreadable: put on the log as another writer could. */
  readonly kind: 'protobuf' | 'json' | 'truncated' | 'unreadable'
  /** So many answers are lost on the way back, and the sender sends again. */
  readonly lost_answers: number
  /** Sent once more so long after it was acknowledged; 0: not. */
  readonly repeat_after_ms: number
}

export type Fault = { readonly at_ms: number } & (
  | { readonly kind: 'kill' | 'restart'; readonly role: Role }
  | {
      readonly kind: 'kill_at'
      readonly role: Role
      readonly step: Step
      readonly nth: number
      readonly moment: Moment
    }
  | { readonly kind: 'power_loss' }
  | { readonly kind: 'halt'; readonly role: Role; readonly for_ms: number }
  | { readonly kind: 'deploy'; readonly version: number; readonly config: number; readonly drain: boolean }
  | { readonly kind: 'configure'; readonly config: number }
  | { readonly kind: 'clock_jump'; readonly by_ms: number }
  | { readonly kind: 'store_refuses' | 'store_hangs' | 'store_crash' | 'disk_full'; readonly for_ms: number }
  | { readonly kind: 'insert'; readonly table: string; readonly fate: InsertFate; readonly delay_ms: number }
  | { readonly kind: 'fail_sync' | 'short_write'; readonly topic: string }
  | { readonly kind: 'slow'; readonly path: string; readonly factor: number; readonly for_ms: number }
  | { readonly kind: 'member'; readonly joins: boolean }
  | { readonly kind: 'flip_bit'; readonly for_ms: number }
  /** No fault: an operator runs `ledger --full`. */
  | { readonly kind: 'reconcile' }
)

/** Everything that happens in one run. Its seed also decides every latency, so that it happens again in the same way. */
export interface Schedule {
  readonly seed: number
  /** The generator that made it. */
  readonly name: string
  readonly shape: Shape
  readonly requests: readonly PlannedRequest[]
  readonly faults: readonly Fault[]
}
