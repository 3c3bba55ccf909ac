import { crc32c } from '@node-rs/crc32'
import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { OutgoingRecord, RecordPosition } from '../broker.ts'
import type { PartitionLog } from './partition-log.ts'
import { type SizedRecord, sizeRecord } from './record-format.ts'
import type { Topic } from './topic.ts'

/** How long records without a key stay on one partition, so that consumers get them in large batches. */
const STICKY_MS = 1000
const STICKY_BYTES = 16 << 20

export interface ProducerOptions {
  readonly clock: Clock
  readonly max_record_bytes: number
  readonly max_group_bytes: number
  /** null when there is room; else resolves when there is, or rejects with LOG_FULL. */
  admit(topic: Topic, bytes: number): Promise<void> | null
}

export type Produce = (topic: Topic, records: readonly OutgoingRecord[]) => Promise<readonly RecordPosition[]>

/** Chooses a partition for each record and appends each partition's records in order. */
export function createProducer(options: ProducerOptions): Produce {
  const { clock } = options
  const sticky = new Map<Topic, { partition: number; until: number; bytes: number }>()

  function partitionWithoutKey(topic: Topic, bytes: number): number {
    const now = clock.monotonic()
    const current = sticky.get(topic)
    if (current !== undefined && now < current.until && current.bytes < STICKY_BYTES) {
      current.bytes += bytes
      return current.partition
    }
    const partition = current === undefined ? 0 : (current.partition + 1) % topic.partitions
    sticky.set(topic, { partition, until: now + STICKY_MS, bytes })
    return partition
  }

  function check(topic: Topic, record: SizedRecord): void {
    if (record.bytes > options.max_record_bytes) {
      const message = `A record of ${record.bytes} bytes for ${topic.name} exceeds ${options.max_record_bytes}.`
      throw new CodedError('RECORD_INVALID', message)
    }
    if (topic.cleanup === 'compact' && record.key === null) {
      throw new CodedError('RECORD_INVALID', `A record for the compacted topic ${topic.name} has no key.`)
    }
  }

  return async function produce(topic, records) {
    const { logs } = topic
    if (logs === null) throw new CodedError('TOPIC_READ_ONLY', `${topic.name} is written by another process.`)
    let bytes = 0
    const sized = records.map((record) => {
      const one = sizeRecord(record)
      check(topic, one)
      bytes += one.bytes
      return one
    })
    const room = options.admit(topic, bytes)
    if (room !== null) await room

    const partitions = sized.map((record) =>
      record.key === null ? partitionWithoutKey(topic, record.bytes) : crc32c(record.key) % topic.partitions,
    )
    const [first] = partitions
    if (bytes <= options.max_group_bytes && partitions.every((partition) => partition === first)) {
      return logs[first!]!.append(sized)
    }
    return appendAll(logs, sized, { partitions, max_group_bytes: options.max_group_bytes })
  }
}

async function appendAll(
  logs: readonly PartitionLog[],
  sized: readonly SizedRecord[],
  { partitions, max_group_bytes }: { partitions: readonly number[]; max_group_bytes: number },
): Promise<RecordPosition[]> {
  const positions = new Array<RecordPosition>(sized.length)
  async function append(log: PartitionLog, indexes: readonly number[]): Promise<void> {
    const appended = await log.append(indexes.map((index) => sized[index]!))
    indexes.forEach((index, place) => {
      positions[index] = appended[place]!
    })
  }
  const appends = logs.flatMap((log, partition) => {
    const indexes = [...partitions.keys()].filter((index) => partitions[index] === partition)
    return split(indexes, sized, max_group_bytes).map((part) => append(log, part))
  })
  // All settle before the answer, so that a failed call has nothing left under way.
  for (const result of await Promise.allSettled(appends)) if (result.status === 'rejected') throw result.reason
  return positions
}

/** Parts of at most `bytes`, so that one large call cannot make a segment or a write without bound. */
function split(indexes: readonly number[], sized: readonly SizedRecord[], bytes: number): number[][] {
  const parts: number[][] = []
  let sum = Number.POSITIVE_INFINITY
  for (const index of indexes) {
    sum += sized[index]!.bytes
    if (sum > bytes) {
      parts.push([])
      sum = sized[index]!.bytes
    }
    parts.at(-1)!.push(index)
  }
  return parts
}
