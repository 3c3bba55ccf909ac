import { join } from 'node:path'
import type { Broker } from '../../adapters/broker/broker.ts'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { readLedger } from '../../app/bench/accounting.ts'
import type { StartedPipeline } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import type { IngestLimits } from '../../core/ingest-limits.ts'
import { scanLogs } from '../../schemas/otlp/scan.ts'
import { DEAD_LETTER_HEADERS, DEAD_LETTERS, HEADER_PROJECT, OTLP_LOGS } from '../../schemas/topics.ts'
import { ask } from '../e2e/a-pipeline.ts'
import { asId, type Promised, spanIds } from './account.ts'

/** What became of everything that was acknowledged. All but the first three and the log records must be 0. */
export interface Settlement {
  readonly acknowledged_spans: number
  readonly rows: number
  readonly dead_letters: number
  /** Acknowledged, and neither a row nor a dead letter. */
  readonly lost: number
  /** Ids that one write left in more than one row of the view; what one sender gave to two spans does not count. */
  readonly duplicated: number
  /** A row that nobody was promised and that no unanswered request holds: what was refused changed something. */
  readonly phantoms: number
  readonly log_records: { readonly acknowledged: number; readonly found: number }
  readonly ledger: { readonly lost: number; readonly duplicated: number; readonly checksum_mismatches: number }
  /** Up to 5 ids that are missing. */
  readonly examples: readonly string[]
}

export interface SettlementOptions {
  readonly pipeline: StartedPipeline
  readonly data_dir: string
  readonly project: string
  readonly promised: Promised
  readonly limits: IngestLimits
}

const PAGES = '0123456789abcdef'

/** Call it when everything on the log is committed. */
export async function settle({
  pipeline,
  data_dir,
  project,
  promised,
  limits,
}: SettlementOptions): Promise<Settlement> {
  const rows = new Set<string>()
  let duplicated = 0
  for (const page of PAGES) {
    const found = await ask<{ trace_id: string; span_id: string; rows: string; writes: string; hours: string }>(
      pipeline,
      `SELECT trace_id, span_id, count() AS rows, uniqExact(version) AS writes, uniqExact(hour) AS hours FROM spans
       WHERE project = '${project}' AND endsWith(trace_id, '${page}') GROUP BY ALL`,
    )
    for (const { trace_id, span_id, rows: count, writes, hours } of found) {
      rows.add(asId(trace_id, span_id))
      if (Number(count) > Math.min(Number(writes), Number(hours))) duplicated++
    }
  }
  const log = await readLog(join(data_dir, 'log'), { project, limits })
  const missing = [...promised.kept].filter((id) => !rows.has(id) && !log.dead.has(id))
  const ledger = await readLedger(pipeline.admin)
  return {
    acknowledged_spans: promised.kept.size,
    rows: rows.size,
    dead_letters: log.letters,
    lost: missing.length,
    duplicated,
    phantoms: [...rows].filter((id) => !promised.kept.has(id) && !promised.perhaps.has(id)).length,
    log_records: { acknowledged: promised.log_records, found: log.log_records },
    ledger: {
      lost: ledger.lost,
      duplicated: ledger.duplicated,
      checksum_mismatches: ledger.checksum_mismatches,
    },
    examples: missing.slice(0, 5).map((id) => Buffer.from(id, 'latin1').toString('hex')),
  }
}

/** Reads the topics of a running instance, which needs no lock. */
async function readLog(directory: string, { project, limits }: { project: string; limits: IngestLimits }) {
  const broker = await createEmbeddedBroker({ directory, writes: [], clock: systemClock, on_fatal: () => {} })
  const dead = new Set<string>()
  const letters = new Set<string>()
  let log_records = 0
  try {
    for await (const { value, headers } of recordsOf(broker, DEAD_LETTERS.name, project)) {
      letters.add(headers[DEAD_LETTER_HEADERS.id] ?? '')
      for (const id of spanIds(value)) dead.add(id)
    }
    for await (const { value } of recordsOf(broker, OTLP_LOGS.name, project))
      log_records += scanLogs(value, limits).accepted
    return { dead, letters: letters.size, log_records }
  } finally {
    await broker.close()
  }
}

async function* recordsOf(broker: Broker, topic: string, project: string) {
  for (const { partition, start, end } of await broker.offsets(topic)) {
    for (let next = start; next < end; ) {
      const records = await broker.fetch(topic, partition, next, { end, max_bytes: 4 << 20 })
      if (records.length === 0) break
      for (const { value, headers } of records)
        if (headers[HEADER_PROJECT] === project && value !== null) yield { value, headers }
      next = records.at(-1)!.offset + 1n
    }
  }
}
