/** Entry of every supervised process: `node run.ts <role>`. Answers the supervisor; nothing lives here that a restart loses. */
import { setMaxListeners } from 'node:events'
import { Registry } from 'prom-client'
import { type Channel, createMux, handlerOf, type Mux, serveCalls } from '../../core/channel.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { createMetrics } from '../../core/metrics.ts'
import { createLogger, type Logger } from '../logger.ts'
import { startTelemetry, type Telemetry } from '../tracing.ts'
import { channelToSupervisor } from './ipc.ts'
import { type ProcessStart, ROLES, type Role, type RunningProcess, type StartProcess } from './role.ts'

const START: Readonly<Record<Role, () => Promise<StartProcess>>> = {
  store: async () => (await import('./store.ts')).startStore,
  process: async () => (await import('./process.ts')).startProcess,
  ingest: async () => (await import('./ingest.ts')).startIngest,
}

const ORPHAN_DRAIN_MS = 5_000
const HANGING_MS = 1_000

function serve(role: Role, mux: Mux, control: Channel): void {
  const registry = new Registry()
  let running: RunningProcess | undefined
  let telemetry: Telemetry | undefined
  let log: Logger | undefined
  let leaving = false

  async function leave(deadline_ms: number, code: number): Promise<void> {
    if (leaving) return
    leaving = true
    // Nothing lives here that a restart loses: a drain that hangs must not keep the data directory from the next process.
    void systemClock.sleep(deadline_ms + HANGING_MS).then(() => process.exit(1))
    await running?.drain(deadline_ms).catch((error) => log?.error({ err: error }, 'draining failed'))
    await telemetry?.stop()
    process.exit(code)
  }

  function fatal(error: unknown, message: string): void {
    log?.fatal({ err: error }, message)
    process.exit(1)
  }

  serveCalls(control, {
    async start(given: ProcessStart) {
      log = createLogger(role, given.config.log_level)
      telemetry = await startTelemetry(given.config, role)
      const start = await START[role]()
      running = await start({ ...given, log, mux, metrics: createMetrics(registry), fatal })
      return running.info
    },
    health: async () => running?.health() ?? { healthy: false, reason: 'starting' },
    metrics: () => registry.getMetricsAsJSON(),
    async drain({ deadline_ms }: { deadline_ms: number }) {
      void leave(deadline_ms, 0)
    },
    async call({ name, body }: { name: string; body: unknown }) {
      if (!running) throw new CodedError('STORE_UNAVAILABLE', `${role} is starting and takes no calls yet.`)
      const call = handlerOf(running.calls ?? {}, name)
      if (!call) throw new CodedError('ROUTE_NOT_FOUND', `${role} has no operation ${name}.`)
      return call(body as never)
    },
  })
  // Ctrl-C and the end of a terminal reach the whole process group; the supervisor decides what they mean.
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
  process.on('SIGTERM', () => void leave(ORPHAN_DRAIN_MS, 0))
  process.on('disconnect', () => void leave(ORPHAN_DRAIN_MS, 0))
  process.on('uncaughtException', (error) => fatal(error, 'uncaught exception'))
  process.on('unhandledRejection', (error) => fatal(error, 'unhandled rejection'))
}

const role = ROLES.find((name) => name === process.argv[2])
if (!role || !process.send) {
  process.stderr.write('This file is forked by `evalforge start`; run that instead.\n')
  process.exit(2)
}
setMaxListeners(50)
const mux = createMux(channelToSupervisor())
serve(role, mux, mux.open('control'))
