import { type ApiKeys, keysAfter } from '../core/api-keys.ts'
import type { Config } from './config.ts'
import type { RunnableVersion } from './config-topic.ts'
import { type ConfigVersion, type LiveConfig, liveFileSha256, liveOf } from './live-config.ts'

/** What a new version says, before it has a number. */
export type Draft = Omit<ConfigVersion, 'sequence' | 'applied_at' | 'api_keys' | 'config'> & {
  readonly config: LiveConfig
  readonly keys: ApiKeys
}

/** What was in force, to be said again after a write that was cut off behind its keys. */
export function repeated({ source, note, rolled_back_to, file_sha256, config }: RunnableVersion): Omit<Draft, 'keys'> {
  return { source, note, rolled_back_to, file_sha256, config }
}

/**
 * The file is put in force only where it says something else than when it was last applied, so that a restart after a
 * rollback does not bring the bad file back. Its keys always hold: a rollback is never about keys.
 */
export function draftAtStart(start: { published: RunnableVersion | null; config: Config; file_sha256: string }): Draft {
  const { published, config, file_sha256 } = start
  const fromFile = liveOf(config)
  const keys = config.keys ?? null
  const isRolledBack = published !== null && published.rolled_back_to !== null && published.file_sha256 === file_sha256
  if (!isRolledBack) return { source: 'start', note: '', rolled_back_to: null, file_sha256, config: fromFile, keys }
  const { rolled_back_to } = published
  return {
    source: 'start',
    note: '',
    rolled_back_to,
    file_sha256,
    config: { ...published.config, store: fromFile.store },
    keys,
  }
}

export interface AppliedFile {
  /** As they were written. */
  readonly values: unknown
  /** The same, valid and with all defaults. */
  readonly next: Config
  readonly note: string
  readonly keys_only: boolean
}

/** Retention stays as it is: the tables keep it until the next start. */
export function draftOfFile(
  { values, next, note, keys_only }: AppliedFile,
  before: RunnableVersion,
  keys: ApiKeys,
): Draft {
  return {
    source: 'apply',
    note,
    rolled_back_to: keys_only ? before.rolled_back_to : null,
    file_sha256: keys_only ? before.file_sha256 : liveFileSha256(values),
    config: keys_only ? before.config : { ...liveOf(next), store: before.config.store },
    keys: keysAfter(keys, next.keys ?? null),
  }
}

/** Carries on what the file said, so that the next start knows it again. */
export function draftOfRollback(
  target: { readonly sequence: number; readonly config: LiveConfig },
  before: RunnableVersion,
  { note, keys }: { note: string; keys: ApiKeys },
): Draft {
  return {
    source: 'rollback',
    note,
    rolled_back_to: target.sequence,
    file_sha256: before.file_sha256,
    config: { ...target.config, store: before.config.store },
    keys,
  }
}
