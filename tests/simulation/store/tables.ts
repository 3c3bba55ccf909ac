import { crc32 } from 'node:zlib'
import type { InsertBatch } from '../../../adapters/store/store.ts'
import { decodeRows, type TableFormat } from './row-binary.ts'

export interface SpanRow {
  readonly project: string
  readonly hour: number
  readonly trace_id: string
  readonly span_id: string
  readonly version: bigint
  readonly is_call: boolean
  readonly input_tokens: bigint | null
  readonly pipeline_version: string
}

export interface LedgerRecord {
  readonly topic: string
  readonly partition: number
  readonly start_offset: bigint
  readonly end_offset: bigint
  readonly last_append_time: bigint
  readonly spans: bigint
  readonly dead_letters: bigint
  readonly checksum: bigint
  readonly pipeline_version: string
  readonly config_version: bigint
  readonly hours: readonly (readonly [project: string, hour: number])[]
  readonly written_at: number
}

/** A row of the rollup, all its groups together. */
export interface HourlyRow {
  readonly generation: number
  readonly spans: number
  readonly calls: number
  readonly input_tokens: bigint
}

/** The tables of the store as ClickHouse keeps them: insert tokens, ReplacingMergeTree, FINAL. */
export interface Tables {
  /**
   * Inserts a batch whose rows stand in one buffer; of the partitions it touches only the first `most`. A partition that
   * had the token lately is left out, as non_replicated_deduplication_window says.
   */
  insert(batch: InsertBatch, options: { now: number; most?: number }): void
  /** View spans: of each key the row with the highest version. */
  readonly spans: ReadonlyMap<string, SpanRow>
  readonly texts: ReadonlyMap<string, SpanRow>
  /** Keys project/day/trace/span of spans with a model call inside. */
  readonly facts: ReadonlySet<string>
  /** View ledger, by topic/partition/start. */
  readonly ledger: ReadonlyMap<string, LedgerRecord>
  /** Rows of the ledger as inserted. */
  readonly ledger_rows: readonly LedgerRecord[]
  /** View spans_hourly, by project/hour. */
  readonly hourly: ReadonlyMap<string, HourlyRow>
  recompute(hours: readonly { project: string; hour: number }[], now: number): void
  /** What no table may show: what the model noticed about the inserts themselves. */
  readonly problems: string[]
  readonly totals: { inserts: number; repeats: number; physical_rows: number }
}

const DAY_S = 86_400
const KEEP = new Set(
  (
    'project hour trace_id span_id version is_call input_tokens pipeline_version day topic partition start_offset ' +
    'end_offset last_append_time spans dead_letters checksum config_version hours'
  ).split(' '),
)

type Row = Record<string, unknown>

const PARTITION_OF: Readonly<Record<string, (row: Row) => string>> = {
  spans_rows: (row) => String(Math.floor((row.hour as number) / DAY_S)),
  span_texts_rows: (row) => String(Math.floor((row.hour as number) / DAY_S)),
  span_facts_rows: (row) => String(row.day),
  ledger_rows: (row) => new Date(Number(row.last_append_time)).toISOString().slice(0, 7),
}

export const keyOfSpan = ({ project, hour, trace_id, span_id }: SpanRow) => `${project}/${hour}/${trace_id}/${span_id}`
const factKey = (project: string, day: number, trace_id: string, span_id: string) =>
  `${project}/${day}/${trace_id}/${span_id}`

export interface TablesOptions {
  readonly formats: ReadonlyMap<string, TableFormat>
  /** Insert tokens remembered per table. */
  readonly window: number
}

export function createTables({ formats, window }: TablesOptions): Tables {
  const spans = new Map<string, SpanRow>()
  const texts = new Map<string, SpanRow>()
  const facts = new Set<string>()
  const ledger = new Map<string, LedgerRecord>()
  const ledger_rows: LedgerRecord[] = []
  const hourly = new Map<string, HourlyRow>()
  const windows = new Map<string, string[]>()
  const contents = new Map<string, number>()
  const ranges = new Map<string, (readonly [start: bigint, end: bigint])[]>()
  const problems: string[] = []
  const totals = { inserts: 0, repeats: 0, physical_rows: 0 }
  let newest = 0

  function replace(table: Map<string, SpanRow>, row: SpanRow): void {
    const key = keyOfSpan(row)
    const known = table.get(key)
    if (known === undefined || known.version <= row.version) table.set(key, row)
  }

  const TAKE: Readonly<Record<string, (row: Row, now: number) => void>> = {
    spans_rows: (row) => replace(spans, row as unknown as SpanRow),
    span_texts_rows: (row) => replace(texts, row as unknown as SpanRow),
    span_facts_rows: ({ project, day, trace_id, span_id }) =>
      facts.add(factKey(project as string, day as number, trace_id as string, span_id as string)),
    ledger_rows(row, now) {
      const record = { ...row, written_at: now } as unknown as LedgerRecord
      ledger.set(`${record.topic}/${record.partition}/${record.start_offset}`, record)
      ledger_rows.push(record)
    },
  }

  /** A repeat must be the same bytes, and a range that was begun must be rebuilt as it was cut. */
  function watch({ table, token }: InsertBatch, bytes: Buffer): void {
    const content = crc32(bytes)
    if ((contents.get(token) ?? content) !== content) problems.push(`insert token ${token} came with other rows`)
    if (contents.has(token)) return
    contents.set(token, content)
    const [, topic, partition, start, end, , version, config] = token.split(':')
    if (end === undefined || version === undefined) return
    const owner = [table, topic, partition, version, config].join(':')
    const [from, to] = [BigInt(start!), BigInt(end)]
    const known = ranges.get(owner) ?? []
    ranges.set(owner, known)
    const other = known.find(([a, b]) => from < b && a < to && !(a === from && b === to))
    if (other) problems.push(`${owner} was cut at ${other[0]}-${other[1]} and again at ${from}-${to}`)
    known.push([from, to])
  }

  return {
    spans,
    texts,
    facts,
    ledger,
    ledger_rows,
    hourly,
    problems,
    totals,
    insert(batch, { now, most = Number.POSITIVE_INFINITY }) {
      const { table, columns, token } = batch
      const format = formats.get(table)
      const [bytes] = batch.rows
      if (!format || !bytes) throw new Error(`the model has no table ${table}`)
      watch(batch, bytes as Buffer)
      const rows = decodeRows(format, bytes as Buffer, { columns, keep: KEEP })
      if (rows.length !== batch.row_count) problems.push(`${table}: ${rows.length} rows came as ${batch.row_count}`)
      totals.inserts += 1
      for (const [partition, part] of [...Map.groupBy(rows, PARTITION_OF[table]!)].slice(0, most)) {
        const lately = windows.get(table) ?? []
        const block = `${partition}:${token}`
        if (lately.includes(block)) {
          totals.repeats += 1
          continue
        }
        windows.set(table, [...lately, block].slice(-window))
        totals.physical_rows += part.length
        for (const row of part) TAKE[table]!(row, now)
      }
    },
    recompute(hours, now) {
      const generation = Math.max(now, newest + 1)
      for (const [key, sum] of countHours({ spans, facts }, hours)) {
        if (sum.spans === 0) continue
        newest = generation
        if ((hourly.get(key)?.generation ?? 0) <= generation) hourly.set(key, { generation, ...sum })
      }
    },
  }
}

/** Spans, model calls without a call inside, and their tokens, of each of these hours. */
export function countHours(
  { spans, facts }: Pick<Tables, 'spans' | 'facts'>,
  hours: readonly { readonly project: string; readonly hour: number }[],
): Map<string, Omit<HourlyRow, 'generation'>> {
  const sums = new Map(
    hours.map(({ project, hour }) => [`${project}/${hour}`, { spans: 0, calls: 0, input_tokens: 0n }]),
  )
  for (const { project, hour, trace_id, span_id, is_call, input_tokens } of spans.values()) {
    const sum = sums.get(`${project}/${hour}`)
    if (!sum) continue
    sum.spans += 1
    if (!is_call || facts.has(factKey(project, Math.floor(hour / DAY_S), trace_id, span_id))) continue
    sum.calls += 1
    sum.input_tokens += input_tokens ?? 0n
  }
  return sums
}
