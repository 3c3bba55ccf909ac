import { z } from 'zod'
import type { Broker, LogRecord } from '../../adapters/broker/broker.ts'
import { type DeadLetter, scanDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { findReplays, type Replay } from '../../adapters/broker/replays.ts'
import { CodedError } from '../../core/errors.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { HEADER_CORRELATION_ID, OTLP_LOGS, OTLP_SPANS } from '../../schemas/topics.ts'
import { CONSUMER_GROUP } from '../consumer-group.ts'
import { findRecords, type RecordPlace, scanBackwards } from '../trace-records.ts'
import { type OperationDeps, type Operations, offset, parseBody } from './operation.ts'

const MAX_ROWS = 100
const MAX_PLACES = 20

const id = z.string().min(1).max(128)
const place = z.strictObject({ topic: z.string(), partition: z.number().int().min(0), offset })
const traceBody = z.strictObject({
  id,
  /** Where it lies on the log, if that is known; else it is looked for by its row. */
  places: z.array(place).max(MAX_PLACES).default([]),
})
const scanBody = z.strictObject({
  id,
  topic: z.enum([OTLP_SPANS.name, OTLP_LOGS.name]),
  since_ms: z.number(),
  cursor: z
    .array(z.strictObject({ partition: z.number().int().min(0), before: offset }))
    .nullable()
    .default(null),
})

export interface TracedRow {
  readonly project: string
  readonly trace_id: string
  readonly span_id: string
  readonly name: string
  readonly start_time: string
  /** Append time of its record, ms since 1970. */
  readonly received_ms: string
  readonly version: string
  readonly pipeline_version: string
  readonly config_version: string
  readonly passed: boolean | null
  readonly severity: string
  /** As `judge: outcome`. */
  readonly judges: readonly string[]
}

export interface TracedRecord extends RecordPlace {
  readonly timestamp_ms: number
  readonly bytes: number
  readonly headers: Readonly<Record<string, string>>
  /** Spans of it that are asked for. */
  readonly spans: readonly { readonly trace_id: string; readonly span_id: string; readonly name: string }[]
  readonly is_committed: boolean
  /** The committed range of the ledger that holds it. */
  readonly range: LedgerRange | null
}

export interface LedgerRange {
  readonly start_offset: string
  readonly end_offset: string
  readonly spans: string
  readonly dead_letters: string
  readonly pipeline_version: string
  readonly config_version: string
  readonly written_at: string
}

export interface Traced {
  readonly rows: readonly TracedRow[]
  readonly records: readonly TracedRecord[]
  readonly letters: readonly (DeadLetter & { readonly replay: Replay | null })[]
}

export interface ScanAnswer {
  readonly places: readonly RecordPlace[]
  readonly cursor: readonly { readonly partition: number; readonly before: string }[] | null
  /** Everything received since then was looked at, ms since 1970; null where there was nothing. */
  readonly reached_ms: number | null
  readonly bytes: number
}

export function traceOperations({ broker, store }: OperationDeps): Operations {
  return {
    /** What row, record, ledger and letters say about a trace, a span or a request. */
    async trace(body): Promise<Traced> {
      const asked = parseBody(traceBody, body)
      const { query } = await store()
      const rowsOf = (where: string, params: Record<string, string | readonly string[]>) =>
        query<TracedRow>(
          `SELECT project, trace_id, span_id, name, toString(start_time) AS start_time,
             toString(toUnixTimestamp64Milli(received_at)) AS received_ms, toString(version) AS version, pipeline_version,
             toString(config_version) AS config_version, passed, toString(severity) AS severity,
             arrayMap((j, o) -> concat(j, ': ', toString(o)), rule_evaluations.judge, rule_evaluations.outcome) AS judges
           FROM spans WHERE ${where} ORDER BY start_time LIMIT ${MAX_ROWS}`,
          { params, timeout_ms: 30_000 },
        )
      const column = /^[0-9a-f]{32}$/.test(asked.id) ? 'trace_id' : /^[0-9a-f]{16}$/.test(asked.id) ? 'span_id' : null
      let rows = column === null ? [] : await rowsOf(`${column} = {id:String}`, { id: asked.id })
      const places = asked.places.map((one) => ({ ...one, offset: BigInt(one.offset) }))
      const found = places.length > 0 ? await readAll(broker, places) : await findRecords(broker, rows, MAX_PLACES)
      const records = await Promise.all(
        found.map(async (record) => ({ ...describe(record, asked.id), ...(await deliveryOf(record)) })),
      )
      const spans = records.flatMap((record) => record.spans)
      if (rows.length === 0 && spans.length > 0)
        rows = await rowsOf('trace_id IN {traces:Array(String)} AND span_id IN {spans:Array(String)}', {
          traces: spans.map(({ trace_id }) => trace_id),
          spans: spans.map(({ span_id }) => span_id),
        })
      return { rows, records, letters: await lettersOf(broker, asked.id, records) }

      async function deliveryOf({ topic, partition, offset }: LogRecord) {
        const commit = await broker.committed(CONSUMER_GROUP, topic, partition)
        const [range] = await query<LedgerRange>(
          `SELECT toString(start_offset) AS start_offset, toString(end_offset) AS end_offset, toString(spans) AS spans,
             toString(dead_letters) AS dead_letters, pipeline_version, toString(config_version) AS config_version,
             toString(written_at) AS written_at
           FROM ledger WHERE topic = {topic:String} AND partition = {partition:UInt32}
             AND ledger.start_offset <= {at:UInt64} AND ledger.end_offset > {at:UInt64} ORDER BY ledger.written_at DESC LIMIT 1`,
          { params: { topic, partition, at: offset } },
        )
        return { is_committed: commit !== null && commit.offset > offset, range: range ?? null }
      }
    },
    /** Looks for records that hold the id, from the newest back; asked again with its cursor until that is null. */
    async trace_scan(body): Promise<ScanAnswer> {
      const { id, topic, since_ms, cursor } = parseBody(scanBody, body)
      const from = cursor?.map(({ partition, before }) => ({ partition, before: BigInt(before) })) ?? null
      const { places, next, ...rest } = await scanBackwards(broker, { id, topic, since_ms, from, limit: MAX_PLACES })
      const left = next.map(({ partition, before }) => ({ partition, before: String(before) }))
      return { ...rest, places, cursor: left.length > 0 ? left : null }
    },
  }
}

async function readAll(
  broker: Broker,
  places: readonly { topic: string; partition: number; offset: bigint }[],
): Promise<readonly LogRecord[]> {
  const read = await Promise.all(
    places.map(({ topic, partition, offset }) =>
      broker
        .fetch(topic, partition, offset, { end: offset + 1n, max_bytes: 1 })
        .catch((error: unknown) => (error instanceof CodedError ? [] : Promise.reject(error))),
    ),
  )
  return read.flat()
}

function describe(record: LogRecord, id: string): Omit<TracedRecord, 'is_committed' | 'range'> {
  const { topic, partition, offset, timestamp_ms, headers, value } = record
  const wanted = headers[HEADER_CORRELATION_ID] === id ? () => true : matches(id)
  const spans = topic === OTLP_SPANS.name ? spansOf(value).filter(wanted) : []
  return { topic, partition, offset: String(offset), timestamp_ms, headers, bytes: value?.length ?? 0, spans }
}

const matches = (id: string) => (span: { trace_id: string; span_id: string }) =>
  span.trace_id === id || span.span_id === id

function spansOf(value: Buffer | null): TracedRecord['spans'] {
  try {
    return readTraces(value ?? Buffer.alloc(0)).flatMap(({ scope_spans }) =>
      scope_spans.flatMap(({ spans }) => spans.map(({ trace_id, span_id, name }) => ({ trace_id, span_id, name }))),
    )
  } catch {
    return []
  }
}

/** Letters of these records, of this request, or with the id in their bytes; and where each was replayed to. */
async function lettersOf(broker: Broker, id: string, records: readonly TracedRecord[]): Promise<Traced['letters']> {
  const places = new Set(records.map(({ topic, partition, offset }) => `${topic}:${partition}:${offset}`))
  const bytes = /^([0-9a-f]{2})+$/.test(id) ? Buffer.from(id, 'hex') : null
  const found: DeadLetter[] = []
  for await (const { letter, record } of scanDeadLetters(broker)) {
    const of_record = places.has(`${letter.source_topic}:${letter.source_partition}:${letter.source_offset}`)
    const holds_id = bytes !== null && record.value?.includes(bytes)
    // A letter of one span of the record says nothing about the others.
    if ((of_record && bytes === null) || letter.correlation_id === id || holds_id) found.push(letter)
    if (found.length === MAX_ROWS) break
  }
  const replays = await findReplays(broker, new Set(found.map(({ dead_letter_id }) => dead_letter_id)))
  return found.map((letter) => ({ ...letter, replay: replays.get(letter.dead_letter_id) ?? null }))
}
