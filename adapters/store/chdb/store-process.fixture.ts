import type { Channel } from '../../../core/channel.ts'
import { systemClock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { serveChdb } from './host.ts'

/** A store process as the supervisor forks it, for tests: options arrive as JSON in the first argument. */
export interface StoreProcessSettings {
  readonly path: string
  readonly spool_directory: string
  readonly reader_count: number
  readonly threadpool_size: number
}

const parent: Channel = {
  send: (message) => process.send?.(message),
  onMessage: (listener) => process.on('message', listener),
  onClose: (listener) => process.on('disconnect', listener),
}

const settings = JSON.parse(process.argv[2] ?? '{}') as StoreProcessSettings
const warnings: string[] = []

try {
  const host = await serveChdb({
    ...settings,
    channel: parent,
    clock: systemClock,
    log: { warn: (_fields, message) => warnings.push(message) },
  })
  process.on('disconnect', () => void host.close().then(() => process.exit(0)))
  process.send?.({ ready: true, warnings })
} catch (error) {
  const code = error instanceof CodedError ? error.code : 'INTERNAL'
  process.send?.({ ready: false, code, message: (error as Error).message }, () => process.exit(1))
}
