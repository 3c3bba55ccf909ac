#!/usr/bin/env node
/** The command line. Commands load what they need when they run, so that `--help` is quick. */
import { inspect } from 'node:util'
import { Command, Help, type Option } from 'commander'
import { CodedError, ERRORS } from '../core/errors.ts'
import { addBenchCommands } from './command-line/bench.ts'
import { addConfigCommands } from './command-line/config.ts'
import { addDeadLettersCommands } from './command-line/dead-letters.ts'
import { addDoctorCommand } from './command-line/doctor.ts'
import { addJudgesCommands } from './command-line/judges.ts'
import { addKeysCommands } from './command-line/keys.ts'
import { addLedgerCommands } from './command-line/ledger.ts'
import { addRunCommands } from './command-line/run.ts'
import { addSeedCommands } from './command-line/seed.ts'
import { addStoreCommands } from './command-line/store.ts'
import { addTopicsCommands } from './command-line/topics.ts'
import { addTraceCommand } from './command-line/trace.ts'
import { readEnvironmentFile } from './environment.ts'
import { PRODUCT_VERSION } from './pipeline-version.ts'

readEnvironmentFile(process.env)
// `evalforge topics tail … | head`: who reads us has enough, as for any other program.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
const program = new Command('evalforge')
  .description('Judges every LLM call within seconds, on a stream you own: OTLP in, verdicts out.')
  .version(PRODUCT_VERSION)
  .showHelpAfterError('(add --help for the options)')
  .configureHelp({ optionDescription })

addRunCommands(program)
addKeysCommands(program)
addConfigCommands(program)
addJudgesCommands(program)
addSeedCommands(program)
addBenchCommands(program)
addStoreCommands(program)
addLedgerCommands(program)
addDeadLettersCommands(program)
addTopicsCommands(program)
addTraceCommand(program)
addDoctorCommand(program)

/** Nothing and false need not be told as defaults. */
function optionDescription(option: Option): string {
  const isPlain = option.defaultValue === '' || option.defaultValue === false
  return new Help().optionDescription(isPlain ? Object.create(option, { defaultValue: { value: undefined } }) : option)
}

/** What went wrong, and what to do about it; never a stack for what the user can mend. */
function explain(error: unknown): string {
  if (!(error instanceof CodedError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (error.code === 'INTERNAL') return inspect(error)
  const { sentence, advice } = ERRORS[error.code]
  const detail = error.message === sentence ? '' : `${error.message}\n`
  return `${detail || `${sentence}\n`}${advice} (${error.code})`
}

/** SQL copied with its comment begins as an option would; the space before it tells them apart. */
function keepComment(argument: string): string {
  return /^--\s/.test(argument) ? ` ${argument}` : argument
}

try {
  await program.parseAsync(process.argv.map(keepComment))
} catch (error) {
  process.stderr.write(`\n${explain(error)}\n`)
  process.exitCode = 1
}
