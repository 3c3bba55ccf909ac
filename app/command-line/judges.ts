import { type Command, Option } from 'commander'
import { TEXT_FIELDS } from '../../judges/judge.ts'
import { type CommonFlags, contextOf } from '../command-context.ts'
import type { TestFlags } from '../commands/judges.ts'
import { withFiles } from './flags.ts'

interface Flags extends CommonFlags {
  readonly project: string
  readonly json: boolean
}

function withJudges(command: Command): Command {
  return withFiles(command)
    .option('--project <project>', 'the judges of this project', '')
    .option('--json', 'print JSON', false)
}

export function addJudgesCommands(program: Command): void {
  const judges = program.command('judges').description('the judges: what they find, and what they say about a text')
  withJudges(judges.command('list').description('all of them: on or off, where they come from, their labels')).action(
    async (flags: Flags) => (await import('../commands/judges.ts')).list(contextOf(flags), flags),
  )
  withJudges(judges.command('show <name>').description('what a judge finds, its settings, its cost, examples')).action(
    async (name: string, flags: Flags) =>
      (await import('../commands/judges.ts')).show(contextOf(flags), { ...flags, name }),
  )
  withJudges(
    judges
      .command('test')
      .argument('[name]', 'of the judge; without it all that are on')
      .description('say what a judge finds in a text or a span, and where; nothing is sent or kept'),
  )
    .option('--text <text>', 'the text')
    .option('--file <file>', 'a file with the text, - for stdin (the default)')
    .option(
      '--span <span>',
      'OTLP traces (JSON or protobuf) or the JSON of docs/rest.md: a file, - for stdin, or the JSON itself',
    )
    .addOption(new Option('--field <field>', 'what the text is').choices(TEXT_FIELDS).default('output'))
    .option('--exit-code', 'exit with 2 where something failed', false)
    .action(async (name: string | undefined, flags: CommonFlags & TestFlags) =>
      (await import('../commands/judges.ts')).test(contextOf(flags), { ...flags, name: name ?? '' }),
    )
}
