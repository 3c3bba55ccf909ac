import { stringify } from 'yaml'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, ConfigError, configSchema, loadConfig, parseConfig, readConfigValues } from '../config.ts'
import { confirmationOf } from '../config-confirmation.ts'
import type { ConfigOutcome } from '../config-control.ts'
import { describeSettings } from '../config-reference.ts'
import { changeLines, historyLines, shortenedHashes } from '../config-text.ts'
import { requireCustomJudges } from '../custom-judges.ts'
import { exposureWarnings, requireTlsFiles } from '../listeners.ts'
import { askProcesses, operate, operatePatiently } from '../operate.ts'
import type { ConfigHistory, RunningConfig } from '../operations/config.ts'

export async function check(context: CommandContext): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  requireTlsFiles(config, context.file.path)
  await requireCustomJudges(config, { source: context.file.path, clock: systemClock, directory: process.cwd() })
  for (const warning of exposureWarnings(config)) console.error(`warning: ${warning}`)
  console.log(`${context.file.path} is valid.`)
}

export async function print(context: CommandContext, options: { describe: boolean; running: boolean }): Promise<void> {
  if (options.describe) console.log(describeSettings(configSchema))
  else if (options.running) await printRunning(context)
  else console.log(stringify(loadConfig(context.file, context.overrides)).trimEnd())
}

async function printRunning(context: CommandContext): Promise<void> {
  const { sequence, config } = await askInstance<RunningConfig>(locate(context), 'config_running', {})
  console.log(
    `# version ${sequence}, in force now; hashes are shortened\n${stringify(shortenedHashes(config)).trimEnd()}`,
  )
}

/** Exit code 2 where `exit_code` is asked for and something differs. */
export async function diff(context: CommandContext, options: { json: boolean; exit_code: boolean }): Promise<void> {
  const config = loadConfig(context.file, context.overrides)
  const outcome = await operate<ConfigOutcome>(config, 'config_diff', { values: readConfigValues(context.file) })
  const { changes, needs_restart } = outcome
  if (options.json) console.log(JSON.stringify(outcome))
  else if (changes.length + needs_restart.length === 0)
    console.log(`${context.file.path} says the same as version ${outcome.sequence}, which is in force.`)
  else {
    const [inForce] = (await operate<ConfigHistory>(config, 'config_history', { limit: 1 })).versions
    const rolledBackTo = inForce?.rolled_back_to ?? null
    if (changes.length > 0 && rolledBackTo !== null)
      console.log(`A rollback to version ${rolledBackTo} is in force; to apply the file now would undo it.`)
    console.log(changes.length === 0 ? 'Nothing to apply.' : 'In force → in the file (`evalforge config apply`):')
    for (const line of changeLines(changes)) console.log(line)
    printRestart(outcome)
  }
  if (options.exit_code && changes.length + needs_restart.length > 0) process.exitCode = 2
}

export interface ChangeOptions {
  readonly note: string
  readonly dry_run: boolean
  readonly json: boolean
}

export async function apply(context: CommandContext, { json, ...how }: ChangeOptions): Promise<void> {
  // Everything that is wrong with the file is said before anybody is asked.
  const config = loadConfig(context.file, context.overrides)
  const body = { values: readConfigValues(context.file), ...how }
  await changeAndConfirm(config, 'config_apply', { body, json })
}

export async function rollback(
  context: CommandContext,
  { json, ...how }: ChangeOptions & { readonly sequence: number | null },
): Promise<void> {
  await changeAndConfirm(locate(context), 'config_rollback', { body: how, json })
  if (!json && !how.dry_run)
    console.log(`Now mend ${context.file.path}: \`evalforge config apply\` would put in force what it says.`)
}

export async function history(context: CommandContext, options: { limit: number; json: boolean }): Promise<void> {
  const found = await operate<ConfigHistory>(locate(context), 'config_history', { limit: options.limit })
  if (options.json) for (const version of found.versions) console.log(JSON.stringify(version))
  else for (const line of historyLines(found)) console.log(line)
}

/** Exit code 1 where a process does not confirm in time. */
async function changeAndConfirm(
  config: Config,
  operation: 'config_apply' | 'config_rollback',
  { body, json }: { body: { readonly dry_run: boolean }; json: boolean },
): Promise<void> {
  const since = systemClock.monotonic()
  const outcome = await askInstance<ConfigOutcome>(config, operation, body)
  const waiting = body.dry_run
    ? []
    : await confirmationOf(outcome.sequence, { ask: () => askProcesses(config), clock: systemClock })
  const seconds = ((systemClock.monotonic() - since) / 1000).toFixed(1)
  if (waiting.length > 0) process.exitCode = 1
  if (json) {
    console.log(JSON.stringify({ ...outcome, seconds: Number(seconds), not_confirmed: waiting }))
    return
  }
  const place = `version ${outcome.sequence} (config_version ${outcome.config_version} in the tables)`
  if (body.dry_run) console.log(outcome.changes.length === 0 ? 'This would change nothing.' : 'This would change:')
  else if (!outcome.changed) console.log(`Nothing to change: ${place} is in force.`)
  else if (waiting.length === 0) console.log(`In force after ${seconds} s: ${place}.`)
  else console.log(`Written, but not confirmed by ${waiting.join(' and ')} after ${seconds} s: ${place}.`)
  for (const line of changeLines(outcome.changes)) console.log(line)
  printRestart(outcome)
}

function printRestart({ needs_restart }: ConfigOutcome): void {
  if (needs_restart.length === 0) return
  console.log('Waits for a restart of `evalforge start`:')
  for (const line of changeLines(needs_restart)) console.log(line)
}

async function askInstance<Answer>(config: Config, operation: string, body: object): Promise<Answer> {
  const answer = await operatePatiently<Answer>(config, operation, body)
  if (answer !== undefined) return answer
  const { host, port } = config.admin
  throw new CodedError(
    'NOT_RUNNING',
    `Nothing answers on ${host}:${port}; \`evalforge start\` reads the file when it starts.`,
  )
}

/** Where the instance is, also with a file that is wrong otherwise: going back must work just then. */
function locate(context: CommandContext): Config {
  const { file, overrides } = context
  try {
    return loadConfig(file, overrides)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const config = locateByDefault(context)
    const { host, port } = config.admin
    console.error(`${file.path} is not valid (\`evalforge config check\`); asking the instance on ${host}:${port}.`)
    return config
  }
}

function locateByDefault({ file, overrides }: CommandContext): Config {
  for (const pick of [['data_dir', 'admin'], ['data_dir'], ['admin']]) {
    try {
      const values = readConfigValues(file) as Record<string, unknown>
      return parseConfig(Object.fromEntries(Object.entries(values).filter(([name]) => pick.includes(name))), overrides)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
    }
  }
  return parseConfig({}, overrides)
}
