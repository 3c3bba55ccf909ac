import { fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Call, createCaller, createMux, type Mux } from '../../core/channel.ts'
import type { Clock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import type { Config } from '../config.ts'
import type { ConfigOrigin } from '../config-control.ts'
import type { Logger } from '../logger.ts'
import { channelToChild } from '../processes/ipc.ts'
import type { ProcessHealth, ProcessStart, Role } from '../processes/role.ts'
import { telemetryEnvironment } from '../tracing.ts'

const ENTRY = fileURLToPath(new URL('../processes/run.ts', import.meta.url))
/** Children get no more of our environment than they need. */
const PASSED_ENVIRONMENT = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'NODE_V8_COVERAGE',
]
/** A larger young generation keeps short-lived batches out of the old one: GC 25 % → 5.5 % of the hot loop (measured). */
const SEMI_SPACE_MB: Readonly<Record<Role, number>> = { ingest: 16, process: 32, store: 16 }
/** Who answers senders goes first where processors are scarce: judging and storing may lag, an acknowledgement may not. */
const PRIORITY: Readonly<Record<Role, number>> = { ingest: 0, process: 5, store: 5 }
/** Every chdb call holds a libuv thread; with the default of 4, queries starve the writer. */
const UV_THREADS: Readonly<Record<Role, number>> = { ingest: 4, process: 4, store: 12 }
/** How long the operators' port waits for a process that does not answer. */
const ANSWER_MS = 3_000
const RESTART_FIRST_MS = 100
const RESTART_MAX_MS = 5_000
/** A process that lived this long restarts without the growing wait. */
const STABLE_MS = 10_000
/** When a supervisor is killed, its processes still hold the data directory while they drain: the next one waits so long. */
const ORPHANS_MS = 15_000
const ORPHANS_CHECK_MS = 250

export interface ProcessState {
  readonly role: Role
  readonly pid: number | null
  readonly state: 'starting' | 'running' | 'restarting' | 'stopped'
  readonly restarts: number
  readonly info: Readonly<Record<string, unknown>>
}

export interface SupervisedProcess {
  /** Starts it and waits until it works; rejects with what it says when it cannot. */
  start(): Promise<void>
  state(): ProcessState
  health(): Promise<ProcessHealth>
  metrics(): Promise<object[]>
  /** A role's own call, e.g. the reconciler of `process`. */
  call(name: string, body: unknown): Promise<unknown>
  /** Asks it to finish, waits, and ends it at the deadline. */
  stop(deadline_ms: number): Promise<void>
}

export interface ProcessHooks {
  /** A new process exists, but does not work yet: connect what it needs in order to start. */
  readonly onLaunched?: (mux: Mux) => void
  /** It works: connect what others need of it. */
  readonly onStarted?: (mux: Mux) => void
  readonly onExited?: () => void
}

export interface SupervisedProcessOptions extends ProcessHooks {
  readonly role: Role
  readonly config: Config
  readonly origin: ConfigOrigin
  readonly log: Logger
  readonly clock: Clock
}

interface Launched {
  readonly mux: Mux
  readonly call: Call
  readonly pid: number
  readonly exited: Promise<void>
  kill(): void
}

export function createSupervisedProcess(options: SupervisedProcessOptions): SupervisedProcess {
  const { role, config, origin, log, clock } = options
  let current: Launched | undefined
  let state: ProcessState['state'] = 'stopped'
  let info: Readonly<Record<string, unknown>> = {}
  let restarts = 0
  let stopping = false
  let wait = RESTART_FIRST_MS

  function launch(): Launched {
    const env: Record<string, string> = {
      UV_THREADPOOL_SIZE: String(UV_THREADS[role]),
      ...telemetryEnvironment(config, role, process.env),
    }
    for (const name of PASSED_ENVIRONMENT) if (process.env[name] !== undefined) env[name] = process.env[name]
    const child = fork(ENTRY, [role], {
      env,
      execArgv: [`--max-semi-space-size=${SEMI_SPACE_MB[role]}`],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    lowerPriority(child.pid, PRIORITY[role])
    const mux = createMux(channelToChild(child))
    const exited = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        if (!stopping) log.warn({ role, pid: child.pid, code, signal }, 'a process ended')
        resolve()
      })
      child.once('error', () => resolve())
    })
    options.onLaunched?.(mux)
    const call = createCaller(mux.open('control'))
    return { mux, call, pid: child.pid ?? 0, exited, kill: () => child.kill('SIGKILL') }
  }

  async function startOnce(): Promise<void> {
    const launched = launch()
    current = launched
    info = (await launched.call('start', {
      config,
      origin,
      restarted: restarts > 0,
    } satisfies ProcessStart)) as Readonly<Record<string, unknown>>
    state = 'running'
    options.onStarted?.(launched.mux)
    const since = clock.monotonic()
    void launched.exited.then(() => {
      if (clock.monotonic() - since > STABLE_MS) wait = RESTART_FIRST_MS
      void restart(launched)
    })
  }

  async function restart(dead: Launched): Promise<void> {
    if (stopping || current !== dead) return
    current = undefined
    state = 'restarting'
    options.onExited?.()
    while (!stopping) {
      await clock.sleep(wait)
      wait = Math.min(wait * 2, RESTART_MAX_MS)
      if (stopping) return
      restarts++
      try {
        return await startOnce()
      } catch (error) {
        log.error({ role, err: error }, 'a process could not be started again')
        const failed = current as Launched | undefined
        current = undefined
        failed?.kill()
        options.onExited?.()
      }
    }
  }

  async function firstStart(): Promise<void> {
    const deadline = clock.monotonic() + ORPHANS_MS
    for (let attempt = 1; ; attempt++) {
      try {
        return await startOnce()
      } catch (error) {
        const held = error instanceof CodedError && error.code === 'DATA_DIRECTORY_LOCKED'
        if (!held || clock.monotonic() > deadline) throw error
        if (attempt === 1) log.warn({ role, reason: error.message }, 'waiting for a process of an earlier run to end')
        current?.kill()
        await current?.exited
        await clock.sleep(ORPHANS_CHECK_MS)
      }
    }
  }

  /** A process that hangs must not hang the operators' port: they look at it to learn which one hangs. */
  async function askInTime<Answer>(asked: Launched, method: string, otherwise: Answer): Promise<Answer> {
    const answered = new AbortController()
    const late = clock.sleep(ANSWER_MS, answered.signal).then(
      () => otherwise,
      () => otherwise,
    )
    const answer = asked.call(method, null).then(
      (body) => body as Answer,
      () => otherwise,
    )
    return Promise.race([answer, late]).finally(() => answered.abort())
  }

  return {
    async start() {
      state = 'starting'
      try {
        await firstStart()
      } catch (error) {
        stopping = true
        current?.kill()
        state = 'stopped'
        throw error
      }
    },
    state: () => ({ role, pid: current?.pid ?? null, state, restarts, info }),
    async health() {
      if (state !== 'running' || !current) return { healthy: false, reason: `${role} is ${state}` }
      return askInTime(current, 'health', { healthy: false, reason: `${role} does not answer` })
    },
    metrics: async () => (current ? askInTime<object[]>(current, 'metrics', []) : []),
    async call(name, body) {
      if (!current) throw new Error(`${role} is ${state}; try again in a moment`)
      return current.call('call', { name, body })
    },
    async stop(deadline_ms) {
      stopping = true
      const leaving = current
      if (!leaving) return
      const timeout = new AbortController()
      leaving.call('drain', { deadline_ms }).catch(() => {})
      await Promise.race([leaving.exited, clock.sleep(deadline_ms + 2_000, timeout.signal).catch(() => {})])
      timeout.abort()
      leaving.kill()
      state = 'stopped'
    },
  }
}

function lowerPriority(pid: number | undefined, priority: number): void {
  try {
    if (pid !== undefined && priority > 0) setPriority(pid, priority)
  } catch {
    // It is gone already, or the system does not allow it: all are equal then.
  }
}
