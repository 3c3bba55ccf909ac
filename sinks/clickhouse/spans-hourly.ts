import type { Store } from '../../adapters/store/store.ts'
import type { Clock } from '../../core/clock.ts'
import type { Delivery } from '../../core/component.ts'
import type { LedgerView } from './ledger.ts'
import { MAX_DAYS_PER_PIECE } from './piece-writer.ts'

const INTERVAL_MS = 10_000
/** Rolling up takes at most about this share of the time, however full an hour is. */
const BUSY_SHARE = 0.05
const HOURS_PER_STATEMENT = 200
const SECONDS_PER_DAY = 86_400
/** Ledger rows this much older than the newest generation are looked at again after a restart. */
const OVERLAP_S = 120
/** More records of a partition than come in between two refreshes. */
const RECENT_OFFSETS = 50_000
const HOUR_KEY = /^([a-z0-9_-]{1,63})\/(\d{1,10})$/

export interface SpansHourly {
  /** The ledger, and behind each of its rows the note that the hours it names have to be recomputed. */
  following<Item>(ledger: Delivery<Item>, view: Pick<LedgerView<Item>, 'hoursOf'>): Delivery<Item>
  /** Recomputes the hours touched since the last call; resolves to how many. */
  refresh(): Promise<number>
  /** Adds the hours of ranges that were committed but not rolled up before this process started. */
  resume(): Promise<void>
  /** Resumes, then refreshes now and then, until `signal` aborts; a failure is told and tried again. */
  run(signal: AbortSignal, onFailure: (error: unknown) => void): Promise<void>
}

/** Keeps spans_hourly in step with view spans by recomputing whole hours: a correction never adds up twice. */
export function createSpansHourly({ store, clock }: { store: Store; clock: Clock }): SpansHourly {
  let touched = new Set<string>()

  const following = <Item>(ledger: Delivery<Item>, view: Pick<LedgerView<Item>, 'hoursOf'>): Delivery<Item> => ({
    name: ledger.name,
    open(identity) {
      const entry = ledger.open(identity)
      const hours = new Set<string>()
      return {
        add(item, record) {
          entry.add(item, record)
          for (const { project, hour } of view.hoursOf(item)) hours.add(`${project}/${hour}`)
        },
        async deliver(range) {
          await entry.deliver(range)
          for (const hour of hours) touched.add(hour)
        },
      }
    },
  })

  async function refresh(): Promise<number> {
    const hours = [...touched]
    touched = new Set()
    try {
      for (const some of inStatements(hours)) await store.execute(recompute(some))
    } catch (error) {
      for (const hour of hours) touched.add(hour)
      throw error
    }
    return hours.length
  }

  /**
   * Reads the rows themselves: an hour named twice is recomputed once, and a ledger of months is not merged for it. Where
   * the newest generation lies in the future the clock was set back since, and the order of offsets says what is recent.
   */
  async function resume(): Promise<void> {
    const rows = await store.query<{ hour: string }>(
      `WITH (SELECT max(generation) FROM spans_hourly_rows) AS newest
       SELECT DISTINCT concat(touched.project, '/', toString(toUnixTimestamp(touched.hour))) AS hour
       FROM ledger_rows ARRAY JOIN hours AS touched
       INNER JOIN (SELECT topic, partition, max(start_offset) AS last_start FROM ledger_rows GROUP BY topic, partition) AS last
         USING (topic, partition)
       WHERE toUnixTimestamp64Milli(written_at) > newest - ${OVERLAP_S * 1000}
         OR (newest > toUnixTimestamp64Milli(now64(3)) AND start_offset + ${RECENT_OFFSETS} > last_start)`,
    )
    for (const { hour } of rows) touched.add(hour)
  }

  return {
    following,
    refresh,
    resume,
    async run(signal, onFailure) {
      let resumed = false
      let wait = INTERVAL_MS
      while (!signal.aborted) {
        await clock.sleep(wait, signal).catch(() => {})
        if (signal.aborted) return
        const began = clock.monotonic()
        try {
          if (!resumed) await resume()
          resumed = true
          await refresh()
          wait = Math.max(INTERVAL_MS, (clock.monotonic() - began) / BUSY_SHARE)
        } catch (error) {
          // Waiting for a store that does not answer is no work.
          wait = INTERVAL_MS
          onFailure(error)
        }
      }
    },
  }
}

/** Few enough hours, of few enough days, for one insert each. */
function inStatements(hours: readonly string[]): readonly (readonly string[])[] {
  const statements: string[][] = []
  let days = new Set<number>()
  for (const key of hours.toSorted((a, b) => secondsOf(a) - secondsOf(b))) {
    const day = Math.floor(secondsOf(key) / SECONDS_PER_DAY)
    const current = statements.at(-1)
    if (current && current.length < HOURS_PER_STATEMENT && (days.has(day) || days.size < MAX_DAYS_PER_PIECE))
      current.push(key)
    else {
      statements.push([key])
      days = new Set()
    }
    days.add(day)
  }
  return statements
}

const secondsOf = (key: string) => Number(key.slice(key.indexOf('/') + 1))

/**
 * Calls count as in view usage, but against the facts of these days only: the view's set of all facts would grow for ever.
 * Project names and hours come from our own keys; anything else is a bug and must not become SQL.
 */
function recompute(hours: readonly string[]): string {
  const keys = hours.map((key) => {
    const [, project, hour] = HOUR_KEY.exec(key) ?? []
    if (!project) throw new RangeError('an hour key is not project/seconds')
    return `('${project}', toDateTime(${hour}, 'UTC'))`
  })
  const days = [...new Set(keys.map((key) => key.replace('toDateTime(', 'toDate(')))]
  return `INSERT INTO spans_hourly_rows SETTINGS async_insert = 0
    WITH (SELECT max(generation) FROM spans_hourly_rows) AS newest,
      enclosing AS (SELECT cityHash64(project, day, trace_id, span_id) FROM span_facts_rows
        WHERE has_call_inside = 1 AND (project, day) IN (${days.join(', ')}))
    SELECT span.project, span.hour, greatest(toUInt64(toUnixTimestamp64Milli(now64(3))), newest + 1),
      span.kind, span.service_name, span.environment, span.provider, span.model, span.prompt_name, span.prompt_version,
      count(), countIf(span.status = 'error'), countIf(notEmpty(span.\`rule_evaluations.judge\`)), countIf(span.passed = false),
      countIf(counts), countIf(counts AND span.status = 'error'), countIf(counts AND isNull(span.cost_usd)),
      sumIf(ifNull(span.input_tokens, 0), counts), sumIf(ifNull(span.output_tokens, 0), counts),
      sumIf(ifNull(span.cache_read_input_tokens, 0), counts), sumIf(ifNull(span.reasoning_output_tokens, 0), counts),
      sumIf(ifNull(span.cost_usd, 0), counts), quantilesTDigestState(0.5, 0.95, 0.99)(span.duration_ms)
    FROM (SELECT *, is_call AND cityHash64(project, toDate(hour), trace_id, span_id) NOT IN enclosing AS counts FROM spans WHERE (project, hour) IN (${keys.join(', ')})) AS span
    GROUP BY span.project, span.hour, span.kind, span.service_name, span.environment, span.provider, span.model,
      span.prompt_name, span.prompt_version`
}
