import type { Broker, LogRecord } from '../adapters/broker/broker.ts'
import { offsetAt } from '../adapters/broker/offset-at.ts'
import { CodedError } from '../core/errors.ts'
import { HEADER_CORRELATION_ID, OTLP_SPANS } from '../schemas/topics.ts'

export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

const PAGE_BYTES = 4 << 20
/** Records looked at between two answers, on each partition. */
const WINDOW = 500n

interface Row {
  readonly trace_id: string
  readonly span_id: string
  readonly received_ms: string
}

/** The records that rows came from: a row names the append time of its record. */
export async function findRecords(broker: Broker, rows: readonly Row[], limit: number): Promise<readonly LogRecord[]> {
  const found = new Map<string, LogRecord>()
  const topic = OTLP_SPANS.name
  for (const time of new Set(rows.map(({ received_ms }) => Number(received_ms)))) {
    const spans = rows.filter(({ received_ms }) => Number(received_ms) === time)
    for (const { partition, start, end } of await broker.offsets(topic)) {
      for await (const record of from(broker, { topic, partition, start, end }, time)) {
        if (record.timestamp_ms > time) break
        const { value, offset } = record
        const holds = (hex: string) => value?.includes(Buffer.from(hex, 'hex')) ?? false
        if (spans.some(({ trace_id, span_id }) => holds(trace_id) && holds(span_id)))
          found.set(`${partition}/${offset}`, record)
      }
    }
    if (found.size >= limit) break
  }
  return [...found.values()].slice(0, limit)
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
}

/** Records of a partition from a time on; what cannot be read ends it. */
async function* from(broker: Broker, place: Place, time: number): AsyncGenerator<LogRecord> {
  const { topic, partition, end } = place
  let next = await offsetAt(broker, place, time)
  while (next < end) {
    const records = await read(broker, { topic, partition, next, end })
    if (records.length === 0) return
    yield* records
    next = records.at(-1)!.offset + 1n
  }
}

async function read(
  broker: Broker,
  { topic, partition, next, end }: { topic: string; partition: number; next: bigint; end: bigint },
): Promise<readonly LogRecord[]> {
  try {
    return await broker.fetch(topic, partition, next, { end, max_bytes: PAGE_BYTES })
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'LOG_CORRUPT' || error.code === 'OFFSET_OUT_OF_RANGE')) return []
    throw error
  }
}

export interface Backwards {
  readonly id: string
  readonly topic: string
  readonly since_ms: number
  /** Where the last answer said to go on; null: from the end of the log. */
  readonly from: readonly { readonly partition: number; readonly before: bigint }[] | null
  readonly limit: number
}

/** The next window of each partition, from the newest back, down to `since_ms`. Matches ids in bytes and the request's name. */
export async function scanBackwards(broker: Broker, options: Backwards) {
  const { id, topic, since_ms, from, limit } = options
  const bytes = /^([0-9a-f]{2})+$/.test(id) ? Buffer.from(id, 'hex') : null
  const places: RecordPlace[] = []
  const next: { partition: number; before: bigint }[] = []
  let reached_ms: number | null = null
  let scanned = 0
  for (const { partition, start, end } of await broker.offsets(topic)) {
    const before = from === null ? end : (from.find((one) => one.partition === partition)?.before ?? start)
    if (before <= start) continue
    const first = before - WINDOW > start ? before - WINDOW : start
    let oldest = Number.POSITIVE_INFINITY
    for (let at = first; at < before; ) {
      const records = await read(broker, { topic, partition, next: at, end: before })
      if (records.length === 0) break
      for (const { offset, timestamp_ms, headers, value } of records) {
        oldest = Math.min(oldest, timestamp_ms)
        scanned += value?.length ?? 0
        const isIt = headers[HEADER_CORRELATION_ID] === id || (bytes !== null && value?.includes(bytes))
        if (isIt && places.length < limit) places.push({ topic, partition, offset: String(offset) })
      }
      at = records.at(-1)!.offset + 1n
    }
    if (oldest < Number.POSITIVE_INFINITY) reached_ms = Math.max(reached_ms ?? 0, oldest)
    if (first > start && oldest > since_ms) next.push({ partition, before: first })
  }
  return { places, next: places.length > 0 ? [] : next, reached_ms, bytes: scanned }
}
