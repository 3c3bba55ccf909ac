import { quantile } from '../../core/statistics.ts'
import type { NeighbourReport } from './neighbour.ts'
import type { RunState } from './run-state.ts'
import type { Settlement } from './settlement.ts'

export interface Quantiles {
  readonly p50: number
  readonly p99: number
}

export interface Memory {
  /** Of `ingest` before the first hostile request, its highest, and what it may be: 2 × (base + max_bytes_in_flight). */
  readonly base_bytes: number
  readonly peak_bytes: number
  readonly allowed_bytes: number
}

export interface HostileResult {
  readonly seed: number
  readonly start_ms: number
  readonly requests: number
  readonly sent: number
  /** False where it was stopped: nothing is settled then. */
  readonly complete: boolean
  readonly requests_per_second: number
  readonly doors: RunState['doors']
  /** Processes that were started again. */
  readonly restarts: number
  /** Of the instance's log, level error and above. */
  readonly log_errors: readonly string[]
  readonly memory: Memory
  /** Another project's valid requests, from when they were due to their acknowledgement. */
  readonly neighbour: {
    readonly acknowledged: number
    readonly calm_ms: Quantiles
    readonly hostile_ms: Quantiles
    /** Of the two p99. The machine that sends is the one that answers, so that it is no verdict. */
    readonly p99_ratio: number
    readonly unanswered: number
    readonly errors: Readonly<Record<string, number>>
    readonly lost: number
  }
  readonly settlement: Settlement | null
  readonly violations_total: number
  readonly violations: RunState['violations']
  /** Everything that is not as it must be, in words. None: the run passed. */
  readonly failures: readonly string[]
}

export interface Found {
  readonly state: RunState
  readonly report: NeighbourReport
  readonly neighbour_lost: number
  readonly memory: Memory
  readonly settlement: Settlement | null
  readonly log_errors: readonly string[]
}

export function resultOf({ state, report, neighbour_lost, ...found }: Found): HostileResult {
  const quantilesOf = (times: readonly number[] = []) => ({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) })
  const calm_ms = quantilesOf(report.ack_ms.calm)
  const hostile_ms = quantilesOf(report.ack_ms.hostile)
  const { seed, start_ms, requests, doors, restarts, violations_total, violations } = state
  const sent = Object.values(doors).reduce((sum, door) => sum + door.sent, 0)
  const result = {
    ...{ seed, start_ms, requests, sent, doors, restarts, violations_total, violations },
    ...found,
    complete: state.next >= requests,
    requests_per_second: Math.round((1000 * sent) / state.sending_ms),
    neighbour: {
      acknowledged: report.acknowledged.length,
      calm_ms,
      hostile_ms,
      p99_ratio: hostile_ms.p99 / calm_ms.p99,
      unanswered: report.unanswered,
      errors: report.errors,
      lost: neighbour_lost,
    },
  }
  return { ...result, failures: failuresOf(result) }
}

function failuresOf(result: Omit<HostileResult, 'failures'>): string[] {
  const { memory, neighbour, settlement } = result
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  const checks: readonly (readonly [boolean, string])[] = [
    [result.violations_total === 0, `${result.violations_total} answers are not as they must be`],
    [result.restarts === 0, `processes were started again ${result.restarts} times`],
    [result.log_errors.length === 0, `${result.log_errors.length} errors in the log of the instance`],
    [
      memory.peak_bytes <= memory.allowed_bytes,
      `ingest took ${mib(memory.peak_bytes)}, more than ${mib(memory.allowed_bytes)}`,
    ],
    [neighbour.unanswered === 0, `${neighbour.unanswered} requests of the neighbour were not acknowledged`],
    [neighbour.lost === 0, `${neighbour.lost} spans of the neighbour were lost`],
    ...(settlement === null ? [] : settlementChecks(settlement)),
  ]
  return checks.filter(([ok]) => !ok).map(([, text]) => text)
}

function settlementChecks({
  lost,
  duplicated,
  phantoms,
  log_records,
  ledger,
}: Settlement): (readonly [boolean, string])[] {
  const { acknowledged, found } = log_records
  return [
    [lost === 0, `${lost} acknowledged spans are neither rows nor dead letters`],
    [duplicated === 0, `${duplicated} rows are there twice`],
    [phantoms === 0, `${phantoms} rows come from requests that were refused`],
    [found >= acknowledged, `${acknowledged - found} acknowledged log records are not on the log`],
    [
      ledger.lost === 0 && ledger.duplicated === 0,
      `the ledger says lost ${ledger.lost}, duplicated ${ledger.duplicated}`,
    ],
    [ledger.checksum_mismatches === 0, `${ledger.checksum_mismatches} ranges do not match their checksums`],
  ]
}

const SEVERE = new Set(['error', 'fatal'])
const ENDED = 'a process ended'
const MAX_LINES = 20

/** The first lines of level error and above, those that say why a process ended, and whatever is no log line at all. */
export function errorLines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line !== '' && isSevere(line))
    .slice(0, MAX_LINES)
}

function isSevere(line: string): boolean {
  try {
    const { level, msg } = JSON.parse(line) as { level: string; msg: string }
    return SEVERE.has(level) || msg === ENDED
  } catch {
    return true
  }
}
