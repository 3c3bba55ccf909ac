import { CodedError } from '../../../core/errors.ts'
import type { RecordPosition } from '../broker.ts'
import { encodeRecord, isLarge, type SizedRecord, scratchBytes } from './record-format.ts'

/** Appends that go out in one write and one flush. */
export interface AppendGroup {
  readonly bytes: number
  readonly records: number
  /**
   * What to write when the first record gets `offset`. The memory belongs to the queue and is used again for the next
   * group; large values are written from where they are.
   */
  encode(offset: number, timestamp_ms: number): readonly Buffer[]
  /** Answers every append; the first record got `offset`. */
  resolve(partition: number, offset: number, timestamp_ms: number): void
  reject(error: unknown): void
}

export interface AppendQueue {
  /** TOO_MANY_REQUESTS when too much waits already. */
  push(records: readonly SizedRecord[]): Promise<RecordPosition[]>
  /** As many waiting appends as make a group, oldest first; null when none wait. */
  take(): AppendGroup | null
  isEmpty(): boolean
}

interface Append {
  readonly records: readonly SizedRecord[]
  readonly bytes: number
  resolve(positions: RecordPosition[]): void
  reject(error: unknown): void
}

const FIRST_SCRATCH_BYTES = 64 * 1024

export interface AppendQueueOptions {
  /** For messages: the partition. */
  readonly name: string
  readonly max_group_bytes: number
  readonly max_waiting_bytes: number
}

export function createAppendQueue({ name, max_group_bytes, max_waiting_bytes }: AppendQueueOptions): AppendQueue {
  let waiting: Append[] = []
  let waitingBytes = 0
  let scratch = Buffer.allocUnsafe(FIRST_SCRATCH_BYTES)

  function takeAppends(): Append[] {
    let [bytes, count] = [0, 0]
    while (count < waiting.length) {
      bytes += waiting[count]!.bytes
      if (count > 0 && bytes > max_group_bytes) break
      count += 1
    }
    const appends = waiting.slice(0, count)
    waiting = count === waiting.length ? [] : waiting.slice(count)
    return appends
  }

  function scratchFor(appends: readonly Append[]): Buffer {
    let needed = 0
    for (const { records } of appends) for (const record of records) needed += scratchBytes(record)
    if (scratch.length < needed) scratch = Buffer.allocUnsafe(Math.max(needed, scratch.length * 2))
    return scratch
  }

  return {
    push(records) {
      const bytes = records.reduce((sum, record) => sum + record.bytes, 0)
      if (waitingBytes > 0 && waitingBytes + bytes > max_waiting_bytes) {
        const message = `${waitingBytes} bytes wait to be written to ${name} already.`
        return Promise.reject(new CodedError('TOO_MANY_REQUESTS', message))
      }
      waitingBytes += bytes
      return new Promise((resolve, reject) => {
        waiting.push({ records, bytes, resolve, reject })
      })
    },
    take() {
      const appends = takeAppends()
      if (appends.length === 0) return null
      const bytes = appends.reduce((sum, append) => sum + append.bytes, 0)
      return {
        bytes,
        records: appends.reduce((sum, append) => sum + append.records.length, 0),
        encode: (offset, timestamp_ms) => encodeAppends(appends, { offset, timestamp_ms }, scratchFor(appends)),
        resolve(partition, offset, timestamp_ms) {
          waitingBytes -= bytes
          let next = offset
          for (const { records, resolve } of appends) {
            resolve(records.map(() => ({ partition, offset: BigInt(next++), timestamp_ms })))
          }
        },
        reject(error) {
          waitingBytes -= bytes
          for (const append of appends) append.reject(error)
        },
      }
    },
    isEmpty: () => waiting.length === 0,
  }
}

function encodeAppends(
  appends: readonly Append[],
  first: { offset: number; timestamp_ms: number },
  scratch: Buffer,
): readonly Buffer[] {
  const buffers: Buffer[] = []
  const position = { ...first }
  let [from, at] = [0, 0]
  for (const { records } of appends) {
    for (const record of records) {
      at = encodeRecord(record, position, scratch, at)
      position.offset += 1
      if (!isLarge(record)) continue
      buffers.push(scratch.subarray(from, at), record.value)
      from = at
    }
  }
  if (at > from) buffers.push(scratch.subarray(from, at))
  return buffers
}
