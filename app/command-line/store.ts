import { type Command, Option } from 'commander'
import { type CommonFlags, contextOf } from '../command-context.ts'
import { option, withPorts } from './flags.ts'

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
}
