import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { PartitionLog } from './partition-log.ts'

export interface RetentionOptions {
  readonly retention_ms: number
  readonly retention_bytes: number
  readonly clock: Clock
  /** Bytes of all topics this broker writes. */
  bytes(): number
  /** The partitions whose records are deleted by age and size. */
  logs(): readonly PartitionLog[]
  /** Brings `slowest` up to date. */
  refreshCommits(): Promise<void>
  slowest(topic: string, partition: number): number
  /** After deletions: makes them durable. */
  syncDirectory(log: PartitionLog): Promise<void>
  /** A sweep failed: what producers are told. */
  onFailure(error: unknown): CodedError
}

export interface Retention {
  /** Resolves when `incoming` bytes fit, or nothing else is there; LOG_FULL when they do not and nothing may be deleted. */
  admit(incoming: number): Promise<void>
  /** Deletes what is too old or too much. */
  sweep(incoming?: number): Promise<void>
  /** Resolves when no sweep is under way. */
  settled(): Promise<void>
}

/** An open segment is closed after this part of the retention, so that quiet topics age out in time as well. */
const SEGMENT_SHARE_OF_RETENTION = 7
/** After a sweep that could not make room, how long producers are refused without another. */
const REFUSE_MS = 250

/** Deletes whole segments, oldest first, and never one that a subscribed group has yet to read. */
export function createRetention(options: RetentionOptions): Retention {
  const { clock, retention_ms, retention_bytes } = options
  let sweeping: Promise<void> | null = null
  let fullUntil = 0

  function isConsumed(log: PartitionLog, end: number): boolean {
    return end <= options.slowest(log.topic, log.partition)
  }

  /** End and last append time of the oldest closed segment; its records are at most as late as the next one's first. */
  function oldest(log: PartitionLog) {
    const [segment, following] = log.closed
    if (segment === undefined) return null
    const next = following ?? log.active()
    const timestamp_ms = next === null || next.bytes === 0 ? log.timestamp_ms() : next.first_timestamp_ms
    return { end: next?.base ?? log.end(), timestamp_ms }
  }

  async function deleteByAge(log: PartitionLog): Promise<boolean> {
    const now = clock.now()
    const active = log.active()
    const rollBefore = now - retention_ms / SEGMENT_SHARE_OF_RETENTION
    if (active !== null && active.bytes > 0 && active.first_timestamp_ms < rollBefore) await log.roll()
    let deleted = false
    for (let next = oldest(log); next !== null; next = oldest(log)) {
      if (next.timestamp_ms >= now - retention_ms || !isConsumed(log, next.end)) break
      await log.dropOldest()
      deleted = true
    }
    return deleted
  }

  /** The partition whose oldest closed segment may go and is the oldest of all. */
  function nextBySize(): PartitionLog | null {
    let found: { log: PartitionLog; timestamp_ms: number } | null = null
    for (const log of options.logs()) {
      const next = oldest(log)
      if (next === null || !isConsumed(log, next.end)) continue
      if (found === null || next.timestamp_ms < found.timestamp_ms) found = { log, timestamp_ms: next.timestamp_ms }
    }
    return found?.log ?? null
  }

  /** Closes the largest open segment that everybody has read, to be deleted. */
  async function closeLargest(): Promise<boolean> {
    let largest: PartitionLog | null = null
    for (const log of options.logs()) {
      if ((log.active()?.bytes ?? 0) > (largest?.active()?.bytes ?? 0) && isConsumed(log, log.end())) largest = log
    }
    const base = largest?.active()?.base
    await largest?.roll()
    return largest !== null && largest.active()?.base !== base
  }

  /** What is larger than the whole log would be refused for ever; one such append is let in where nothing else is. */
  function isEmpty(): boolean {
    return options.logs().every((log) => log.closed.length === 0 && (log.active()?.bytes ?? 0) === 0)
  }

  async function sweepNow(incoming: number): Promise<void> {
    await options.refreshCommits()
    const changed = new Set<PartitionLog>()
    for (const log of options.logs()) if (await deleteByAge(log)) changed.add(log)
    while (options.bytes() + incoming > retention_bytes) {
      const log = nextBySize()
      if (log === null) {
        if (await closeLargest()) continue
        break
      }
      await log.dropOldest()
      changed.add(log)
    }
    for (const log of changed) await options.syncDirectory(log)
  }

  function sweep(incoming = 0): Promise<void> {
    sweeping ??= sweepNow(incoming)
      .catch((error: unknown) => {
        throw options.onFailure(error)
      })
      .finally(() => {
        sweeping = null
      })
    return sweeping
  }

  return {
    sweep,
    settled: async () => {
      await sweeping?.catch(() => {})
    },
    async admit(incoming) {
      if (options.bytes() + incoming <= retention_bytes) return
      if (clock.monotonic() >= fullUntil) {
        await sweep(incoming)
        if (options.bytes() + incoming <= retention_bytes || isEmpty()) return
        fullUntil = clock.monotonic() + REFUSE_MS
      }
      throw new CodedError(
        'LOG_FULL',
        `The log holds ${options.bytes()} of ${retention_bytes} bytes, all still needed.`,
      )
    },
  }
}
