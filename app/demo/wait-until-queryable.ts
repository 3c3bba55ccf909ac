import type { Clock } from '../../core/clock.ts'
import { askClickhouse } from './clickhouse-client.ts'
import type { Sent } from './send.ts'

const POLL_MS = 10

export interface Queryable {
  /** Milliseconds from the acknowledgement to the first query that showed the span, one per span seen, ascending. */
  readonly latencies_ms: readonly number[]
  /** Spans sent (project, trace, span) that no query has shown. */
  readonly missing: number
  /** When the first span was seen, on the clock's monotonic time; NaN where none was. */
  readonly first_seen_at: number
}

/** Polls view spans until every span sent is there, or `timeout_ms` passed. */
export async function waitUntilQueryable(
  sent: readonly Sent[],
  options: { readonly clock: Clock; readonly clickhouse: string; readonly timeout_ms: number },
): Promise<Queryable> {
  const { clock, clickhouse, timeout_ms } = options
  const waiting = new Map<string, number>()
  for (const { project, spans, accepted_at } of sent)
    for (const { trace_id, span_id } of spans) waiting.set(`${project}/${trace_id}/${span_id}`, accepted_at)
  const latencies: number[] = []
  let first_seen_at = Number.NaN
  const deadline = clock.monotonic() + timeout_ms
  while (waiting.size > 0 && clock.monotonic() < deadline) {
    const rows = await askClickhouse<{ id: string }>(
      clickhouse,
      `SELECT concat(project, '/', trace_id, '/', span_id) AS id FROM spans`,
    )
    const seen_at = clock.monotonic()
    for (const { id } of rows) {
      const accepted_at = waiting.get(id)
      if (accepted_at === undefined) continue
      waiting.delete(id)
      if (Number.isNaN(first_seen_at)) first_seen_at = seen_at
      latencies.push(Math.max(0, seen_at - accepted_at))
    }
    await clock.sleep(POLL_MS)
  }
  return { latencies_ms: latencies.sort((a, b) => a - b), missing: waiting.size, first_seen_at }
}
