import { AggregatorRegistry, Registry } from 'prom-client'
import type { Clock } from '../../core/clock.ts'
import { createMetrics } from '../../core/metrics.ts'
import type { Config } from '../config.ts'
import type { ConfigOrigin } from '../config-control.ts'
import type { Logger } from '../logger.ts'
import type { ProcessHealth, Role } from '../processes/role.ts'
import { createStoreRoute } from './store-route.ts'
import {
  createSupervisedProcess,
  type ProcessHooks,
  type ProcessState,
  type SupervisedProcess,
} from './supervised-process.ts'

export interface SupervisorHealth {
  readonly healthy: boolean
  readonly processes: readonly (ProcessState & ProcessHealth)[]
}

export interface Supervisor {
  /** store, then process, then ingest: nothing is accepted before it can be stored. */
  start(): Promise<void>
  health(): Promise<SupervisorHealth>
  states(): readonly ProcessState[]
  /** Prometheus text of all processes together. */
  metrics(): Promise<string>
  call(role: Role, name: string, body: unknown): Promise<unknown>
  /** ingest, then process, then store: what was acknowledged is finished. */
  stop(): Promise<void>
}

export interface SupervisorOptions {
  readonly config: Config
  readonly origin: ConfigOrigin
  readonly log: Logger
  readonly clock: Clock
}

export function createSupervisor({ config, origin, log, clock }: SupervisorOptions): Supervisor {
  const registry = new Registry()
  const metrics = createMetrics(registry)
  const route = createStoreRoute()

  const supervise = (role: Role, hooks: ProcessHooks) =>
    createSupervisedProcess({
      role,
      config,
      origin,
      log,
      clock,
      ...hooks,
      onExited: () => {
        metrics.processRestarts.inc({ process: role })
        hooks.onExited?.()
      },
    })

  const store = supervise('store', { onStarted: route.storeStarted, onExited: route.storeExited })
  const processing = supervise('process', { onLaunched: route.processLaunched })
  const ingest = supervise('ingest', {})
  const inStartOrder: readonly SupervisedProcess[] = [store, processing, ingest]
  const byRole: Readonly<Record<Role, SupervisedProcess>> = { store, process: processing, ingest }

  return {
    async start() {
      for (const supervised of inStartOrder) await supervised.start()
    },
    async health() {
      const processes = await Promise.all(
        inStartOrder.map(async (supervised) => ({ ...supervised.state(), ...(await supervised.health()) })),
      )
      return { healthy: processes.every(({ healthy }) => healthy), processes }
    },
    states: () => inStartOrder.map((supervised) => supervised.state()),
    async metrics() {
      const parts = await Promise.all(inStartOrder.map((supervised) => supervised.metrics()))
      const own = await registry.getMetricsAsJSON()
      return AggregatorRegistry.aggregate([...parts, own] as Parameters<
        typeof AggregatorRegistry.aggregate
      >[0]).metrics()
    },
    call: (role, name, body) => byRole[role].call(name, body),
    async stop() {
      for (const supervised of inStartOrder.toReversed()) await supervised.stop(config.shutdown_timeout_ms)
    },
  }
}
