import type { Reconciliation } from '../../sinks/clickhouse/reconcile.ts'
import { askClickhouse } from '../demo/clickhouse-client.ts'
import { operateAt } from '../operate.ts'
import type { RequestSource } from './requests.ts'

export interface Accounted {
  /** Acknowledged spans that view spans does not show. */
  readonly lost: number
  /** (trace, span) that view spans shows more than once, or that nobody sent. */
  readonly duplicated: number
  /** Distinct spans of the project in the view. */
  readonly stored: number
}

export interface AccountingOptions {
  readonly clickhouse: string
  readonly project: string
  readonly source: RequestSource
  /** Numbers of acknowledged requests: each of their spans must be there once. */
  readonly acknowledged: readonly number[]
  /** Numbers of requests without an answer: their spans may be there, once. */
  readonly unanswered: readonly number[]
}

const PAGES = 16

/** Compares what the sender knows with view spans, span by span. */
export async function accountFor(options: AccountingOptions): Promise<Accounted> {
  const { clickhouse, project, source, acknowledged, unanswered } = options
  const expected = new Set(acknowledged.flatMap((index) => spanKeys(source, index)))
  const possible = new Set(unanswered.flatMap((index) => spanKeys(source, index)))
  let found = 0
  let duplicated = 0
  let stored = 0
  for (let page = 0; page < PAGES; page++) {
    const rows = await askClickhouse<{ trace_id: string; span_ids: readonly string[] }>(
      clickhouse,
      `SELECT trace_id, groupArray(span_id) AS span_ids FROM spans
       WHERE project = '${project}' AND startsWith(trace_id, '${page.toString(16)}') GROUP BY trace_id`,
    )
    for (const { trace_id, span_ids } of rows)
      for (const span_id of new Set(span_ids)) {
        stored++
        if (expected.has(trace_id + span_id)) found++
        else if (!possible.has(trace_id + span_id)) duplicated++
      }
    for (const { span_ids } of rows) duplicated += span_ids.length - new Set(span_ids).size
  }
  return { lost: expected.size - found, duplicated, stored }
}

function spanKeys(source: RequestSource, index: number): string[] {
  return source.idsOf(index).flatMap(({ trace_id, span_ids }) => span_ids.map((span_id) => trace_id + span_id))
}

/** What the pipeline itself finds when it re-reads every range. */
export function readLedger(admin: string): Promise<Reconciliation> {
  return operateAt(admin, 'ledger', { full: true })
}
