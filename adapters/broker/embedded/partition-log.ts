import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { RecordPosition } from '../broker.ts'
import { type AppendGroup, createAppendQueue } from './append-queue.ts'
import type { FileSystem, LogFile } from './file-system.ts'
import type { TopicEnds } from './published-ends.ts'
import type { SizedRecord } from './record-format.ts'
import { recoverPartition, type Segment } from './recovery.ts'
import { segmentPath } from './segment-files.ts'

export interface PartitionLogOptions {
  readonly directory: string
  readonly topic: string
  readonly partition: number
  readonly segment_bytes: number
  /** At most this much goes out in one write; at most `max_waiting_bytes` may wait for their turn. */
  readonly max_group_bytes: number
  readonly max_waiting_bytes: number
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly ends: TopicEnds
  /** Told of every change in bytes on disk. */
  onBytes(change: number): void
  /** A segment was closed; the log goes on in a new one. */
  onRoll(): void
  /** A flush failed: the log must not be written any more. */
  onFatal(error: CodedError): void
}

/** The one writer of a partition: appends in groups, one write and one flush each. */
export interface PartitionLog {
  readonly topic: string
  readonly partition: number
  /** Durable when it resolves. */
  append(records: readonly SizedRecord[]): Promise<RecordPosition[]>
  /** Closes the current segment, if it holds anything, once the group being written is done. */
  roll(): Promise<void>
  readonly closed: readonly Segment[]
  active(): Segment | null
  end(): number
  /** Append time of the last record, 0 before the first. */
  timestamp_ms(): number
  /** Takes the oldest closed segment off the log. The directory is not synced: a segment may come back, never go. */
  dropOldest(): Promise<void>
  /** After compaction: a closed segment has `bytes` left; 0 takes it off the log. */
  shrink(base: number, bytes: number): Promise<void>
  /** Waits for everything appended so far. */
  close(): Promise<void>
}

interface Active {
  readonly file: LogFile
  segment: Segment
}

export async function openPartitionLog(options: PartitionLogOptions): Promise<PartitionLog> {
  const { directory, topic, partition, fileSystem, clock, ends } = options
  const recovered = await recoverPartition(fileSystem, directory, ends.recorded(partition))
  const closed = recovered.closed
  let active: Active | null = recovered.active
  let end = recovered.end
  let timestamp_ms = recovered.timestamp_ms
  let failure: CodedError | null = null
  const queue = createAppendQueue({ ...options, name: `${topic}/${partition}` })
  let rollWanted = false
  let writing: Promise<void> | null = null
  options.onBytes(closed.reduce((sum, segment) => sum + segment.bytes, active?.segment.bytes ?? 0))
  if (active !== null) publish(active.segment)

  function publish(segment: Segment): void {
    try {
      ends.publish(partition, { end, base: segment.base, size: segment.bytes, timestamp_ms })
    } catch (cause) {
      throw fail('Publishing the end of', cause)
    }
  }

  function where(): string {
    return `${topic}/${partition}`
  }

  function fail(doing: string, cause: unknown): CodedError {
    failure = new CodedError('BROKER_FAILED', `${doing} ${where()} failed; the log of this process stops.`, { cause })
    options.onFatal(failure)
    return failure
  }

  /** Appends that arrive in one turn of the event loop share the first group. */
  function start(): Promise<void> {
    writing ??= Promise.resolve().then(writeWaiting)
    return writing
  }

  async function writeWaiting(): Promise<void> {
    while (!queue.isEmpty() || rollWanted) {
      if (rollWanted && active !== null && active.segment.bytes > 0) await startSegment().catch(() => {})
      rollWanted = false
      const group = queue.take()
      if (group !== null) await writeGroup(group)
    }
    writing = null
  }

  async function writeGroup(group: AppendGroup): Promise<void> {
    try {
      if (failure !== null) throw failure
      await writeDurably(await segmentFor(group.bytes), group)
    } catch (error) {
      group.reject(error)
    }
  }

  async function segmentFor(bytes: number): Promise<Active> {
    if (active !== null && (active.segment.bytes === 0 || active.segment.bytes + bytes <= options.segment_bytes)) {
      return active
    }
    return startSegment()
  }

  async function startSegment(): Promise<Active> {
    const path = segmentPath(directory, end)
    let file: LogFile
    try {
      file = await fileSystem.open(path, 'create')
    } catch (cause) {
      throw new CodedError('LOG_WRITE_FAILED', `Starting segment ${path} failed.`, { cause })
    }
    try {
      await fileSystem.syncDirectory(directory)
    } catch (cause) {
      await file.close()
      throw fail('Flushing the directory of', cause)
    }
    const previous = active
    active = { file, segment: { base: end, bytes: 0, first_timestamp_ms: 0 } }
    if (previous !== null) closed.push(previous.segment)
    publish(active.segment)
    await previous?.file.close()
    if (previous !== null) options.onRoll()
    return active
  }

  async function writeDurably(target: Active, group: AppendGroup): Promise<void> {
    const { segment, file } = target
    const time = appendTime(timestamp_ms, clock.now())
    try {
      const written = await file.write(group.encode(end, time), segment.bytes)
      if (written !== group.bytes) throw new Error(`only ${written} of ${group.bytes} bytes were taken`)
    } catch (cause) {
      await file.truncate(segment.bytes).catch((error: unknown) => {
        throw fail('Cutting off a failed write of', error)
      })
      throw new CodedError('LOG_WRITE_FAILED', `Writing ${group.bytes} bytes to ${where()} failed.`, { cause })
    }
    try {
      await file.datasync()
    } catch (cause) {
      throw fail('Flushing', cause)
    }
    const first_timestamp_ms = segment.bytes === 0 ? time : segment.first_timestamp_ms
    target.segment = { base: segment.base, bytes: segment.bytes + group.bytes, first_timestamp_ms }
    timestamp_ms = time
    options.onBytes(group.bytes)
    const first = end
    end += group.records
    publish(target.segment)
    group.resolve(partition, first, time)
  }

  return {
    topic,
    partition,
    closed,
    append(records) {
      if (failure !== null) return Promise.reject(failure)
      const appended = queue.push(records)
      void start()
      return appended
    },
    roll() {
      rollWanted = true
      return start()
    },
    active: () => active?.segment ?? null,
    end: () => end,
    timestamp_ms: () => timestamp_ms,
    async dropOldest() {
      const oldest = closed.shift()
      if (oldest === undefined) return
      options.onBytes(-oldest.bytes)
      await fileSystem.remove(segmentPath(directory, oldest.base))
    },
    async shrink(base, bytes) {
      const index = closed.findIndex((segment) => segment.base === base)
      const segment = closed[index]!
      options.onBytes(bytes - segment.bytes)
      if (bytes > 0) closed[index] = { ...segment, bytes }
      else {
        closed.splice(index, 1)
        await fileSystem.remove(segmentPath(directory, base))
      }
    },
    async close() {
      while (writing !== null) await writing
      await active?.file.close()
      active = null
    },
  }
}

/** A clock that stepped back so far was wrong before: keeping its time would put every new span out of range. */
const CORRECTED_CLOCK_MS = 10 * 60_000

/** Never before the last record, unless the clock was corrected. */
export function appendTime(last_ms: number, now: number): number {
  const now_ms = Math.floor(now)
  return last_ms - now_ms > CORRECTED_CLOCK_MS ? now_ms : Math.max(last_ms, now_ms)
}
