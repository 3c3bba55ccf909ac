import type { Broker } from '../adapters/broker/broker.ts'
import type { Clock } from '../core/clock.ts'
import type { Config } from './config.ts'
import { createConfigReader } from './config-topic.ts'
import { withLive } from './live-config.ts'
import type { Logger } from './logger.ts'

const POLL_MS = 500

export interface ConfigFollowerOptions {
  readonly broker: Pick<Broker, 'fetch' | 'offsets'>
  /** As the instance was started; holds until a version is in force. */
  readonly config: Config
  readonly clock: Clock
  /** Ends the following. */
  readonly signal: AbortSignal
  readonly log: Pick<Logger, 'warn'>
}

export interface FollowedConfig {
  /** All settings as they hold now. */
  config(): Config
  /** Version that they are of; 0 before the first. */
  sequence(): number
  /** Called for every version that comes into force from now on, half a second later at most. */
  follow(onChange: (config: Config, sequence: number) => void): void
}

/** The configuration in force, for a process that reads it only. What cannot be read leaves the last one in force. */
export async function followConfig(options: ConfigFollowerOptions): Promise<FollowedConfig> {
  const { broker, clock, signal, log } = options
  const reader = createConfigReader(broker)
  let config = options.config
  let sequence = 0

  /** Whether another version is in force. */
  async function look(): Promise<boolean> {
    await reader.refresh()
    const version = reader.inForce()
    if (version === null || version.sequence === sequence) return false
    config = withLive(options.config, version.config, reader.apiKeys())
    sequence = version.sequence
    return true
  }

  await look()
  return {
    config: () => config,
    sequence: () => sequence,
    follow(onChange) {
      void (async () => {
        while (!signal.aborted) {
          await clock.sleep(POLL_MS, signal).catch(() => {})
          if (signal.aborted) return
          try {
            if (await look()) onChange(config, sequence)
          } catch (error) {
            if (!signal.aborted) log.warn({ err: error }, 'reading the configuration failed; it is tried again')
          }
        }
      })()
    },
  }
}
