import type { ErrorCode } from './errors.ts'

/** A record as a source hands it over. `append_time` rules of guarantees.md: `timestamp_ms` is the record's append time. */
export interface SourceRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly timestamp_ms: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

export interface Position {
  readonly offset: bigint
  readonly metadata: string
}

/** One partition of a topic as a pipeline reads it; the broker port's AssignedPartition is one. */
export interface PartitionSource {
  readonly topic: string
  readonly partition: number
  readonly committed: Position | null
  poll(options: { max_bytes: number; max_wait_ms: number }): Promise<readonly SourceRecord[]>
  seek(offset: bigint): void
  commit(position: Position): Promise<void>
}

/** What can never succeed: goes to dead_letters with its bytes. */
export interface Reject {
  readonly code: ErrorCode
  /** Never quotes customer text. */
  readonly message: string
  readonly component: string
  /** What is needed to replay it: the whole record, or a record with the one span. */
  readonly value: Uint8Array
  /** Place within the record; makes the dead letter's id deterministic. */
  readonly index: number
}

/** Outcomes of one record. Bugs are exceptions and become a reject of the whole record. */
export interface Processed<Item> {
  readonly items: readonly Item[]
  readonly rejects: readonly Reject[]
}

/** A chain of processors: pure in the record's bytes, append time and the versions in RangeIdentity. */
export interface Chain<Item> {
  readonly name: string
  process(record: SourceRecord): Processed<Item>
}

/** What a range is rebuilt with; a deploy or a configuration change makes another one. */
export interface RangeIdentity {
  readonly pipeline_version: string
  readonly config_offset: bigint
}

/** A chain, and the version that it is: what is stamped on everything that comes out of it. */
export interface ChainVersion<Item> {
  readonly identity: RangeIdentity
  readonly chain: Chain<Item>
}

/** Which version of its chain a pipeline runs. A range is of one version from its first record to its last. */
export interface ChainVersions<Item> {
  /** The one in force. Asked at every record: answers at once, and with the same object until another one is in force. */
  current(): ChainVersion<Item>
  /** The one that a range was begun with; null where it cannot be had any more. May read and build it. */
  find(identity: RangeIdentity): Promise<ChainVersion<Item> | null>
}

/** Records [start, end) of one partition, delivered and committed together. */
export interface Range extends RangeIdentity {
  readonly topic: string
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
  /** Append times of the first and last record, ms since 1970. */
  readonly first_append_time: number
  readonly last_append_time: number
  readonly records: number
  readonly items: number
  readonly rejects: number
}

/** One end of a pipeline: a table, a topic. `open` starts what one range writes, all of it with one identity. */
export interface Delivery<Item> {
  readonly name: string
  open(identity: RangeIdentity): OpenDelivery<Item>
}

export interface OpenDelivery<Item> {
  /** Takes an item in; a throw leaves no trace of the item here. */
  add(item: Item, record: SourceRecord): void
  /** Called at micro-batch borders (≤ 50 ms): send what need not wait for the range to close. */
  advance?(): void
  /**
   * Resolves when everything added is durable. Idempotent for an equal range (guarantees.md, "How", 3). A passing trouble
   * throws with retry `later`; it is called again with the same range until it resolves or the pipeline stops.
   */
  deliver(range: Range): Promise<void>
}
