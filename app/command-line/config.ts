import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { parseCount, withPorts } from './flags.ts'

interface ChangeFlags extends CommonFlags {
  readonly note: string
  readonly dryRun: boolean
  readonly json: boolean
}

const changeOf = ({ note, dryRun, json }: ChangeFlags) => ({ note, dry_run: dryRun, json })

function withChangeFlags(command: Command): Command {
  return withPorts(command)
    .option('--note <text>', 'why, for the history', '')
    .option('--dry-run', 'say what would change, and change nothing', false)
    .option('--json', 'print one JSON object', false)
}

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('the configuration: in evalforge.yaml, and in force')
  addFileCommands(config)
  withPorts(config.command('diff').description('what the file says differently from what is in force'))
    .option('--json', 'print one JSON object', false)
    .option('--exit-code', 'exit with 2 where something differs', false)
    .action(async (flags: CommonFlags & { json: boolean; exitCode: boolean }) =>
      (await import('../commands/config.ts')).diff(contextOf(flags), { json: flags.json, exit_code: flags.exitCode }),
    )
  withChangeFlags(
    config.command('apply').description('put the file in force without a restart, and wait until it is'),
  ).action(async (flags: ChangeFlags) =>
    (await import('../commands/config.ts')).apply(contextOf(flags), changeOf(flags)),
  )
  withPorts(config.command('history').description('which versions were in force, and what each changed'))
    .option('--limit <count>', 'at most so many, from the newest', parseCount, 20)
    .option('--json', 'print one JSON object a line', false)
    .action(async (flags: CommonFlags & { limit: number; json: boolean }) =>
      (await import('../commands/config.ts')).history(contextOf(flags), flags),
    )
  withChangeFlags(
    config
      .command('rollback')
      .description('put an older version in force again; keys stay as they are')
      .argument('[sequence]', 'of `config history`; without it the newest that says something else', parseCount),
  ).action(async (sequence: number | undefined, flags: ChangeFlags) =>
    (await import('../commands/config.ts')).rollback(contextOf(flags), {
      sequence: sequence ?? null,
      ...changeOf(flags),
    }),
  )
}

function addFileCommands(config: Command): void {
  withPorts(config.command('check').description('say everything that is wrong with the file, with paths')).action(
    async (flags: CommonFlags) => (await import('../commands/config.ts')).check(contextOf(flags)),
  )
  withPorts(config.command('print').description('print the file with all defaults filled in'))
    .option('--describe', 'say what every setting is for', false)
    .option('--running', 'print what holds in the running instance instead', false)
    .action(async (flags: CommonFlags & { describe: boolean; running: boolean }) =>
      (await import('../commands/config.ts')).print(contextOf(flags), flags),
    )
}
