import type { LedgerRecord, SpanRow, Tables } from './tables.ts'

type Params = Readonly<Record<string, string | number | bigint | boolean | readonly string[]>>
type Answer = (tables: Tables, params: Params) => readonly object[]

interface Statement {
  /** What the statement says, spaces squeezed. */
  readonly matches: RegExp
  readonly answer: Answer
}

const OVERLAP = /written_at\) > newest - (\d+)/
const RECENT = /start_offset \+ (\d+) > last_start/

/** What the sink asks the store, and how it is answered from the model's tables. Another statement is unknown, loudly. */
const STATEMENTS: readonly Statement[] = [
  {
    matches: /FROM ledger WHERE topic = .*start_offset >= {page:UInt64}/,
    answer: (tables, { topic, partition, page, until }) =>
      ledgerOf(tables, { topic, partition })
        .filter(({ start_offset: start }) => start >= BigInt(page as bigint) && start < BigInt(until as bigint))
        .sort((a, b) => Number(a.start_offset - b.start_offset))
        .map((row) => ({
          partition: row.partition,
          start_offset: String(row.start_offset),
          end_offset: String(row.end_offset),
          spans: String(row.spans),
          dead_letters: String(row.dead_letters),
          checksum: String(row.checksum),
          last_append_time_ms: String(row.last_append_time),
          pipeline_version: row.pipeline_version,
          config_version: String(row.config_version),
        })),
  },
  {
    matches: /toString\(min\(start_offset\)\) AS start FROM ledger_rows .*start_offset >= {from:UInt64}/,
    answer: (tables, { topic, partition, from }) =>
      extreme(tables, { topic, partition }, (start) => start >= BigInt(from as bigint), least),
  },
  {
    matches: /toString\(min\(start_offset\)\) AS start FROM ledger_rows .*start_offset <= {begin:UInt64}/,
    answer: (tables, { topic, partition, begin }) =>
      extreme(tables, { topic, partition }, (start) => start <= BigInt(begin as bigint), least),
  },
  {
    matches: /toString\(max\(start_offset\)\) AS start FROM ledger_rows .*start_offset <= {begin:UInt64}/,
    answer: (tables, { topic, partition, begin }) =>
      extreme(tables, { topic, partition }, (start) => start <= BigInt(begin as bigint), most),
  },
  { matches: /AS copies FROM spans WHERE project IN/, answer: copies },
  {
    matches: /^SELECT toString\(count\(\)\) AS rows FROM spans_rows$/,
    answer: ({ totals }) => [{ rows: String(totals.physical_rows) }],
  },
  {
    matches: /FROM spans WHERE cityHash64\(trace_id\) .* HAVING count\(\) > 1/,
    answer: (tables) => [{ duplicated: String(duplicatedIds(tables).length), conflicting: '0' }],
  },
]

const least = (a: bigint, b: bigint) => (b < a ? b : a)
const most = (a: bigint, b: bigint) => (b > a ? b : a)

interface OfPartition {
  readonly topic?: Params[string] | undefined
  readonly partition?: Params[string] | undefined
}

function ledgerOf({ ledger }: Tables, { topic, partition }: OfPartition): LedgerRecord[] {
  return [...ledger.values()].filter((row) => row.topic === topic && row.partition === partition)
}

function extreme(
  tables: Tables,
  of: OfPartition,
  isMeant: (start: bigint) => boolean,
  choose: (a: bigint, b: bigint) => bigint,
): readonly object[] {
  const starts = ledgerOf(tables, of)
    .map((row) => row.start_offset)
    .filter(isMeant)
  return [{ ranges: String(starts.length), start: String(starts.length === 0 ? 0n : starts.reduce(choose)) }]
}

const idOf = ({ project, trace_id, span_id }: SpanRow) => `${project}/${trace_id}/${span_id}`

function copies(tables: Tables, params: Params): readonly object[] {
  const [projects, traces, spans] = [params.projects, params.traces, params.spans].map(
    (ids) => new Set(ids as string[]),
  )
  const found = [...tables.spans.values()].filter(
    (row) =>
      projects!.has(row.project) &&
      traces!.has(row.trace_id) &&
      spans!.has(row.span_id) &&
      row.hour >= (params.first as number) &&
      row.hour <= (params.last as number),
  )
  return [...Map.groupBy(found, idOf).values()].map((rows) => {
    const { project, trace_id, span_id } = rows[0]!
    return { project, trace_id, span_id, copies: rows.length === 1 ? 'one' : 'duplicated' }
  })
}

/** Ids that view spans shows more than once. */
export function duplicatedIds({ spans }: Tables): string[] {
  return [...Map.groupBy(spans.values(), idOf)].filter(([, rows]) => rows.length > 1).map(([id]) => id)
}

export function answerQuery(
  tables: Tables,
  sql: string,
  { params, now }: { params: Params; now: number },
): readonly object[] {
  const text = sql.replace(/\s+/g, ' ').trim()
  if (/SELECT DISTINCT concat\(touched\.project/.test(text)) return touchedHours(tables, { text, now })
  const statement = STATEMENTS.find(({ matches }) => matches.test(text))
  if (!statement) throw new Error(`the store model does not know this statement; teach it in statements.ts: ${text}`)
  return statement.answer(tables, params)
}

/**
 * Hours of ledger rows that reached the store after the newest generation of the rollup, less an overlap; where that
 * generation lies in the future also those of the last offsets.
 */
function touchedHours(
  { ledger_rows, hourly }: Tables,
  { text, now }: { text: string; now: number },
): readonly object[] {
  const [overlap, recent] = [OVERLAP, RECENT].map((pattern) => Number(pattern.exec(text)?.[1]))
  if (!(overlap! > 0 && recent! > 0)) throw new Error('the store model does not know how hours are found again')
  const newest = Math.max(0, ...[...hourly.values()].map(({ generation }) => generation))
  const last = new Map<number, bigint>()
  for (const { partition, start_offset } of ledger_rows)
    last.set(partition, start_offset > (last.get(partition) ?? 0n) ? start_offset : (last.get(partition) ?? 0n))
  const hours = ledger_rows
    .filter(
      ({ written_at, partition, start_offset }) =>
        written_at > newest - overlap! || (newest > now && start_offset + BigInt(recent!) > last.get(partition)!),
    )
    .flatMap((row) => row.hours.map(([project, hour]) => `${project}/${hour}`))
  return [...new Set(hours)].map((hour) => ({ hour }))
}

export function executeStatement(tables: Tables, sql: string, now: number): void {
  if (!sql.startsWith('INSERT INTO spans_hourly_rows')) throw new Error('the store model does not know this statement')
  const hours = [...sql.matchAll(/\('([a-z0-9_-]+)', toDateTime\((\d+), 'UTC'\)\)/g)].map(([, project, hour]) => ({
    project: project!,
    hour: Number(hour),
  }))
  tables.recompute(hours, now)
}
