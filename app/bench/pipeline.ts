/**
 * How many spans a second does the whole pipeline take, and what does each cost? It runs as a user runs it; an open-loop
 * generator in a process of its own sends OTLP/HTTP; CPU and memory are those of the pipeline's processes only.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { quantile } from '../../core/statistics.ts'
import { askClickhouse } from '../demo/clickhouse-client.ts'
import { accountFor, readLedger } from './accounting.ts'
import { measureInsertOnly } from './insert-only.ts'
import { generate, SPANS_PER_REQUEST, WARM_UP_MS } from './load.ts'
import { type ProbeReport, startProbes } from './probe.ts'
import { cpuMicroseconds, pssBytes, requireProc } from './process-usage.ts'
import { createRequestSource } from './requests.ts'
import { formatBytes, requireRoom } from './room.ts'
import { type StartedPipeline, startPipeline, untilCaughtUp } from './started-pipeline.ts'

export interface BenchOptions {
  readonly seconds: number
  readonly rate: number
  readonly span_bytes: number
  /** '' for a temporary one, removed afterwards. */
  readonly data_dir: string
}

export interface Quantiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** What `evalforge bench --json` prints; additive changes only. */
export interface BenchResult {
  readonly seconds: number
  /** Spans a second that were due, and those both acknowledged and queryable within the window. */
  readonly offered_spans_per_second: number
  readonly spans_per_second: number
  readonly span_bytes: number
  /** User and system CPU of the pipeline's processes over the window, per span that became queryable in it. */
  readonly cpu_us_per_span: number
  readonly cpu_us_per_span_by_process: Readonly<Record<string, number>>
  /** From when a request was due, so that waiting for a connection counts. */
  readonly ack_ms: Quantiles
  readonly queryable_ms: Quantiles
  readonly probes: number
  /** Largest sum of proportional set sizes, sampled every second. */
  readonly rss_mb: number
  readonly rows_per_insert: number
  readonly insert_only_cpu_us_per_row: number
  readonly share_of_insert_limit: number
  readonly spans_acknowledged: number
  readonly spans_stored: number
  readonly lost: number
  readonly duplicated: number
  readonly ledger: { readonly lost: number; readonly duplicated: number; readonly checksum_mismatches: number }
  readonly requests_unanswered: number
  readonly retries: number
  readonly errors: Readonly<Record<string, number>>
  readonly generator_cpu_us_per_span: number
}

const SEED = 20_261_120
const INSERT_ONLY_SECONDS = 15
const LOAD_PROJECT = 'bench'
const PROBE_PROJECT = 'probe'

export async function benchPipeline(options: BenchOptions, say: (text: string) => void): Promise<BenchResult> {
  requireProc()
  const directory = options.data_dir === '' ? mkdtempSync(join(tmpdir(), 'evalforge-bench-')) : options.data_dir
  mkdirSync(directory, { recursive: true })
  try {
    say(`About ${formatBytes(requireRoom(directory, options))} of disk are used meanwhile in ${directory}.`)
    say('Starting the pipeline …')
    const running = await runLoad(options, directory, say)
    say('Inserting the same kind of rows into a store alone …')
    const insert_only = await measureInsertOnly({
      ...requestOptions(options),
      directory: join(directory, 'insert-only'),
      rows_per_insert: running.rows_per_insert,
      rows_per_second: running.spans_per_second,
      seconds: Math.min(INSERT_ONLY_SECONDS, options.seconds),
    })
    return {
      ...running,
      insert_only_cpu_us_per_row: round(insert_only.cpu_us_per_row),
      share_of_insert_limit: round(insert_only.cpu_us_per_row / running.cpu_us_per_span, 3),
    }
  } finally {
    if (options.data_dir === '') rmSync(directory, { recursive: true, force: true })
  }
}

type LoadResult = Omit<BenchResult, 'insert_only_cpu_us_per_row' | 'share_of_insert_limit'>

const requestOptions = ({ span_bytes }: BenchOptions) => ({
  seed: SEED,
  span_bytes,
  spans_per_request: SPANS_PER_REQUEST,
})

async function runLoad(options: BenchOptions, directory: string, say: (text: string) => void): Promise<LoadResult> {
  const keys = [LOAD_PROJECT, PROBE_PROJECT].map((project) => ({ project, ...createApiKey(randomBytes) }))
  const config = { keys: keys.map(({ project, sha256 }) => ({ project, sha256 })) }
  const pipeline = await startPipeline({ data_dir: directory, config })
  try {
    say(`Sending ${options.rate} spans/s for ${options.seconds} s after ${WARM_UP_MS / 1000} s of warm-up …`)
    const { starts_at, report: generating } = generate({
      ...requestOptions(options),
      otlp_http: pipeline.otlp_http,
      key: keys[0]!.key,
      rate: options.rate,
      seconds: options.seconds,
    })
    await systemClock.sleep(starts_at + WARM_UP_MS - systemClock.now())
    const { otlp_http, clickhouse } = pipeline
    const { span_bytes } = options
    const probe = { otlp_http, clickhouse, span_bytes, project: PROBE_PROJECT, key: keys[1]!.key, seed: SEED + 1 }
    const probes = startProbes(probe)
    const window = await measureWindow(pipeline, options.seconds)
    const [generated, probed] = await Promise.all([generating, probes.stop()])
    say('Comparing what was acknowledged with what is stored …')
    await untilCaughtUp(pipeline)
    const source = createRequestSource(requestOptions(options))
    const accounted = await accountFor({ ...generated, source, clickhouse, project: LOAD_PROJECT })
    const ledger = await readLedger(pipeline.admin)
    const { spans_acknowledged_in_window, acknowledged, retries, errors, cpu_us } = generated
    return {
      seconds: options.seconds,
      offered_spans_per_second: options.rate,
      spans_per_second: round(Math.min(spans_acknowledged_in_window, window.spans) / window.seconds, 0),
      span_bytes: round(generated.bytes_per_span, 0),
      cpu_us_per_span: round(sum(Object.values(window.cpu_us)) / window.spans),
      cpu_us_per_span_by_process: mapValues(window.cpu_us, (cpu) => round(cpu / window.spans)),
      ack_ms: quantilesOf(generated.ack_ms),
      queryable_ms: quantilesOf(probed.queryable_ms),
      probes: probed.queryable_ms.length,
      rss_mb: round(window.pss_bytes / 2 ** 20, 0),
      rows_per_insert: window.rows_per_insert,
      spans_acknowledged: acknowledged.length * SPANS_PER_REQUEST,
      spans_stored: accounted.stored,
      lost: Math.max(accounted.lost, ledger.lost) + probed.unseen,
      duplicated: Math.max(accounted.duplicated, ledger.duplicated),
      ledger: {
        lost: ledger.lost,
        duplicated: ledger.duplicated,
        checksum_mismatches: ledger.checksum_mismatches,
      },
      requests_unanswered: generated.unanswered.length,
      retries,
      errors: withProbes(errors, probed),
      generator_cpu_us_per_span: round(cpu_us / (acknowledged.length * SPANS_PER_REQUEST)),
    }
  } finally {
    await pipeline.stop()
  }
}

interface Window {
  readonly seconds: number
  /** Spans of the load that became queryable in it. */
  readonly spans: number
  readonly cpu_us: Readonly<Record<string, number>>
  readonly pss_bytes: number
  readonly rows_per_insert: number
}

async function measureWindow(pipeline: StartedPipeline, seconds: number): Promise<Window> {
  const pids: Record<string, number> = { supervisor: pipeline.pid }
  for (const { role, pid } of await pipeline.processes()) pids[role] = pid!
  const before = await snapshot(pipeline, pids)
  let pss_bytes = 0
  while (systemClock.monotonic() - before.at < seconds * 1000) {
    await systemClock.sleep(Math.min(1000, Math.max(1, before.at + seconds * 1000 - systemClock.monotonic())))
    pss_bytes = Math.max(pss_bytes, sum(Object.values(pids).map((pid) => pssBytes(pid) ?? 0)))
  }
  const after = await snapshot(pipeline, pids)
  const inserts = after.inserts - before.inserts
  return {
    seconds: (after.at - before.at) / 1000,
    spans: after.spans - before.spans,
    cpu_us: mapValues(after.cpu_us, (cpu, role) => cpu - before.cpu_us[role]!),
    pss_bytes,
    rows_per_insert: Math.round((after.inserted_rows - before.inserted_rows) / inserts),
  }
}

async function snapshot(pipeline: StartedPipeline, pids: Readonly<Record<string, number>>) {
  const at = systemClock.monotonic()
  const cpu_us = mapValues(pids, (pid, role) => {
    const cpu = cpuMicroseconds(pid)
    if (cpu === null) throw new Error(`the process ${role} ended during the measurement:\n${pipeline.log()}`)
    return cpu
  })
  const [row] = await askClickhouse<{ spans: string }>(
    pipeline.clickhouse,
    `SELECT toString(count()) AS spans FROM spans WHERE project = '${LOAD_PROJECT}'`,
  )
  const inserts = await pipeline.metric('evalforge_batch_rows_count', 'table="spans_rows"')
  const inserted_rows = await pipeline.metric('evalforge_batch_rows_sum', 'table="spans_rows"')
  return { at, cpu_us, spans: Number(row!.spans), inserts, inserted_rows }
}

function withProbes(errors: Readonly<Record<string, number>>, { refused }: ProbeReport) {
  return refused === 0 ? errors : { ...errors, probes_refused: refused }
}

export function quantilesOf(ascending: readonly number[]): Quantiles {
  const at = (q: number) => round(quantile(ascending, q), 1)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

function mapValues<Value, Result>(values: Readonly<Record<string, Value>>, map: (value: Value, key: string) => Result) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]))
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

export function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
