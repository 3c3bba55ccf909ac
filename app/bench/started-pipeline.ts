import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { systemClock } from '../../core/clock.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface PipelineProcess {
  readonly role: 'store' | 'process' | 'ingest'
  readonly pid: number | null
  readonly state: string
  readonly restarts: number
}

/** A whole pipeline as a user starts it: `evalforge start` in a process of its own. */
export interface StartedPipeline {
  readonly pid: number
  readonly otlp_http: string
  /** host:port */
  readonly otlp_grpc: string
  readonly clickhouse: string
  readonly admin: string
  /** What it has written to stderr so far: its log, one JSON object a line. */
  log(): string
  processes(): Promise<readonly PipelineProcess[]>
  /** One number of the Prometheus page, summed over the series whose labels contain `labels`; NaN where there is none. */
  metric(name: string, labels?: string): Promise<number>
  /** Resolves with the exit code; null where a signal ended it. */
  readonly exited: Promise<number | null>
  /** SIGTERM, as a user's service manager sends it; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL to the supervisor alone. */
  kill(): Promise<void>
}

export interface StartOptions {
  readonly data_dir: string
  /** Contents of evalforge.yaml, beside the ports. */
  readonly config?: Readonly<Record<string, unknown>>
  /** The ports of an earlier start; free ones by default. */
  readonly ports?: Ports
  /** Folder of the program to run: this checkout, or another release of it. */
  readonly root?: string
  /** A command that runs the command behind it, for example in a name space of its own. */
  readonly within?: readonly string[]
  /** Variables of the program beside PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Ports {
  readonly otlp_http: number
  readonly otlp_grpc: number
  readonly clickhouse: number
  readonly admin: number
}

const READY_TIMEOUT_MS = 60_000

/** Below the ports that systems hand out (Linux from 32768, IANA from 49152): no connection takes one before it is used. */
const PORTS = { from: 12_000, to: 32_000 }

/** Four ports that were free a moment ago. They are fixed, unlike port 0, so that a restarted process keeps its own. */
export async function freePorts(): Promise<Ports> {
  const ports = new Set<number>()
  while (ports.size < 4) {
    const port = randomInt(PORTS.from, PORTS.to)
    if (await isFree(port)) ports.add(port)
  }
  const [otlp_http, otlp_grpc, clickhouse, admin] = [...ports]
  return { otlp_http: otlp_http!, otlp_grpc: otlp_grpc!, clickhouse: clickhouse!, admin: admin! }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (isListening) await once(server.close(), 'close')
  return isListening
}

/** Runs the command line with `parameters`; its output is collected. */
export function runCommand(
  parameters: readonly string[],
  cwd = ROOT,
  { root = ROOT, within = [], environment = {} }: Pick<StartOptions, 'root' | 'within' | 'environment'> = {},
) {
  const [command, ...before] = [...within, process.execPath]
  const child = spawn(command!, [...before, join(root, 'app/main.ts'), ...parameters], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...passedEnvironment(), ...environment },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { child, output, exited }
}

function passedEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', NODE_V8_COVERAGE } = process.env
  return { PATH, HOME, ...(NODE_V8_COVERAGE && { NODE_V8_COVERAGE }) }
}

/** Resolves once everything listens; throws with the log where it does not come up. */
export async function startPipeline(options: StartOptions): Promise<StartedPipeline> {
  const ports = options.ports ?? (await freePorts())
  const file = join(options.data_dir, 'evalforge.yaml')
  writeFileSync(file, stringify({ log_level: 'warn', ...options.config }))
  const parameters = [
    ...['start', '--config', file, '--data-dir', join(options.data_dir, 'data')],
    ...['--otlp-http-port', String(ports.otlp_http), '--otlp-grpc-port', String(ports.otlp_grpc)],
    ...['--clickhouse-port', String(ports.clickhouse), '--admin-port', String(ports.admin)],
  ]
  const { child, output, exited } = runCommand(parameters, ROOT, options)
  const admin = `http://127.0.0.1:${ports.admin}`
  await untilStarted(child, output)
  return {
    pid: child.pid!,
    otlp_http: `http://127.0.0.1:${ports.otlp_http}`,
    otlp_grpc: `127.0.0.1:${ports.otlp_grpc}`,
    clickhouse: `http://127.0.0.1:${ports.clickhouse}`,
    admin,
    log: () => output.stderr,
    async processes() {
      const response = await fetch(`${admin}/health`)
      return ((await response.json()) as { processes: PipelineProcess[] }).processes
    },
    metric: async (name, labels = '') => sumSeries(await (await fetch(`${admin}/metrics`)).text(), name, labels),
    exited,
    stop() {
      child.kill('SIGTERM')
      return exited
    },
    async kill() {
      // Its children keep the pipes open until they have drained: `exit` is what says that it is dead.
      const dead = once(child, 'exit')
      child.kill('SIGKILL')
      await dead
    },
  }
}

async function untilStarted(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<void> {
  const deadline = systemClock.monotonic() + READY_TIMEOUT_MS
  while (!output.stdout.includes('Stop with Ctrl-C')) {
    if (child.exitCode !== null || child.signalCode !== null || systemClock.monotonic() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the pipeline did not start (exit code ${child.exitCode}):\n${output.stdout}${output.stderr}`)
    }
    await systemClock.sleep(20)
  }
}

function sumSeries(page: string, name: string, labels: string): number {
  let sum = Number.NaN
  for (const line of page.split('\n')) {
    if (!line.startsWith(`${name} `) && !line.startsWith(`${name}{`)) continue
    if (line.includes(labels)) sum = (Number.isNaN(sum) ? 0 : sum) + Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}

/** Everything on the log is committed; the lag is measured once a second. */
export async function untilCaughtUp(pipeline: StartedPipeline, timeout_ms = 120_000): Promise<void> {
  const deadline = systemClock.monotonic() + timeout_ms
  let calm = 0
  while (calm < 3) {
    if (systemClock.monotonic() > deadline) throw new Error(`the pipeline did not catch up:\n${pipeline.log()}`)
    await systemClock.sleep(600)
    calm = (await pipeline.metric('evalforge_consumer_lag_records')) === 0 ? calm + 1 : 0
  }
}
