#!/usr/bin/env node
/** The command line. Commands load what they need when they run, so that `--help` is quick. */
import { inspect } from 'node:util'
import { Command, InvalidArgumentError, Option } from 'commander'
import { CodedError, ERRORS } from '../core/errors.ts'
import { type CommonFlags, contextOf, DEFAULT_FILE } from './command-context.ts'
import { LOG_LEVELS } from './logger.ts'
import { PRODUCT_VERSION } from './pipeline-version.ts'

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  return port
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Give a whole number of at least 1.')
  return count
}

const option = (flags: string, variable: string, description: string) =>
  new Option(flags, description).env(`EVALFORGE_${variable}`)

function withFiles(command: Command): Command {
  return command
    .addOption(
      option('-c, --config <file>', 'CONFIG', `configuration file (default: ./${DEFAULT_FILE} if there is one)`),
    )
    .addOption(option('-d, --data-dir <directory>', 'DATA_DIR', 'where everything is kept (default: ./.evalforge)'))
}

function withPorts(command: Command): Command {
  return withFiles(command)
    .addOption(option('--otlp-http-port <port>', 'OTLP_HTTP_PORT', 'OTLP/HTTP (default: 4318)').argParser(parsePort))
    .addOption(option('--otlp-grpc-port <port>', 'OTLP_GRPC_PORT', 'OTLP/gRPC (default: 4317)').argParser(parsePort))
    .addOption(
      option('--clickhouse-port <port>', 'CLICKHOUSE_PORT', 'ClickHouse HTTP (default: 8123)').argParser(parsePort),
    )
    .addOption(
      option('--admin-port <port>', 'ADMIN_PORT', 'health, readiness, metrics (default: 9464)').argParser(parsePort),
    )
    .addOption(
      option(
        '--host <address>',
        'HOST',
        'address the collectors listen on (default: 127.0.0.1; others need an API key)',
      ),
    )
    .addOption(
      option('--log-level <level>', 'LOG_LEVEL', 'least severe line on stderr (default: info)').choices([
        ...LOG_LEVELS,
      ]),
    )
}

const program = new Command('evalforge')
  .description('Judges every LLM call within seconds, on a stream you own: OTLP in, verdicts out.')
  .version(PRODUCT_VERSION)
  .showHelpAfterError('(add --help for the options)')

withPorts(program.command('start').description('run the whole pipeline on this machine until Ctrl-C')).action(
  async (flags: CommonFlags) => (await import('./commands/start.ts')).start(contextOf(flags)),
)

withPorts(program.command('demo').description('run the pipeline on real recorded traces and print what it found'))
  .option('--exit', 'stop after the summary; exit code 0 only if everything sent is accounted for', false)
  .option('--json', 'print one JSON object instead of the summary', false)
  .action(async (flags: CommonFlags & { exit: boolean; json: boolean }) =>
    (await import('./commands/demo.ts')).demo(contextOf(flags), { exit: flags.exit, json: flags.json }),
  )

const keys = program.command('keys').description('API keys of senders')
withFiles(
  keys.command('create <project>').description('make a key, print it once, and keep its SHA-256 in the configuration'),
)
  .option('--name <name>', 'who uses it')
  .action(async (project: string, flags: CommonFlags & { name?: string }) =>
    (await import('./commands/keys.ts')).createKey(contextOf(flags), { project, name: flags.name ?? '' }),
  )
withFiles(keys.command('list').description('show projects and hashes; keys themselves are not kept')).action(
  async (flags: CommonFlags) => (await import('./commands/keys.ts')).listKeys(contextOf(flags)),
)

withPorts(
  program.command('migrate').description('bring the tables of the store up to date (start does this too)'),
).action(async (flags: CommonFlags) => (await import('./commands/migrate.ts')).runMigrate(contextOf(flags)))

withPorts(program.command('query <sql>').description('ask the store one question in ClickHouse SQL'))
  .addOption(new Option('-f, --format <format>', 'a ClickHouse output format').default('PrettyCompactMonoBlock'))
  .addOption(option('--password <key>', 'READER_KEY', 'the reader key, where one is configured'))
  .action(async (sql: string, flags: CommonFlags & { format: string; password?: string }) =>
    (await import('./commands/query.ts')).query(contextOf(flags), {
      sql,
      format: flags.format,
      password: flags.password ?? '',
    }),
  )

withPorts(program.command('ledger').description('compare log, ledger and tables: lost and duplicated must read 0'))
  .option('--full', 're-read every range instead of the configured share', false)
  .option('--json', 'print one JSON object', false)
  .action(async (flags: CommonFlags & { full: boolean; json: boolean }) =>
    (await import('./commands/ledger.ts')).ledger(contextOf(flags), { full: flags.full, json: flags.json }),
  )

const letters = program
  .command('dead-letters')
  .description('what was acknowledged and cannot be used, with its bytes and the reason')
withPorts(letters.command('list').description('one line a letter, newest last'))
  .option('--limit <count>', 'at most so many, from the newest', parseCount, 50)
  .option('--project <project>', 'only of this project', '')
  .option('--json', 'print one JSON object a line', false)
  .action(async (flags: CommonFlags & { limit: number; project: string; json: boolean }) =>
    (await import('./commands/dead-letters.ts')).list(contextOf(flags), flags),
  )
withPorts(letters.command('show <id>').description('everything about one letter, decoded where it can be'))
  .option('--raw', 'write the original bytes to stdout', false)
  .action(async (id: string, flags: CommonFlags & { raw: boolean }) =>
    (await import('./commands/dead-letters.ts')).show(contextOf(flags), { id, raw: flags.raw }),
  )

const config = program.command('config').description('the configuration in evalforge.yaml')
withPorts(config.command('check').description('say everything that is wrong with it, with paths')).action(
  async (flags: CommonFlags) => (await import('./commands/config.ts')).check(contextOf(flags)),
)
withPorts(config.command('print').description('print it with all defaults filled in'))
  .option('--describe', 'say what every setting is for', false)
  .action(async (flags: CommonFlags & { describe: boolean }) =>
    (await import('./commands/config.ts')).print(contextOf(flags), { describe: flags.describe }),
  )

/** What went wrong, and what to do about it; never a stack for what the user can mend. */
function explain(error: unknown): string {
  if (!(error instanceof CodedError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (error.code === 'INTERNAL') return inspect(error)
  const { sentence, advice } = ERRORS[error.code]
  const detail = error.message === sentence ? '' : `${error.message}\n`
  return `${detail || `${sentence}\n`}${advice} (${error.code})`
}

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`\n${explain(error)}\n`)
  process.exitCode = 1
}
