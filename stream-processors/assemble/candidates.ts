import type { Store } from '../../adapters/store/store.ts'
import { COUNTS, type TraceCounts, type TraceWants } from '../../judges/trace-wants.ts'

/** Append times (from, to], ms since 1970. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** A trace that something came in for, and where its spans or facts lie. */
export interface TraceKey {
  readonly project: string
  readonly trace_id: string
  /** Seconds since 1970. */
  readonly first_hour: number
  readonly last_hour: number
}

export interface SilentTrace extends TraceKey {
  /** Append time of its last span, ms since 1970. */
  readonly last_append_time: number
  /** All of it lies in the time that was asked for, as far as its own times can tell. */
  readonly is_young: boolean
}

type Reader = Pick<Store, 'query'>

const ARRIVED =
  'received_at > fromUnixTimestamp64Milli({from:Int64}) AND received_at <= fromUnixTimestamp64Milli({to:Int64})'
const SECONDS_PER_DAY = 86_400

/** Traces that log records came in for. */
export async function tracesWithNewFacts(store: Reader, { from, to }: Window): Promise<readonly TraceKey[]> {
  const rows = await store.query<TraceKey>(
    `SELECT project, trace_id, toUInt32(min(toUnixTimestamp(toDateTime(day, 'UTC')))) AS first_hour,
       toUInt32(max(toUnixTimestamp(toDateTime(day, 'UTC')))) AS last_hour
     FROM content_facts_rows WHERE ${ARRIVED} GROUP BY project, trace_id`,
    { params: { from, to } },
  )
  // A call may begin on the day before it logs, and a log record may be a day late.
  return rows.map((row) => ({
    ...row,
    first_hour: row.first_hour - SECONDS_PER_DAY,
    last_hour: row.last_hour + 2 * SECONDS_PER_DAY,
  }))
}

/** Traces of these projects that spans came in for. */
export async function tracesWithNewSpans(
  store: Reader,
  { from, to, projects }: Window & { readonly projects: readonly string[] },
): Promise<readonly TraceKey[]> {
  if (projects.length === 0) return []
  return store.query<TraceKey>(
    `SELECT project, trace_id, toUInt32(min(toUnixTimestamp(hour))) AS first_hour,
       toUInt32(max(toUnixTimestamp(hour))) AS last_hour
     FROM spans_rows WHERE ${ARRIVED} AND project IN {projects:Array(String)} GROUP BY project, trace_id`,
    { params: { from, to, projects } },
  )
}

/** Projects whose SDKs wrote about spans in log records since a time. */
export async function projectsWithFacts(store: Reader, since: number): Promise<readonly string[]> {
  const rows = await store.query<{ project: string }>(
    'SELECT DISTINCT project FROM content_facts_rows WHERE received_at > fromUnixTimestamp64Milli({since:Int64})',
    { params: { since } },
  )
  return rows.map(({ project }) => project)
}

/** What the judges of some projects want to see; one is enough. */
export interface TraceWish {
  readonly projects: readonly string[]
  readonly wants: readonly TraceWants[]
}

export interface SilenceWindow extends Window {
  /** Nothing came in for a trace for so long, in append time. */
  readonly idle_ms: number
  readonly wishes: readonly TraceWish[]
}

export interface Silence {
  readonly silent: readonly SilentTrace[]
  /**
   * Traces that were not silent yet and of which a span had come in twice. The repeat may be gone when it would be its turn
   * to speak for the trace, since the table keeps the fullest copy only: they are to be remembered until then.
   */
  readonly repeated: readonly SilentTrace[]
}

/**
 * Traces whose last span was appended in (from, to] and that were silent for `idle_ms` then: those that judges of the
 * project want, and of all projects those in which a call holds a span that is none, where a call may lie deeper, or may hold
 * one that came in long before. Asks for what came in since `from - idle_ms`, which lies in young parts.
 */
export async function silentTraces(store: Reader, window: SilenceWindow): Promise<Silence> {
  const { from, to, idle_ms, wishes } = window
  const projects = Object.fromEntries(wishes.map((wish, index) => [`projects_${index}`, wish.projects]))
  const rows = await store.query<TraceKey & { last: string; is_young: boolean; is_silent: boolean }>(
    `SELECT project, trace_id, toUInt32(min(toUnixTimestamp(hour))) AS first_hour,
       toUInt32(max(toUnixTimestamp(hour))) AS last_hour, toString(toUnixTimestamp64Milli(max(received_at))) AS last,
       min(start_time) > fromUnixTimestamp64Milli({since:Int64})
         AND max(abs(toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(end_time))) < {idle_ms:Int64} AS is_young,
       max(received_at) <= fromUnixTimestamp64Milli({to:Int64}) AS is_silent
     FROM spans_rows WHERE received_at > fromUnixTimestamp64Milli({since:Int64})
     GROUP BY project, trace_id
     HAVING countIf(received_at > fromUnixTimestamp64Milli({from:Int64}) AND received_at <= fromUnixTimestamp64Milli({to:Int64})) > 0
       AND (is_silent OR count() > uniqExact(span_id))
       AND (hasAny(groupArrayIf(span_id, is_call), groupArrayIf(parent_span_id, NOT is_call))
         OR (is_young = 0 AND countIf(is_call) > 0)
         ${wishes.map((wish, index) => `OR (project IN {projects_${index}:Array(String)} AND ${wantedBy(wish)})`).join('\n')})
     ORDER BY project, trace_id`,
    { params: { ...projects, from, to, since: from - idle_ms, idle_ms } },
  )
  const traces = rows.map(({ last, is_silent, is_young, ...row }) => ({
    is_silent: Boolean(is_silent),
    trace: { ...row, is_young: Boolean(is_young), last_append_time: Number(last) },
  }))
  return {
    silent: traces.flatMap(({ is_silent, trace }) => (is_silent ? [trace] : [])),
    repeated: traces.flatMap(({ is_silent, trace }) => (is_silent ? [] : [trace])),
  }
}

const COUNTED: Readonly<Record<keyof TraceCounts, string>> = {
  spans: 'count()',
  tool_calls: `countIf(kind = 'tool')`,
  model_calls: 'countIf(is_call)',
  failed_spans: `countIf(status = 'error')`,
}

/** As judges/trace-wants.ts decides it; of a trace that is older than the window nobody knows before it is read. */
function wantedBy({ wants }: TraceWish): string {
  const each = wants.map(({ traces, from }) => {
    const counts = COUNTS.flatMap((name) =>
      from[name] === undefined ? [] : [`${COUNTED[name]} >= ${Number(from[name])}`],
    )
    const kinds = traces === 'agents' ? `countIf(kind IN ('tool', 'agent')) > 0 AND ` : ''
    return `(${kinds}(is_young = 0${counts.map((count) => ` OR ${count}`).join('')}))`
  })
  return each.length === 0 ? 'false' : `(${each.join(' OR ')})`
}

/** When something next came in after a time, ms since 1970; null where nothing has. */
export async function nextArrival(store: Reader, after: number): Promise<number | null> {
  const [row] = await store.query<{ found: string; next: string }>(
    `SELECT toString(count()) AS found, toString(toUnixTimestamp64Milli(min(received_at))) AS next FROM (
       SELECT received_at FROM spans_rows WHERE received_at > fromUnixTimestamp64Milli({after:Int64})
       UNION ALL
       SELECT received_at FROM content_facts_rows WHERE received_at > fromUnixTimestamp64Milli({after:Int64}))`,
    { params: { after } },
  )
  return row === undefined || row.found === '0' ? null : Number(row.next)
}

/** What was said about whole traces before. */
export interface KnownTrace {
  readonly project: string
  readonly trace_id: string
  readonly version: bigint
  readonly start_time: bigint
}

export async function knownTraces(store: Reader, keys: readonly TraceKey[]): Promise<readonly KnownTrace[]> {
  if (keys.length === 0) return []
  const rows = await store.query<{ project: string; trace_id: string; newest: string; start_ns: string }>(
    `SELECT project, trace_id, toString(max(version)) AS newest,
       toString(toUnixTimestamp64Nano(argMax(start_time, version))) AS start_ns
     FROM evaluations_rows WHERE unit = 'trace' AND project IN {projects:Array(String)}
       AND hour >= toDateTime({first_hour:UInt32}, 'UTC') AND hour <= toDateTime({last_hour:UInt32}, 'UTC')
       AND trace_id IN {trace_ids:Array(String)} GROUP BY project, trace_id`,
    {
      params: {
        projects: [...new Set(keys.map(({ project }) => project))],
        trace_ids: keys.map(({ trace_id }) => trace_id),
        first_hour: Math.min(...keys.map(({ first_hour }) => first_hour)),
        last_hour: Math.max(...keys.map(({ last_hour }) => last_hour)),
      },
    },
  )
  return rows.map(({ newest, start_ns, ...row }) => ({
    ...row,
    version: BigInt(newest),
    start_time: BigInt(start_ns),
  }))
}
