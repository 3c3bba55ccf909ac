import type { Clock } from '../../core/clock.ts'
import type { History } from './history.ts'

/** One question to the store; rows as objects, 64-bit integers as strings. */
export type Ask = <Row>(sql: string) => Promise<readonly Row[]>

export interface Verified {
  readonly stored: number
  /** Spans that were sent and that view spans does not show, by day and fingerprint of the ids. */
  readonly lost: number
  /** Spans that the view shows more than once, or that were never sent. */
  readonly duplicated: number
  /** Where they are: the project of the key. '' where nothing is stored. */
  readonly project: string
}

export interface VerifyOptions {
  readonly ask: Ask
  readonly clock: Clock
  readonly progress: (stored: number) => void
}

interface StoredDay {
  readonly day: string
  readonly project: string
  readonly rows: string
  readonly spans: string
  readonly fingerprint: number
}

const POLL_MS = 500
/** How long the number of stored spans may stand still before what is missing counts as lost. */
const STALLED_MS = 60_000

/** Waits until every span sent can be queried, then compares counts and ids day by day. */
export async function verifyHistory(history: History, { ask, clock, progress }: VerifyOptions): Promise<Verified> {
  const hour = Math.floor(history.from_ms / 3_600_000) * 3600
  const ours = `startsWith(trace_id, '${history.trace_prefix}') AND hour >= toDateTime(${hour}, 'UTC')`
  let seen = -1
  let moved_at = clock.monotonic()
  while (seen < history.sent.spans && clock.monotonic() - moved_at < STALLED_MS) {
    // The table without FINAL, for speed: a repeated span may hide that another is not there yet.
    const [row] = await ask<{ spans: string }>(
      `SELECT toString(uniqExact(trace_id, span_id)) AS spans FROM spans_rows WHERE ${ours}`,
    )
    const spans = Number(row?.spans ?? 0)
    if (spans > seen) moved_at = clock.monotonic()
    seen = spans
    progress(spans)
    if (spans < history.sent.spans) await clock.sleep(POLL_MS)
  }
  const days = await ask<StoredDay>(
    `SELECT toString(toDate(start_time)) AS day, any(project) AS project, toString(count()) AS rows,
       toString(uniqExact(trace_id, span_id)) AS spans, groupBitXor(CRC32(concat(trace_id, span_id))) AS fingerprint
     FROM spans WHERE ${ours} GROUP BY day`,
  )
  return compare(history, days)
}

function compare({ days: sent }: History, stored: readonly StoredDay[]): Verified {
  let lost = 0
  let duplicated = 0
  const byDay = new Map(stored.map((day) => [day.day, day]))
  for (const [day, { spans, fingerprint }] of sent) {
    const found = byDay.get(day)
    const distinct = Number(found?.spans ?? 0)
    if (distinct < spans) lost += spans - distinct
    // As many as were sent, but others.
    else if (distinct === spans && found!.fingerprint !== fingerprint) lost++
  }
  for (const { day, rows, spans } of stored)
    duplicated += Number(rows) - Number(spans) + Math.max(0, Number(spans) - (sent.get(day)?.spans ?? 0))
  return {
    stored: stored.reduce((sum, { spans }) => sum + Number(spans), 0),
    lost,
    duplicated,
    project: stored[0]?.project ?? '',
  }
}
