import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { getPriority, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { StartedPipeline } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { quantile } from '../../core/statistics.ts'
import type { QuietOptions, QuietReport } from './quiet-sender.ts'

export const FLOODS = ['small', 'large_protobuf', 'large_json', 'gzip', 'new_connections', 'pipelined', 'grpc'] as const
export type FloodKind = (typeof FLOODS)[number]

export interface FloodOptions {
  readonly kind: FloodKind
  readonly port: number
  readonly key: string
  readonly connections: number
}

export interface FloodReport {
  readonly answers: Readonly<Record<string, number>>
}

/** Senders are elsewhere in the real world: of the processors that the pipeline wants, the flood gets what is left. */
const FLOOD_NICER_BY = 10
/** After each switch, before it is measured. */
const SETTLE_MS = 700

export interface IsolationOptions {
  readonly pipeline: StartedPipeline
  readonly quiet_key: string
  readonly noisy_key: string
  readonly kind: FloodKind
  readonly connections: number
  /** Pairs of a window without the flood and one with it. */
  readonly rounds: number
  readonly window_ms: number
}

/** Answers of one window, milliseconds from when the request was due. */
export interface Window {
  readonly p50: number
  readonly p99: number
  /** How late requests left: what the sender's own process adds. */
  readonly late_p99: number
}

/** Beside the flood by alone, of neighbouring windows. */
export interface Ratio {
  readonly median: number
  /** It is larger than this with a confidence of 98 % (sign test: of ten rounds, at most one is below). */
  readonly at_least: number
}

export interface IsolationReport {
  readonly kind: FloodKind
  readonly rounds: readonly { readonly alone: Window; readonly beside: Window }[]
  /** Medians over the rounds. */
  readonly alone: Window
  readonly beside: Window
  readonly p50: Ratio
  readonly p99: Ratio
  readonly flood_answers: Readonly<Record<string, number>>
  readonly quiet_errors: Readonly<Record<string, number>>
}

/**
 * How long a quiet project waits for its answers, alone and beside a flood: windows of both kinds take turns within one run, so
 * that whatever else this machine does meets both alike.
 */
export async function measureIsolation(options: IsolationOptions): Promise<IsolationReport> {
  const { pipeline, kind, connections, quiet_key, noisy_key } = options
  const port = Number((kind === 'grpc' ? `grpc://${pipeline.otlp_grpc}` : pipeline.otlp_http).split(':').at(-1))
  const quiet = start('quiet-sender.ts', {
    otlp_http: pipeline.otlp_http,
    key: quiet_key,
    requests_per_second: 150,
  } satisfies QuietOptions)
  const flood = start('flood.ts', { kind, port, key: noisy_key, connections } satisfies FloodOptions)
  setPriority(flood.pid!, Math.min(19, getPriority() + FLOOD_NICER_BY))
  try {
    await once(flood, 'message')
    const rounds: { alone: Window; beside: Window }[] = []
    const flood_answers: Record<string, number> = {}
    const quiet_errors: Record<string, number> = {}
    async function measure(): Promise<Window> {
      await systemClock.sleep(SETTLE_MS)
      await ask<QuietReport>(quiet, 'report')
      await systemClock.sleep(options.window_ms)
      const report = await ask<QuietReport>(quiet, 'report')
      add(quiet_errors, report.errors)
      return toWindow(report)
    }
    await measure()
    for (let round = 0; round < options.rounds; round++) {
      const alone = await measure()
      flood.send('on')
      const beside = await measure()
      add(flood_answers, (await ask<FloodReport>(flood, 'off')).answers)
      rounds.push({ alone, beside })
    }
    return {
      kind,
      rounds,
      alone: medians(rounds.map(({ alone }) => alone)),
      beside: medians(rounds.map(({ beside }) => beside)),
      p50: ratioOf(rounds.map(({ alone, beside }) => beside.p50 / alone.p50)),
      p99: ratioOf(rounds.map(({ alone, beside }) => beside.p99 / alone.p99)),
      flood_answers,
      quiet_errors,
    }
  } finally {
    flood.kill('SIGKILL')
    quiet.kill('SIGKILL')
  }
}

function start(file: string, options: object): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

async function ask<Answer>(child: ChildProcess, message: string): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(message)
  return (await answer)[0] as Answer
}

function add(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count
}

function toWindow({ answered_ms, late_ms }: QuietReport): Window {
  return { p50: quantileOf(answered_ms, 0.5), p99: quantileOf(answered_ms, 0.99), late_p99: quantileOf(late_ms, 0.99) }
}

function ratioOf(ratios: readonly number[]): Ratio {
  const ascending = ratios.toSorted((a, b) => a - b)
  return { median: quantile(ascending, 0.5), at_least: ascending[Math.min(1, ascending.length - 1)] ?? Number.NaN }
}

function medians(windows: readonly Window[]): Window {
  const p50 = windows.map((window) => window.p50)
  const p99 = windows.map((window) => window.p99)
  const late = windows.map((window) => window.late_p99)
  return { p50: quantileOf(p50, 0.5), p99: quantileOf(p99, 0.5), late_p99: quantileOf(late, 0.5) }
}

function quantileOf(values: readonly number[], q: number): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    q,
  )
}
