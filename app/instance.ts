import { realpathSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../core/clock.ts'
import { lockDirectory } from '../core/directory-lock.ts'
import { type BoundAddress, listenError } from '../core/listen.ts'
import { makeDirectory } from '../core/make-directory.ts'
import type { Config } from './config.ts'
import { type ConfigOrigin, originOf } from './config-control.ts'
import { exposureWarnings, requireTlsFiles } from './listeners.ts'
import { createLogger } from './logger.ts'
import { createAdmin } from './supervisor/admin.ts'
import { createSupervisor, type Supervisor } from './supervisor/supervisor.ts'
import { startTelemetry } from './tracing.ts'

/** Addresses as they were bound (port 0 takes a free one). */
export interface Addresses {
  readonly otlp_http: string
  readonly otlp_grpc: string
  readonly clickhouse: string
  readonly admin: string
}

export interface Instance {
  readonly addresses: Addresses
  readonly supervisor: Supervisor
  /** Drains everything and lets go of the data directory. */
  stop(): Promise<void>
}

type Bound = Omit<BoundAddress, 'tls'> & { readonly tls?: boolean }

/** Runs the whole pipeline: takes the data directory, starts the processes in order, serves the operators' port. */
export async function startInstance(config: Config, origin: ConfigOrigin = originOf(config)): Promise<Instance> {
  requireTlsFiles(config, 'The configuration')
  // Prompts and answers lie here as they were sent: nobody but us reads a directory that we make.
  makePrivate(config.data_dir)
  const lock = lockDirectory(config.data_dir)
  const log = createLogger('supervisor', config.log_level)
  for (const warning of exposureWarnings(config)) log.warn(warning)
  const telemetry = await startTelemetry(config, 'supervisor')
  const supervisor = createSupervisor({ config, origin, log, clock: systemClock })
  const admin = createAdmin(supervisor, { host: config.admin.host, data_dir: realpathSync(config.data_dir) })
  try {
    await admin.listen({ ...config.admin }).catch((cause) => {
      throw listenError(cause, { ...config.admin, path: 'admin' })
    })
    await supervisor.start()
  } catch (error) {
    await admin.close()
    await supervisor.stop()
    await telemetry.stop()
    lock.release()
    throw error
  }
  const info = Object.assign({}, ...supervisor.states().map((state) => state.info)) as Record<string, Bound>
  const url = ({ address, port, tls }: Bound, scheme = tls ? 'https://' : 'http://') =>
    `${scheme}${address.includes(':') ? `[${address}]` : address}:${port}`
  const adminPort = (admin.server.address() as AddressInfo).port
  return {
    supervisor,
    addresses: {
      otlp_http: url(info.otlp_http!),
      otlp_grpc: url(info.otlp_grpc!, ''),
      clickhouse: url(info.clickhouse!),
      admin: url({ address: config.admin.host, port: adminPort }),
    },
    async stop() {
      await supervisor.stop()
      await admin.close()
      await telemetry.stop()
      lock.release()
    },
  }
}

function makePrivate(directory: string): void {
  try {
    makeDirectory(directory, 0o700)
  } catch {
    // Locking it says what is wrong, with what to do.
  }
}

/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. */
const SAME_REQUEST_MS = 1_000

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends at once. */
export function untilAskedToStop(): Promise<string> {
  return new Promise((resolve) => {
    let asked_at = Number.NaN
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        const now = systemClock.monotonic()
        if (now - asked_at > SAME_REQUEST_MS) process.exit(130)
        if (Number.isNaN(asked_at)) asked_at = now
        resolve(signal)
      })
  })
}
