import { randomBytes } from 'node:crypto'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { TlsConfig } from '../../core/tls.ts'
import type { CommandContext } from '../command-context.ts'
import { type Config, loadConfig, parseConfig } from '../config.ts'
import { askClickhouse } from '../demo/clickhouse-client.ts'
import { startInstance } from '../instance.ts'
import { onlyForUs } from '../listeners.ts'
import { isRunning } from '../operate.ts'
import { createOtlpSender } from '../otlp-sender.ts'
import type { InjectedFault } from '../seed/faults.ts'
import { createHistory } from '../seed/history.ts'
import { formatSeed } from '../seed/print.ts'
import type { RevealedFault, SeedResult } from '../seed/result.ts'
import { sendHistory } from '../seed/send-history.ts'
import { type Ask, verifyHistory } from '../seed/verify-history.ts'

export interface SeedFlags {
  readonly spans: number
  readonly days: number
  /** '' for the project of the key, or `default`. */
  readonly project: string
  readonly seed: number
  /** ISO 8601; '' for now. */
  readonly until: string
  /** API key of a running instance that wants one. */
  readonly key: string
  /** Reader key of the store, where one is configured. */
  readonly password: string
  readonly json: boolean
}

const CONNECTIONS = 8
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Fewer affected spans than this may not stand out. */
const ENOUGH = 5
const SHOWN_ROWS = 5
const DEFAULT_PROJECT = 'default'

interface Door {
  readonly otlp_http: string
  readonly clickhouse: string
  readonly key: string
  /** '' where only the store can tell. */
  readonly project: string
  readonly running: boolean
  readonly otlp_http_tls: TlsConfig | undefined
  readonly clickhouse_tls: TlsConfig | undefined
  stop(): Promise<void>
}

/** Sends a made-up history with known faults through the real door, waits until it is queryable, and says what is in it. */
export async function seed(context: CommandContext, flags: SeedFlags): Promise<void> {
  const config = loadConfig(context.file, { log_level: 'warn', ...context.overrides })
  const until_ms = endOf(flags, config)
  const say = createProgress(flags.json)
  const door = await openDoor(config, flags, say.line)
  try {
    const result = await sow({ door, flags, until_ms, say })
    say.line('')
    console.log(flags.json ? JSON.stringify(result) : formatSeed(result, { stays: door.running }))
    if (result.lost > 0 || result.duplicated > 0) process.exitCode = 1
  } finally {
    await door.stop()
  }
}

/** Throws where the store would delete the history again, or the door refuse it. */
function endOf({ until, days }: SeedFlags, config: Config): number {
  const now = systemClock.now()
  const end = until === '' ? now : Date.parse(until)
  if (Number.isNaN(end)) throw new CodedError('REQUEST_INVALID', `--until ${until} is no ISO 8601 time.`)
  if (end > now) throw new CodedError('REQUEST_INVALID', `--until ${until} lies in the future.`)
  const { retention_days } = config.store
  const begin = end - days * DAY_MS
  if (begin < now - (retention_days - 1) * DAY_MS)
    throw new CodedError(
      'REQUEST_INVALID',
      `--days ${days} begins ${new Date(begin).toISOString().slice(0, 10)}, but store.retention_days keeps ${retention_days} days; at most ${retention_days - 1} fit.`,
    )
  return Math.floor(end / MINUTE_MS) * MINUTE_MS
}

async function openDoor(config: Config, flags: SeedFlags, say: (text: string) => void): Promise<Door> {
  const open = config.keys === undefined
  if (await isRunning(config)) {
    if (open && flags.project !== '' && flags.project !== DEFAULT_PROJECT)
      throw new CodedError(
        'REQUEST_INVALID',
        `The running instance has no API keys: all it gets belongs to project ${DEFAULT_PROJECT}. Leave --project out, or make a key of ${flags.project} and give it with --key.`,
      )
    const { otlp_http } = config.ingest
    return {
      otlp_http_tls: otlp_http.tls,
      clickhouse_tls: config.store.http.tls,
      otlp_http: addressOf(otlp_http),
      clickhouse: addressOf(config.store.http),
      key: flags.key,
      project: open ? DEFAULT_PROJECT : '',
      running: true,
      stop: async () => {},
    }
  }
  say('Nothing runs here: starting EvalForge for the time being …')
  const project = flags.project || DEFAULT_PROJECT
  // A key for this run alone names the project; an open instance knows only `default`.
  const made = createApiKey(randomBytes)
  const named = !(open && project === DEFAULT_PROJECT)
  const own = parseConfig({
    ...onlyForUs(config),
    ...(named && { keys: [...(config.keys ?? []), { project, sha256: made.sha256 }] }),
  })
  const { addresses, stop } = await startInstance(own)
  const key = named ? made.key : ''
  return { ...addresses, otlp_http_tls: undefined, clickhouse_tls: undefined, key, project, running: false, stop }
}

function addressOf({ host, port, tls }: { host: string; port: number; tls?: object | undefined }): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${tls ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

interface Sowing {
  readonly door: Door
  readonly flags: SeedFlags
  readonly until_ms: number
  readonly say: ReturnType<typeof createProgress>
}

async function sow({ door, flags, until_ms, say }: Sowing): Promise<SeedResult> {
  const clock = systemClock
  const history = createHistory({ ...flags, until_ms })
  const ask: Ask = (sql) => askClickhouse(door.clickhouse, sql, { password: flags.password, tls: door.clickhouse_tls })
  const sender = createOtlpSender({
    otlp_http: door.otlp_http,
    key: door.key,
    connections: CONNECTIONS,
    tls: door.otlp_http_tls,
  })
  const began = clock.monotonic()
  const of = `of about ${flags.spans} spans`
  const sent = await sendHistory(history, {
    sender,
    clock,
    connections: CONNECTIONS,
    progress: (spans) => say.update(`sent ${spans} ${of}`),
  }).finally(() => sender.close())
  const verified = await verifyHistory(history, {
    ask,
    clock,
    progress: (spans) => say.update(`queryable ${spans} ${of}`),
  })
  const seconds_total = (clock.monotonic() - began) / 1000
  const project = verified.project || door.project
  say.update('asking what shows the faults')
  const faults: RevealedFault[] = []
  for (const fault of history.truth(project)) faults.push(await reveal(fault, ask))
  return {
    seed: flags.seed,
    from: new Date(history.from_ms).toISOString(),
    until: new Date(until_ms).toISOString(),
    project,
    trace_prefix: history.trace_prefix,
    spans_sent: history.sent.spans,
    traces_sent: history.sent.traces,
    spans_repeated: history.sent.repeated_spans,
    log_records_sent: history.sent.log_records,
    spans_stored: verified.stored,
    lost: verified.lost,
    duplicated: verified.duplicated,
    retries: sent.retries,
    seconds_sending: sent.seconds,
    seconds_total,
    spans_per_second: history.sent.spans / seconds_total,
    faults,
  }
}

async function reveal(fault: InjectedFault, ask: Ask): Promise<RevealedFault> {
  const rows = await ask<Record<string, unknown>>(fault.query)
  const [first] = Object.values(rows[0] ?? {})
  const revealed = fault.affected < ENOUGH ? null : first === fault.culprit
  return { ...fault, revealed, rows: rows.slice(0, SHOWN_ROWS) }
}

/** One line on stderr that is written over, where a person looks; lines of their own where a file does. */
function createProgress(quiet: boolean) {
  const terminal = process.stderr.isTTY === true
  return {
    update(text: string): void {
      if (!quiet && terminal) process.stderr.write(`\r\x1b[K${text} …`)
    },
    line(text: string): void {
      if (!quiet)
        process.stderr.write(terminal ? `\r\x1b[K${text}${text === '' ? '' : '\n'}` : text === '' ? '' : `${text}\n`)
    },
  }
}
