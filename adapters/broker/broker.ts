import type { TopicDefinition } from '../../schemas/topics.ts'

/**
 * The broker port: the conversation with a partitioned, durable log. Embedded segment files and Kafka both pass
 * `broker.contract.ts`. Offsets are bigint, headers are UTF-8 text, keys and values are bytes.
 */
export interface OutgoingRecord {
  /** Records with equal keys land on one partition, in order. null: any partition (sticky, changed now and then). */
  readonly key: Buffer | null
  /** null is a tombstone: it deletes the key on a compacted topic. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

export interface RecordPosition {
  readonly partition: number
  readonly offset: bigint
  /** Append time, ms since 1970: the broker's clock; before an earlier record of the partition only where that clock was corrected by minutes. */
  readonly timestamp_ms: number
}

export interface LogRecord extends OutgoingRecord, RecordPosition {
  readonly topic: string
}

/** A consumer group's place in a partition: the next offset to read, and the metadata kept with it (an intent, or ''). */
export interface Commit {
  readonly offset: bigint
  readonly metadata: string
}

export interface PartitionOffsets {
  readonly partition: number
  /** The first offset still on the log. */
  readonly start: bigint
  /** One behind the last durable record. */
  readonly end: bigint
}

export interface PartitionLag extends PartitionOffsets {
  /** null: the group never committed here. */
  readonly committed: bigint | null
  /** Records between the commit (or the start) and the end. */
  readonly lag: bigint
}

/** Where a consumer group stands. */
export interface GroupPlace {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

export interface GroupCommit extends GroupPlace {
  /** null: it subscribed and never committed; retention keeps everything for it. */
  readonly commit: Commit | null
  /** A subscription of this broker reads for the group. */
  readonly in_use: boolean
}

export interface PollOptions {
  /** A soft bound: at least one record is returned if there is one. */
  readonly max_bytes: number
  /** How long to wait for a first record; then []. */
  readonly max_wait_ms: number
}

/** One partition while this consumer owns it. Not calling `poll` is the pause. */
export interface AssignedPartition {
  readonly topic: string
  readonly partition: number
  /** The group's commit when the partition was assigned, with its metadata; null where there is none. */
  readonly committed: Commit | null
  /**
   * The next records in offset order, starting at the commit (or the start of the log), only durable ones. Rejects with
   * PARTITION_FENCED once the partition is being revoked (a poll that waits ends so too), OFFSET_OUT_OF_RANGE when
   * retention overtook the position, LOG_CORRUPT when a record is damaged. Keys and values are views of a larger
   * buffer: who keeps one for long copies it.
   */
  poll(options: PollOptions): Promise<readonly LogRecord[]>
  /** Continue from `offset`; the next poll returns the record with this offset or the next one that exists. */
  seek(offset: bigint): void
  /** Durable when it resolves; survives a restart with its metadata. Rejects with PARTITION_FENCED after revocation. */
  commit(commit: Commit): Promise<void>
}

export interface SubscribeOptions {
  readonly group: string
  readonly topics: readonly string[]
  /** Called for each partition that becomes ours. */
  assigned(partition: AssignedPartition): void
  /**
   * Called before a partition goes to another owner or the subscription closes: finish and commit what is in flight.
   * Until it resolves `commit` still works and nobody else gets the partition; afterwards the partition is fenced.
   */
  revoked(partition: AssignedPartition): Promise<void>
}

export interface Subscription {
  /** Revokes all partitions (draining each), then leaves the group. */
  close(): Promise<void>
}

export interface BrokerHealth {
  readonly healthy: boolean
  /** Why not; '' when healthy. */
  readonly reason: string
}

export interface Broker {
  /** Creates what is missing; safe to repeat. */
  ensureTopics(topics: readonly TopicDefinition[]): Promise<void>
  /**
   * Resolves when all records are durable; positions in the order of `records`. Rejects with retry `later` when some may
   * not be (repeating may duplicate: readers must tolerate it).
   */
  produce(topic: string, records: readonly OutgoingRecord[]): Promise<readonly RecordPosition[]>
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** Reads records [start, end) of a partition without a group, at most about `max_bytes`; [] at the end of the log. */
  fetch(
    topic: string,
    partition: number,
    start: bigint,
    options: { end?: bigint; max_bytes: number },
  ): Promise<readonly LogRecord[]>
  offsets(topic: string): Promise<readonly PartitionOffsets[]>
  committed(group: string, topic: string, partition: number): Promise<Commit | null>
  lag(group: string, topic: string): Promise<readonly PartitionLag[]>
  /** Every group that ever subscribed and was not dropped, with all its places. */
  groups(): Promise<readonly GroupCommit[]>
  /** Moves a group that nothing reads for; GROUP_IN_USE otherwise. Durable when it resolves. */
  moveGroup(place: GroupPlace, commit: Commit): Promise<void>
  /** Forgets a group that nothing reads for, so that it holds back retention no more; GROUP_IN_USE otherwise. */
  dropGroup(group: string): Promise<void>
  /** Bytes on disk, by partition. */
  bytes(topic: string): Promise<readonly number[]>
  health(): Promise<BrokerHealth>
  /** Drains subscriptions, flushes, closes. Safe to repeat. */
  close(): Promise<void>
}
