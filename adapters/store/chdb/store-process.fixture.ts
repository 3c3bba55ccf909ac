import type { Channel } from '../../../core/channel.ts'
import { systemClock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { type StoreHost, serveChdb } from './host.ts'
import type { DoorKeys } from './http/credentials.ts'
import { DEFAULT_DOOR_LIMITS, type DoorLimits, type HttpDoor, openHttpDoor } from './http-door.ts'

/** A store process as the supervisor forks it, for tests: options arrive as JSON in the first argument. */
export interface StoreProcessSettings {
  readonly path: string
  readonly spool_directory: string
  readonly reader_count: number
  readonly threadpool_size: number
  /** Opens the HTTP door on a free port. */
  readonly door?: {
    readonly address?: string
    readonly port?: number
    readonly keys: DoorKeys
    readonly limits?: Partial<DoorLimits>
  }
}

const parent: Channel = {
  send: (message) => process.send?.(message),
  onMessage: (listener) => process.on('message', listener),
  onClose: (listener) => process.on('disconnect', listener),
}

const settings = JSON.parse(process.argv[2] ?? '{}') as StoreProcessSettings
const warnings: string[] = []

const log = {
  warn: (_fields: object, message: string) => warnings.push(message),
  error: (fields: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
}
const onStuck = (error: Error) => {
  throw error
}

try {
  const host = await serveChdb({ ...settings, channel: parent, clock: systemClock, log, onStuck })
  const door = settings.door && (await openDoor(host, settings.door))
  process.on('disconnect', () => void stop(host, door))
  process.send?.({ ready: true, warnings, port: door?.port })
} catch (error) {
  const code = error instanceof CodedError ? error.code : 'INTERNAL'
  process.send?.({ ready: false, code, message: (error as Error).message }, () => process.exit(1))
}

function openDoor(host: StoreHost, door: NonNullable<StoreProcessSettings['door']>): Promise<HttpDoor> {
  return openHttpDoor({
    host,
    address: door.address ?? '127.0.0.1',
    port: door.port ?? 0,
    keys: door.keys,
    spool_directory: settings.spool_directory,
    limits: { ...DEFAULT_DOOR_LIMITS, ...door.limits },
    clock: systemClock,
    log,
  })
}

async function stop(host: StoreHost, door: HttpDoor | undefined): Promise<void> {
  await door?.close()
  await host.close()
  process.exit(0)
}
