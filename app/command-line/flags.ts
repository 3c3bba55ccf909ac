import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { DEFAULT_FILE } from '../command-context.ts'
import { LOG_LEVELS } from '../logger.ts'
import { durationOf } from './durations.ts'

export function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  return port
}

export function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Give a whole number of at least 1.')
  return count
}

/** ms since 1970 of an ISO 8601 time, or of so long ago: 90s, 15m, 2h, 3d. */
export function parseTime(text: string): number {
  const ago = durationOf(text)
  if (ago !== null) return systemClock.now() - ago
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time))
    throw new InvalidArgumentError('Give a time as 2026-11-20T12:00:00Z, or how long ago: 90s, 15m, 2h, 3d.')
  return time
}

/** A flag that an environment variable sets too: EVALFORGE_<variable>. */
export const option = (flags: string, variable: string, description: string) =>
  new Option(flags, description).env(`EVALFORGE_${variable}`)

/** Flags of commands that read the configuration. */
export function withFiles(command: Command): Command {
  return command
    .addOption(
      option('-c, --config <file>', 'CONFIG', `configuration file (default: ./${DEFAULT_FILE} if there is one)`),
    )
    .addOption(option('-d, --data-dir <directory>', 'DATA_DIR', 'where everything is kept (default: ./.evalforge)'))
}

/** Flags of commands that run an instance or talk to one. */
export function withPorts(command: Command): Command {
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
