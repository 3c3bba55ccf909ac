import { existsSync } from 'node:fs'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { Reconciliation } from '../../sinks/clickhouse/reconcile.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, ConfigError, loadConfig, readConfigValues } from '../config.ts'
import type { ConfigOutcome } from '../config-control.ts'
import { withOfflineInstance } from '../offline.ts'
import type { ConfigHistory } from '../operations/config.ts'
import type { StoreState } from '../operations/doctor.ts'
import { logDirectory, storeDirectory } from '../paths.ts'
import { PRODUCT_VERSION } from '../pipeline-version.ts'
import { type Check, type Finding, finding, shortened } from './check.ts'
import { ask, type Instance, isSilent } from './instance.ts'

/** Checks that need an instance, or, where none runs, the data directory for a moment. */
export function storeChecks(context: CommandContext, config: Config, instance: Instance): readonly Check[] {
  if (instance.state === 'hangs') return []
  if (instance.state === 'running' && instance.health.processes.some((one) => one.role === 'process' && isSilent(one)))
    return [
      {
        name: 'store',
        limit_ms: 1_000,
        run: async () =>
          ['store', 'ledger', 'changes'].map((name) => finding('skipped', name, 'process does not answer')),
      },
    ]
  if (instance.state === 'running')
    return [
      {
        name: 'store',
        limit_ms: 20_000,
        run: async () =>
          operation<StoreState>(config, 'store_state', {}).then((state) => judgeStore(state, config), judgeStoreError),
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

/** ClickHouse's words for files of a table that are gone or not as they were written. */
const DAMAGED =
  /FILE_DOESNT_EXIST|NO_SUCH_DATA_PART|CORRUPTED_DATA|CHECKSUM_DOESNT_MATCH|CANNOT_READ_ALL_DATA|No such file or directory/

/** What the store says when it cannot even be asked how it is. */
export function judgeStoreError(error: Error): readonly Finding[] {
  const [damage] = DAMAGED.exec(error.message) ?? []
  if (damage === undefined) throw error
  const found = `files of the tables are gone or damaged (${damage}): ${shortened(error.message)}`
  const advice =
    'Stop EvalForge; restore its folder clickhouse from a copy, or rebuild what the log still holds: docs/operations.md.'
  return [finding('fail', 'store', found, advice)]
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
  const counts = `lost ${lost}, duplicated ${duplicated}, changed ${checksum_mismatches}, in ${ranges} range${ranges === 1 ? '' : 's'}`
  if (lost + duplicated + checksum_mismatches === 0) return [finding('ok', name, counts)]
  const advice =
    lost > 0
      ? '`evalforge ledger --full` names examples. If tables were lost: stop, `evalforge store rebuild`, start. What `topics skip` gave up stays counted until retention takes it.'
      : '`evalforge ledger --full` looks at everything again; report what it says.'
  return [finding('fail', name, counts, advice)]
}

const NAMED_PATHS = 5

/** Some of the settings that differ; `config diff` shows all, with their values. */
function pathsOf(changes: ConfigOutcome['changes']): string {
  const named = changes.slice(0, NAMED_PATHS).map(({ path }) => path)
  const more = changes.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

async function checkChanges(context: CommandContext, config: Config): Promise<readonly Finding[]> {
  const name = 'configuration'
  let values: unknown
  try {
    loadConfig(context.file, context.overrides)
    values = readConfigValues(context.file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [finding('skipped', name, 'the file is not valid, so it is not compared with what is in force')]
  }
  const outcome = await operation<ConfigOutcome>(config, 'config_diff', { values })
  const { versions } = await operation<ConfigHistory>(config, 'config_history', { limit: 1 })
  return judgeChanges(outcome, versions[0]?.rolled_back_to ?? null, context.file.path)
}

/** `rolled_back_to`: the version that a rollback put in force, or null. Then the file holds what was rolled back. */
export function judgeChanges(
  { changes, needs_restart, sequence }: Pick<ConfigOutcome, 'changes' | 'needs_restart' | 'sequence'>,
  rolled_back_to: number | null,
  path: string,
): readonly Finding[] {
  const name = 'configuration'
  const findings: Finding[] = []
  if (changes.length > 0 && rolled_back_to !== null)
    findings.push(
      finding(
        'warn',
        name,
        `rolled back to version ${rolled_back_to}; ${path} still differs: ${pathsOf(changes)}`,
        `Mend ${path} until \`evalforge config diff\` shows what you want, then \`config apply\`; before, it would undo the rollback.`,
      ),
    )
  else if (changes.length > 0)
    findings.push(
      finding(
        'warn',
        name,
        `not in force yet: ${pathsOf(changes)}`,
        '`evalforge config diff` shows them, `config apply` puts them in force.',
      ),
    )
  if (needs_restart.length > 0)
    findings.push(
      finding('warn', name, `waits for a restart: ${pathsOf(needs_restart)}`, 'Restart EvalForge when it suits.'),
    )
  return findings.length > 0 ? findings : [finding('ok', name, `version ${sequence} is in force, as the file says`)]
}
