import type { Broker } from './broker.ts'

export interface OffsetRange {
  readonly topic: string
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
}

/**
 * The first record of [start, end) appended at or after `time_ms`, by halving; `end` where there is none. Append times
 * hardly ever go back (RecordPosition); where they did, a place near by.
 */
export async function offsetAt(
  broker: Pick<Broker, 'fetch'>,
  { topic, partition, start, end }: OffsetRange,
  time_ms: number,
): Promise<bigint> {
  let [low, high] = [start, end]
  while (low < high) {
    const middle = (low + high) / 2n
    const [record] = await broker.fetch(topic, partition, middle, { end, max_bytes: 1 })
    if (record === undefined || record.timestamp_ms >= time_ms) high = middle
    else low = record.offset + 1n
  }
  return low
}
