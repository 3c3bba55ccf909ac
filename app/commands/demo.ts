import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { lockDirectory } from '../../core/directory-lock.ts'
import { CodedError } from '../../core/errors.ts'
import { quantile } from '../../core/statistics.ts'
import type { Reconciliation } from '../../sinks/clickhouse/reconcile.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, loadConfig, parseConfig } from '../config.ts'
import { type Capture, loadCaptures, type Transport } from '../demo/captures.ts'
import { askClickhouse } from '../demo/clickhouse-client.ts'
import { formatSummary } from '../demo/print.ts'
import type { DemoResult } from '../demo/result.ts'
import { type Sent, sendCaptures } from '../demo/send.ts'
import { summarize } from '../demo/summary.ts'
import { waitUntilQueryable } from '../demo/wait-until-queryable.ts'
import { type Instance, startInstance, untilAskedToStop } from '../instance.ts'
import { onlyForUs } from '../listeners.ts'

/** What EvalForge keeps in a data directory. */
const OURS = new Set(['log', 'clickhouse', 'spool', 'lock', 'lock-journal', 'lock.holder'])
const QUERYABLE_TIMEOUT_MS = 60_000
/** The same spans over three transports stay comparable: each transport has a project of its own. */
const PROJECTS: Readonly<Record<Transport, string>> = {
  'http/protobuf': 'demo-http-protobuf',
  'http/json': 'demo-http-json',
  grpc: 'demo-grpc',
}

export async function demo(context: CommandContext, options: { exit: boolean; json: boolean }): Promise<void> {
  const began = systemClock.monotonic()
  const say = (text: string) => (options.json ? undefined : console.log(text))
  const { config, keys } = demoConfig(context)
  // The demo owns its folder: a second run starts afresh instead of mixing with the first.
  emptyFolder(config.data_dir)
  say('Starting collectors, judges and an embedded ClickHouse …')
  const instance = await startInstance(config)
  const ready_ms = systemClock.monotonic() - began
  const asked = untilAskedToStop()
  try {
    const captures = loadCaptures(systemClock.now())
    say(`Ready after ${Math.round(ready_ms)} ms. Sending what real SDKs sent …`)
    const result = await run({ instance, captures, keys, began, ready_ms })
    if (options.json) console.log(JSON.stringify(result))
    else {
      const { addresses } = instance
      console.log(formatSummary(result, await summarize(addresses.clickhouse), { addresses, stays: !options.exit }))
    }
    if (result.spans_stored !== result.spans_sent || result.lost > 0 || result.duplicated > 0) process.exitCode = 1
    if (!options.exit && !options.json) {
      say('It keeps running: Ctrl-C ends it.')
      await asked
    }
  } finally {
    await instance.stop()
  }
}

/** Throws DATA_DIRECTORY_LOCKED while another demo runs there, DATA_DIRECTORY_UNUSABLE for files that are none of ours. */
export function emptyFolder(path: string): void {
  const present = existsSync(path) ? readdirSync(path) : []
  const foreign = present.find((name) => !OURS.has(name))
  if (foreign !== undefined)
    throw new CodedError('DATA_DIRECTORY_UNUSABLE', `The demo empties ${path}, but ${foreign} there is not of a demo.`)
  if (present.length > 0) lockDirectory(path).release()
  rmSync(path, { recursive: true, force: true })
}

interface Run {
  readonly instance: Instance
  readonly captures: readonly Capture[]
  readonly keys: Readonly<Record<Transport, string>>
  readonly began: number
  readonly ready_ms: number
}

async function run({ instance, captures, keys, began, ready_ms }: Run): Promise<DemoResult> {
  const { addresses, supervisor } = instance
  const sent = await sendCaptures(captures, {
    clock: systemClock,
    otlp_http: addresses.otlp_http,
    otlp_grpc: addresses.otlp_grpc,
    projectOf: ({ transport }) => ({ project: PROJECTS[transport], key: keys[transport] }),
  })
  const { clickhouse } = addresses
  const { latencies_ms, first_seen_at } = await waitUntilQueryable(sent, {
    clock: systemClock,
    clickhouse,
    timeout_ms: QUERYABLE_TIMEOUT_MS,
  })
  const ledger = (await supervisor.call('process', 'ledger', { full: true })) as Reconciliation
  const [stored] = await askClickhouse<{ spans: string; evaluations: string }>(
    clickhouse,
    `SELECT toString(uniqExact(project, trace_id, span_id)) AS spans,
       toString(sum(length(rule_evaluations.judge))) AS evaluations FROM spans`,
  )
  const letters = (await supervisor.call('process', 'dead_letters', { limit: 1, project: '' })) as { total: number }
  return {
    spans_sent: distinctSpans(sent),
    spans_stored: Number(stored?.spans ?? 0),
    evaluations: Number(stored?.evaluations ?? 0),
    log_records_sent: sent.reduce((total, { log_records }) => total + log_records, 0),
    dead_letters: letters.total,
    lost: ledger.lost,
    duplicated: ledger.duplicated,
    sdks: new Set(sent.map(({ sdk }) => sdk)).size,
    accepted_to_queryable_ms: {
      p50: toTenths(quantile(latencies_ms, 0.5)),
      p95: toTenths(quantile(latencies_ms, 0.95)),
      p99: toTenths(quantile(latencies_ms, 0.99)),
    },
    ready_ms: Math.round(ready_ms),
    first_rows_ms: Math.round(first_seen_at - began),
  }
}

const toTenths = (ms: number) => Math.round(ms * 10) / 10

function distinctSpans(sent: readonly Sent[]): number {
  const ids = sent.flatMap(({ project, spans }) =>
    spans.map(({ trace_id, span_id }) => `${project}/${trace_id}/${span_id}`),
  )
  return new Set(ids).size
}

/** The user's configuration with the demo's own folder and keys made for this run only. */
function demoConfig(context: CommandContext): { config: Config; keys: Readonly<Record<Transport, string>> } {
  const base = loadConfig(context.file, { log_level: 'warn', ...context.overrides })
  const ours = onlyForUs(base)
  const made = Object.entries(PROJECTS).map(([transport, project]) => ({
    transport,
    project,
    ...createApiKey(randomBytes),
  }))
  const config = parseConfig({
    ...ours,
    data_dir: resolve(join(base.data_dir, 'demo')),
    keys: made.map(({ project, sha256 }) => ({ project, sha256 })),
    store: { ...ours.store, http: { ...ours.store.http, reader_key_sha256: undefined } },
  })
  return {
    config,
    keys: Object.fromEntries(made.map(({ transport, key }) => [transport, key])) as Record<Transport, string>,
  }
}
