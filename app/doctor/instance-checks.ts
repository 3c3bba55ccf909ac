import { existsSync } from 'node:fs'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { Reconciliation } from '../../sinks/clickhouse/reconcile.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, readConfigValues } from '../config.ts'
import type { ConfigOutcome } from '../config-control.ts'
import { withOfflineInstance } from '../offline.ts'
import type { StoreState } from '../operations/doctor.ts'
import { logDirectory, storeDirectory } from '../paths.ts'
import { PRODUCT_VERSION } from '../pipeline-version.ts'
import type { SupervisorHealth } from '../supervisor/supervisor.ts'
import { type Check, type Finding, finding } from './check.ts'
import { holderOf } from './ports.ts'

/** What runs here, as it says itself; `hangs`: something holds the admin port and does not answer as ours. */
export type Instance =
  | { readonly state: 'absent' }
  | { readonly state: 'hangs'; readonly reason: string }
  | { readonly state: 'running'; readonly health: SupervisorHealth }

const READY_MS = 6_000
const ANSWER_MS = 15_000

function adminUrl({ admin: { host, port } }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function ask<Answer>(config: Config, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${adminUrl(config)}${path}`, {
    signal: AbortSignal.timeout(body ? ANSWER_MS : READY_MS),
    ...(body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const answer = (await response.json()) as Answer & { readonly title?: string }
  if (!response.ok && response.status !== 503) throw new Error(answer.title ?? `status ${response.status}`)
  if (!response.ok && body) throw new Error(answer.title ?? `status ${response.status}`)
  return answer
}

export async function findInstance(config: Config): Promise<Instance> {
  try {
    const health = await ask<SupervisorHealth>(config, '/ready')
    if (!Array.isArray(health.processes)) return { state: 'hangs', reason: 'it is not EvalForge' }
    return { state: 'running', health }
  } catch (error) {
    const { cause, name, message } = error as Error & { cause?: NodeJS.ErrnoException }
    if (cause?.code === 'ECONNREFUSED') return { state: 'absent' }
    return {
      state: 'hangs',
      reason: name === 'TimeoutError' ? `no answer within ${READY_MS / 1000} s` : (cause?.code ?? message),
    }
  }
}

/** Ports that the instance says it listens on. */
export function portsOf(config: Config, instance: Instance): ReadonlySet<number> {
  if (instance.state !== 'running') return new Set()
  const infos = instance.health.processes.flatMap(({ info }) => Object.values(info))
  const ports = infos.flatMap((info) => (info as { port?: unknown } | null)?.port ?? [])
  return new Set([config.admin.port, ...ports.filter((port) => typeof port === 'number')])
}

export function judgeInstance(config: Config, instance: Instance): readonly Finding[] {
  const name = 'instance'
  if (instance.state === 'absent') return [finding('ok', name, `nothing runs on ${adminUrl(config)}`)]
  if (instance.state === 'hangs') {
    const holder = holderOf(config.admin.port)
    const who = holder ? `process ${holder.pid} (${holder.command})` : 'something'
    const wake = holder?.stopped
      ? `It is stopped: kill -CONT ${holder.pid}.`
      : 'If it is EvalForge, look at its log, then kill -9 and start it again: nothing acknowledged is lost. Else choose another admin.port.'
    return [
      finding('fail', name, `${who} holds ${adminUrl(config)} and gives no answer of ours: ${instance.reason}`, wake),
    ]
  }
  return instance.health.processes.map(({ role, pid, state, restarts, healthy, reason }) => {
    const found = `${role} (${pid ?? 'no process'}): ${healthy ? state : reason}${restarts > 0 ? `, started again ${restarts} times` : ''}`
    if (!healthy)
      return finding(
        'fail',
        name,
        found,
        reason.includes('answer')
          ? `Its log says why; if it hangs, kill -9 ${pid}: it is started again.`
          : 'Its log says more; docs/errors.md says what each code wants.',
      )
    if (restarts > 0)
      return finding('warn', name, found, 'Look in the log for why it ended ("a process ended", "fatal").')
    return finding(reason === '' ? 'ok' : 'warn', name, reason === '' ? found : `${found}; ${reason}`)
  })
}

/** Checks that need an instance, or, where none runs, the data directory for a moment. */
export function storeChecks(context: CommandContext, config: Config, instance: Instance): readonly Check[] {
  if (instance.state === 'hangs') return []
  if (instance.state === 'running')
    return [
      {
        name: 'store',
        limit_ms: 20_000,
        run: async () => judgeStore(await operation<StoreState>(config, 'store_state', {}), config),
      },
      {
        name: 'ledger',
        limit_ms: 20_000,
        run: async () => judgeLedger(await operation<Reconciliation>(config, 'ledger', { full: false })),
      },
      { name: 'changes', limit_ms: 20_000, run: () => checkChanges(context, config) },
    ]
  return [{ name: 'store', limit_ms: 60_000, run: () => checkOffline(config) }]
}

const operation = async <Answer>(config: Config, name: string, body: object): Promise<Answer> =>
  (await ask<{ answer: Answer }>(config, `/operations/${name}`, body)).answer

async function checkOffline(config: Config): Promise<readonly Finding[]> {
  if (!existsSync(storeDirectory(config))) return checkMissingStore(config)
  try {
    return await withOfflineInstance(config, async ({ operations }) => [
      ...judgeStore((await operations.store_state!({})) as StoreState, config),
      ...judgeLedger((await operations.ledger!({ full: false })) as Reconciliation),
    ])
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'DATA_DIRECTORY_LOCKED')) throw error
    return [
      finding(
        'fail',
        'instance',
        error.message,
        'An instance runs on this directory with another admin port: name it with --admin-port.',
      ),
    ]
  }
}

/** Tables that are gone while the log says that records were stored in them. */
async function checkMissingStore(config: Config): Promise<readonly Finding[]> {
  const directory = logDirectory(config)
  const none = [finding('ok', 'store', 'no tables yet; the first start makes them')]
  if (!existsSync(directory)) return none
  const broker = await createEmbeddedBroker({ directory, writes: [], clock: systemClock, on_fatal: () => {} })
  try {
    const stored = (await broker.groups()).reduce((sum, { commit }) => sum + (commit?.offset ?? 0n), 0n)
    if (stored === 0n) return none
    const found = `the tables are gone; ${stored} records of the log were in them`
    return [
      finding(
        'fail',
        'store',
        found,
        '`evalforge store rebuild`, then start: what the log still holds is judged again.',
      ),
    ]
  } finally {
    await broker.close()
  }
}

const SLOW_QUERY_MS = 1_000
const CLOCK_OFF_MS = 1_000

export function judgeStore(state: StoreState, { data_dir }: Pick<Config, 'data_dir'>): readonly Finding[] {
  const findings: Finding[] = []
  if (state.data_dir !== data_dir) {
    const found = `the one that runs here keeps its data in ${state.data_dir}, not in ${data_dir}`
    findings.push(
      finding('fail', 'instance', found, 'Name the other admin port or data directory (--admin-port, --data-dir).'),
    )
  }
  const { query_ms, engine_version, product_version, migrations_missing, clock_ahead_ms } = state
  const found = `ClickHouse ${engine_version}, ${state.spans_rows} span rows, answers in ${query_ms.toFixed(0)} ms`
  if (query_ms > SLOW_QUERY_MS)
    findings.push(finding('warn', 'store', found, 'Look at system.processes and at the disk.'))
  else findings.push(finding('ok', 'store', found))
  if (Math.abs(clock_ahead_ms) > CLOCK_OFF_MS)
    findings.push(
      finding('warn', 'clock', `the store's clock is ${Math.round(clock_ahead_ms)} ms off ours`, 'Let NTP keep both.'),
    )
  if (migrations_missing.length > 0)
    findings.push(
      finding(
        'fail',
        'versions',
        `migrations not applied: ${migrations_missing.join(', ')}`,
        '`evalforge migrate`, or start it.',
      ),
    )
  if (product_version !== PRODUCT_VERSION)
    findings.push(
      finding(
        'warn',
        'versions',
        `${product_version} runs, this is ${PRODUCT_VERSION}`,
        'Restart it to run this version.',
      ),
    )
  else findings.push(finding('ok', 'versions', `EvalForge ${product_version}, pipeline ${state.pipeline_version}`))
  return findings
}

export function judgeLedger(found: Reconciliation): readonly Finding[] {
  const name = 'ledger'
  const { lost, duplicated, checksum_mismatches, ranges } = found
  const counts = `lost ${lost}, duplicated ${duplicated}, changed ${checksum_mismatches}, in ${ranges} ranges`
  if (lost + duplicated + checksum_mismatches === 0) return [finding('ok', name, counts)]
  const advice =
    lost > 0
      ? '`evalforge ledger --full` names examples. If tables were lost: stop, `evalforge store rebuild`, start. What `topics skip` gave up stays counted until retention takes it.'
      : '`evalforge ledger --full` looks at everything again; report what it says.'
  return [finding('fail', name, counts, advice)]
}

async function checkChanges(context: CommandContext, config: Config): Promise<readonly Finding[]> {
  const name = 'configuration'
  const outcome = await operation<ConfigOutcome>(config, 'config_diff', { values: readConfigValues(context.file) })
  const findings: Finding[] = []
  const paths = (changes: ConfigOutcome['changes']) => changes.map(({ path }) => path).join(', ')
  if (outcome.changes.length > 0)
    findings.push(
      finding(
        'warn',
        name,
        `not in force yet: ${paths(outcome.changes)}`,
        '`evalforge config diff` shows them, `config apply` puts them in force.',
      ),
    )
  if (outcome.needs_restart.length > 0)
    findings.push(
      finding('warn', name, `waits for a restart: ${paths(outcome.needs_restart)}`, 'Restart EvalForge when it suits.'),
    )
  return findings.length > 0
    ? findings
    : [finding('ok', name, `version ${outcome.sequence} is in force, as the file says`)]
}
