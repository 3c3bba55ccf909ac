import { type Command, Option } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { option, parseTime, withPorts } from './flags.ts'

export function addStoreCommands(program: Command): void {
  withPorts(
    program.command('migrate').description('bring the tables of the store up to date (start does this too)'),
  ).action(async (flags: CommonFlags) => (await import('../commands/migrate.ts')).runMigrate(contextOf(flags)))

  withPorts(program.command('query <sql>').description('ask the store one question in ClickHouse SQL'))
    .addOption(new Option('-f, --format <format>', 'a ClickHouse output format').default('PrettyCompactMonoBlock'))
    .addOption(option('--password <key>', 'READER_KEY', 'the reader key, where one is configured'))
    .action(async (sql: string, flags: CommonFlags & { format: string; password?: string }) =>
      (await import('../commands/query.ts')).query(contextOf(flags), {
        sql,
        format: flags.format,
        password: flags.password ?? '',
      }),
    )

  const store = program.command('store').description('the tables as a whole')
  withPorts(store.command('rebuild').description('after tables were lost: read the log again at the next start'))
    .option('--from <time>', 'what was received since: 2026-11-20T12:00:00Z, 2h, or beginning', parseStart, null)
    .option('--json', 'print one JSON list', false)
    .action(async (flags: CommonFlags & { from: number | null; json: boolean }) =>
      (await import('../commands/store.ts')).rebuild(contextOf(flags), { from_ms: flags.from, json: flags.json }),
    )
}

const parseStart = (text: string) => (text === 'beginning' ? null : parseTime(text))
