import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { parseCount, withPorts } from './flags.ts'

export function addDeadLettersCommands(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('what was acknowledged and cannot be used, with its bytes and the reason')
  withPorts(letters.command('list').description('one line a letter, newest last'))
    .option('--limit <count>', 'at most so many, from the newest', parseCount, 50)
    .option('--project <project>', 'only of this project', '')
    .option('--json', 'print one JSON object a line', false)
    .action(async (flags: CommonFlags & { limit: number; project: string; json: boolean }) =>
      (await import('../commands/dead-letters.ts')).list(contextOf(flags), flags),
    )
  withPorts(letters.command('show <id>').description('everything about one letter, decoded where it can be'))
    .option('--raw', 'write the original bytes to stdout', false)
    .action(async (id: string, flags: CommonFlags & { raw: boolean }) =>
      (await import('../commands/dead-letters.ts')).show(contextOf(flags), { id, raw: flags.raw }),
    )
}
