import type { Command } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import type { LetterFlags, ReplayFlags } from '../commands/dead-letters.ts'
import { parseCount, parseTime, withPorts } from './flags.ts'

function withSelection(command: Command): Command {
  return withPorts(command)
    .option('--code <code>', 'only of this code (docs/errors.md)', '')
    .option('--project <project>', 'only of this project', '')
    .option('--since <time>', 'written since: 2026-11-20T12:00:00Z, or 2h for two hours ago', parseTime)
}

export function addDeadLettersCommands(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('what was acknowledged and cannot be used, with its bytes and the reason')
  withSelection(letters.command('list').description('one line a letter, newest last, and how many of each code'))
    .option('--waiting', 'only those that were not replayed since', false)
    .option('--limit <count>', 'at most so many, from the newest', parseCount, 50)
    .option('--json', 'print one JSON object a line', false)
    .action(async (flags: CommonFlags & LetterFlags & { waiting: boolean; limit: number; json: boolean }) =>
      (await import('../commands/dead-letters.ts')).list(contextOf(flags), flags),
    )
  withPorts(letters.command('show <id>').description('everything about one letter, decoded where it can be'))
    .option('--raw', 'write the original bytes to stdout', false)
    .action(async (id: string, flags: CommonFlags & { raw: boolean }) =>
      (await import('../commands/dead-letters.ts')).show(contextOf(flags), { id, raw: flags.raw }),
    )
  withSelection(
    letters
      .command('replay [ids...]')
      .description('put letters back on otlp_spans, to be judged again; what fails again is a new letter'),
  )
    .option('--all', 'every letter', false)
    .option('--shift', 'move their times so that the last span ends when it was received', false)
    .option('--again', 'also those that were replayed before', false)
    .option('--dry-run', 'only say what would be done', false)
    .option('--json', 'print one JSON object', false)
    .action(async (ids: string[], flags: CommonFlags & Omit<ReplayFlags, 'ids'>) =>
      (await import('../commands/dead-letters.ts')).replay(contextOf(flags), { ...flags, ids }),
    )
}
