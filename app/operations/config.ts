import { z } from 'zod'
import { CodedError } from '../../core/errors.ts'
import { type Config, parseConfig } from '../config.ts'
import { type ConfigChange, keysById, liveChanges } from '../config-changes.ts'
import type { ConfigControl, ConfigOutcome } from '../config-control.ts'
import { createConfigReader, readVersions } from '../config-topic.ts'
import { type ConfigVersion, liveOf } from '../live-config.ts'
import { type OperationDeps, type Operations, parseBody } from './operation.ts'

const MAX_NOTE_CHARACTERS = 500
/** Of one version in the history; the number of all is told beside. */
const MAX_LISTED_CHANGES = 5

const values = z.record(z.string(), z.unknown())
const note = z.string().max(MAX_NOTE_CHARACTERS).default('')
const dry_run = z.boolean().default(false)

const diffBody = z.strictObject({ values })
const applyBody = z.strictObject({ values, note, dry_run, keys_only: z.boolean().default(false) })
const rollbackBody = z.strictObject({ sequence: z.number().int().positive().nullable().default(null), note, dry_run })
const historyBody = z.strictObject({ limit: z.number().int().min(1).max(1_000).default(20) })
const runningBody = z.strictObject({})

/** A version, and what it says differently from the one before it. */
export type ListedVersion = Omit<ConfigVersion, 'config' | 'api_keys' | 'file_sha256'> & {
  readonly config_version: string
  readonly in_force: boolean
  readonly changes: readonly ConfigChange[]
  readonly changes_total: number
}

export interface ConfigHistory {
  /** Newest first. */
  readonly versions: readonly ListedVersion[]
  readonly total: number
}

export interface RunningConfig {
  readonly sequence: number
  readonly config: Config
}

export function configOperations({ broker, config_control }: OperationDeps): Operations {
  function running(): ConfigControl {
    if (config_control) return config_control
    throw new CodedError(
      'NOT_RUNNING',
      'No instance runs here, so there is nothing to change: `evalforge start` reads the file.',
    )
  }

  /** Where nothing runs: what the next start will change, if no rollback is in force. */
  async function diffOffline(given: Record<string, unknown>): Promise<ConfigOutcome> {
    const next = parseConfig(given, {}, 'The file')
    const reader = createConfigReader(broker)
    await reader.refresh()
    const version = reader.inForce()
    if (version === null) throw new CodedError('CONFIG_VERSION_UNKNOWN', 'No configuration was in force here yet.')
    const changes = liveChanges(
      { config: version.config, keys: keysById(reader.apiKeys()) },
      { config: liveOf(next), keys: keysById(next.keys ?? null) },
    )
    const { sequence, config_offset } = version
    return { sequence, config_version: String(config_offset), changed: false, changes, needs_restart: [] }
  }

  return {
    /** What a file says differently from what is in force. */
    async config_diff(body): Promise<ConfigOutcome> {
      const given = parseBody(diffBody, body).values
      if (config_control === undefined) return diffOffline(given)
      return config_control.apply(given, { note: '', dry_run: true, keys_only: false })
    },
    async config_apply(body): Promise<ConfigOutcome> {
      const { values: given, ...how } = parseBody(applyBody, body)
      return running().apply(given, how)
    },
    async config_rollback(body): Promise<ConfigOutcome> {
      const { sequence, ...how } = parseBody(rollbackBody, body)
      return running().rollback(sequence, how)
    },
    async config_history(body): Promise<ConfigHistory> {
      const { limit } = parseBody(historyBody, body)
      const { versions, in_force } = await readVersions(broker)
      const listed = versions.map(({ config, api_keys, file_sha256, config_offset, ...rest }, index): ListedVersion => {
        const before = versions[index - 1]
        const changes =
          before === undefined
            ? []
            : liveChanges({ config: before.config, keys: before.api_keys }, { config, keys: api_keys })
        return {
          ...rest,
          config_version: String(config_offset),
          in_force: rest.sequence === in_force,
          changes: changes.slice(0, MAX_LISTED_CHANGES),
          changes_total: changes.length,
        }
      })
      return { versions: listed.toReversed().slice(0, limit), total: versions.length }
    },
    /** All settings as they hold now. */
    async config_running(body): Promise<RunningConfig> {
      parseBody(runningBody, body)
      const { version, config } = running().status()
      return { sequence: version.sequence, config }
    },
  }
}
