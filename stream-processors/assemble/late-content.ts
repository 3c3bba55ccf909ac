import type { Store } from '../../adapters/store/store.ts'
import { readStoredSpans } from '../../adapters/store/stored-spans.ts'
import type { PriceList } from '../../core/prices.ts'
import type { ContentFact, FactContent } from '../../schemas/content-fact.ts'
import type { JudgeRequest } from '../../schemas/judge-request.ts'
import { spanVersion } from '../../schemas/llm-span.ts'
import type { TraceKey } from './candidates.ts'
import { lacksFacts, MAX_FACTS, mergeContent, revisionOf } from './merge-content.ts'

const SECONDS_PER_DAY = 86_400
/** Spans whose texts are in memory at once. */
const SPANS_PER_PAGE = 200
/** Bytes of facts that are in memory at once. */
const BYTES_PER_PAGE = 16 << 20
/** Of the facts of one span, so that it finds a place on the log with them; further ones are left out. */
export const MAX_FACT_BYTES = 4 << 20

interface FactRow extends Omit<ContentFact, 'content' | 'time' | 'received_at'> {
  readonly received_at_ms: string
  readonly time_ns: string
  readonly content: string
}

export interface LateContentOptions {
  readonly store: Pick<Store, 'query'>
  readonly prices: PriceList
}

/** Spans of these traces that lack a fact, with all their facts, as requests to judge them once more. A page at a time. */
export async function* lateContent(
  { store, prices }: LateContentOptions,
  keys: readonly TraceKey[],
): AsyncGenerator<readonly JudgeRequest[]> {
  const counts = await factCounts(store, keys)
  if (counts.size === 0) return
  const range = rangeOf(keys)
  for await (const page of pagesOf(store, { range, spans: await spansThatLack(store, { keys, counts }) })) {
    const selection = { ...range, ...idsOf(page.spans), texts_of: 'all' as const, max_per_trace: 0xffff_ffff }
    const facts = await readFacts(store, { ...selection, fact_ids: page.fact_ids })
    const requests: JudgeRequest[] = []
    for (const span of await readStoredSpans(store, selection)) {
      const own = facts.get(keyOf(span))
      const known = Math.max(counts.get(keyOf(span)) ?? 0, own?.length ?? 0)
      if (own === undefined || !lacksFacts(span.version, known)) continue
      // Facts that found no place count as well: the span is not to be found again because of them.
      const merged = { ...mergeContent(span, own, prices), version: spanVersion(revisionOf(known), span.received_at) }
      const { project, trace_id, span_id, start_time, version } = merged
      requests.push({
        project,
        unit: 'span',
        reason: 'late_content',
        trace_id,
        span_id,
        start_time,
        version,
        spans: [merged],
        span_count: 1,
        cut: own.length < known || own.length >= MAX_FACTS,
      })
    }
    yield requests
  }
}

interface SpanKey {
  readonly project: string
  readonly trace_id: string
  readonly span_id: string
}

const keyOf = ({ project, trace_id, span_id }: SpanKey) => `${project}/${trace_id}/${span_id}`

function rangeOf(keys: readonly TraceKey[]) {
  return {
    first_hour: Math.max(0, Math.min(...keys.map(({ first_hour }) => first_hour))),
    last_hour: Math.max(...keys.map(({ last_hour }) => last_hour)),
  }
}

function idsOf(keys: readonly (TraceKey | SpanKey)[]) {
  return {
    projects: [...new Set(keys.map(({ project }) => project))],
    trace_ids: [...new Set(keys.map(({ trace_id }) => trace_id))],
    span_ids: [...new Set(keys.flatMap((key) => ('span_id' in key ? [key.span_id] : [])))],
  }
}

interface FactPage {
  readonly spans: SpanKey[]
  readonly fact_ids: string[]
}

/** The spans with the facts that are joined with each, in the order in which they were logged, as far as they find a place. */
async function* pagesOf(
  store: Pick<Store, 'query'>,
  { range, spans }: { range: ReturnType<typeof rangeOf>; spans: readonly SpanKey[] },
): AsyncGenerator<FactPage> {
  for (let from = 0; from < spans.length; from += SPANS_PER_PAGE) {
    const some = spans.slice(from, from + SPANS_PER_PAGE)
    const sizes = Map.groupBy(await factSizes(store, { ...range, ...idsOf(some) }), keyOf)
    let page: FactPage = { spans: [], fact_ids: [] }
    let bytes = 0
    for (const span of some) {
      const { fact_ids, size } = placed(sizes.get(keyOf(span)) ?? [])
      if (bytes > 0 && bytes + size > BYTES_PER_PAGE) {
        yield page
        page = { spans: [], fact_ids: [] }
        bytes = 0
      }
      page.spans.push(span)
      page.fact_ids.push(...fact_ids)
      bytes += size
    }
    yield page
  }
}

interface FactSize extends SpanKey {
  readonly fact_id: string
  readonly bytes: string
}

function placed(facts: readonly FactSize[]): { fact_ids: readonly string[]; size: number } {
  const fact_ids: string[] = []
  let size = 0
  for (const { fact_id, bytes } of facts) {
    if (size + Number(bytes) > MAX_FACT_BYTES) continue
    size += Number(bytes)
    fact_ids.push(fact_id)
  }
  return { fact_ids, size }
}

const FACTS_OF = `project IN {projects:Array(String)} AND day >= toDate({first_day:UInt32}) AND day <= toDate({last_day:UInt32})
  AND trace_id IN {trace_ids:Array(String)}`

/** Facts may be dated a day before or after the hours of their trace. */
function daysOf({ first_hour, last_hour }: { first_hour: number; last_hour: number }) {
  return {
    first_day: Math.max(0, Math.floor(first_hour / SECONDS_PER_DAY) - 1),
    last_day: Math.floor(last_hour / SECONDS_PER_DAY) + 1,
  }
}

/** How many facts each span of these traces has. */
async function factCounts(
  store: Pick<Store, 'query'>,
  keys: readonly TraceKey[],
): Promise<ReadonlyMap<string, number>> {
  if (keys.length === 0) return new Map()
  const rows = await store.query<SpanKey & { facts: string }>(
    `SELECT project, trace_id, span_id, toString(uniqExact(fact_id)) AS facts FROM content_facts_rows
     WHERE ${FACTS_OF} GROUP BY project, trace_id, span_id`,
    { params: { ...idsOf(keys), ...daysOf(rangeOf(keys)) } },
  )
  return new Map(rows.map((row) => [keyOf(row), Math.min(Number(row.facts), MAX_FACTS)]))
}

async function spansThatLack(
  store: Pick<Store, 'query'>,
  { keys, counts }: { keys: readonly TraceKey[]; counts: ReadonlyMap<string, number> },
): Promise<readonly SpanKey[]> {
  const rows = await store.query<SpanKey & { version: string }>(
    `SELECT project, trace_id, span_id, toString(max(version)) AS version FROM spans_rows
     WHERE project IN {projects:Array(String)} AND trace_id IN {trace_ids:Array(String)}
       AND hour >= toDateTime({first_hour:UInt32}, 'UTC') AND hour <= toDateTime({last_hour:UInt32}, 'UTC')
     GROUP BY project, trace_id, span_id`,
    { params: { ...idsOf(keys), ...rangeOf(keys) } },
  )
  return rows.filter((row) => {
    const facts = counts.get(keyOf(row))
    return facts !== undefined && lacksFacts(BigInt(row.version), facts)
  })
}

type FactSelection = ReturnType<typeof idsOf> & ReturnType<typeof rangeOf>

/** Of repeats of a fact the last counts, as in view content_facts, which would hold all content in memory to say so. */
async function factSizes(store: Pick<Store, 'query'>, selection: FactSelection): Promise<readonly FactSize[]> {
  return store.query<FactSize>(
    `SELECT project, trace_id, span_id, fact_id, toString(max(length(content))) AS bytes FROM content_facts_rows
     WHERE ${FACTS_OF} AND span_id IN {span_ids:Array(String)} GROUP BY project, trace_id, span_id, fact_id
     ORDER BY project, trace_id, span_id, any(time), argMax(received_at, version), argMax(ordinal, version), fact_id
     LIMIT {max_facts:UInt32} BY project, trace_id, span_id`,
    { params: { ...selection, ...daysOf(selection), max_facts: MAX_FACTS } },
  )
}

async function readFacts(
  store: Pick<Store, 'query'>,
  selection: FactSelection & { readonly fact_ids: readonly string[] },
): Promise<ReadonlyMap<string, readonly ContentFact[]>> {
  const rows = await store.query<FactRow>(
    `SELECT project, trace_id, span_id, fact_id, toString(toUnixTimestamp64Milli(received_at)) AS received_at_ms,
       toString(toUnixTimestamp64Nano(time)) AS time_ns, ordinal, event_name, content FROM content_facts_rows
     WHERE ${FACTS_OF} AND span_id IN {span_ids:Array(String)} AND fact_id IN {fact_ids:Array(String)}
     ORDER BY version DESC LIMIT 1 BY project, trace_id, span_id, fact_id`,
    { params: { ...selection, ...daysOf(selection) } },
  )
  return Map.groupBy(
    rows.map(({ received_at_ms, time_ns, content, ...row }) => ({
      ...row,
      received_at: Number(received_at_ms),
      time: BigInt(time_ns),
      content: JSON.parse(content) as FactContent,
    })),
    keyOf,
  )
}
