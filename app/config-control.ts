import type { Broker } from '../adapters/broker/broker.ts'
import { type ApiKeys, keysAfter } from '../core/api-keys.ts'
import type { Clock } from '../core/clock.ts'
import type { Chain } from '../core/component.ts'
import { CodedError } from '../core/errors.ts'
import type { JudgedSpan } from '../schemas/evaluation.ts'
import type { Config, Overrides } from './config.ts'
import { parseConfig } from './config.ts'
import { type ConfigChange, changesForRestart, keysById, liveChanges } from './config-changes.ts'
import { createConfigReader, publishVersion, type RunnableVersion, readVersions } from './config-topic.ts'
import {
  apiKeyNames,
  type ConfigVersion,
  isSame,
  type LiveConfig,
  liveFileSha256,
  liveOf,
  withLive,
} from './live-config.ts'
import type { Logger } from './logger.ts'
import { rollbackTarget } from './rollback-target.ts'

/** What an instance was started with: the values of its file, and what its command line laid over them. */
export interface ConfigOrigin {
  readonly values: unknown
  readonly overrides: Overrides
}

/** Of a configuration that came from no file. */
export function originOf(config: Config): ConfigOrigin {
  return { values: config, overrides: {} }
}

export interface ConfigOutcome {
  /** The version in force afterwards. */
  readonly sequence: number
  readonly config_version: string
  /** False where it already was as asked, and for a dry run. */
  readonly changed: boolean
  readonly changes: readonly ConfigChange[]
  /** Settings of the file that differ from what this instance was started with, and wait for the next start. */
  readonly needs_restart: readonly ConfigChange[]
}

export interface ConfigStatus {
  readonly version: RunnableVersion
  readonly keys: ApiKeys
  /** All settings as they hold now. */
  readonly config: Config
}

/** Owner of the configuration of a running instance: the only one who writes project_configs. One change at a time. */
export interface ConfigControl {
  status(): ConfigStatus
  /**
   * Puts the live part of a file in force; `keys_only` leaves all but its keys as it is. Throws CONFIG_INVALID with all that
   * is wrong with the file, and then nothing has changed. Safe to repeat.
   */
  apply(values: unknown, how: ApplyOptions): Promise<ConfigOutcome>
  /**
   * Puts an older version in force again, without its keys; null: the newest one before this that says something else.
   * Throws CONFIG_VERSION_UNKNOWN where there is none.
   */
  rollback(sequence: number | null, how: RollbackOptions): Promise<ConfigOutcome>
}

export interface RollbackOptions {
  readonly note: string
  readonly dry_run: boolean
}

export interface ApplyOptions extends RollbackOptions {
  readonly keys_only: boolean
}

/** Who works by the configuration in this process. */
export interface ConfigFollower {
  /** Makes what it needs; throws where it cannot, and then nothing changes. */
  prepare(config: LiveConfig): Promise<Chain<JudgedSpan>>
  use(chain: Chain<JudgedSpan>, config_offset: bigint): void
}

export interface ConfigControlOptions {
  readonly broker: Pick<Broker, 'fetch' | 'offsets' | 'produce'>
  readonly config: Config
  readonly origin: ConfigOrigin
  /** This process took the place of one that died: the file that the instance was started with is not looked at again. */
  readonly restarted: boolean
  readonly follower: ConfigFollower
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly onInForce: (version: RunnableVersion) => void
}

/** What a new version says, before it has a number. */
type Draft = Omit<ConfigVersion, 'sequence' | 'applied_at' | 'api_keys' | 'config'> & {
  readonly config: LiveConfig
  readonly keys: ApiKeys
}

/** Resolves once a configuration is in force. */
export async function startConfigControl(options: ConfigControlOptions): Promise<ConfigControl> {
  const { broker, config: started, origin, follower, clock, log } = options
  const reader = createConfigReader(broker)
  let last: Promise<unknown> = Promise.resolve()

  function inForce(): RunnableVersion {
    const version = reader.inForce()
    if (version === null) throw new CodedError('CONFIG_VERSION_UNKNOWN', 'No configuration is in force yet.')
    return version
  }

  const keys = () => reader.apiKeys()

  async function use(version: RunnableVersion, prepared?: Chain<JudgedSpan>): Promise<void> {
    follower.use(prepared ?? (await follower.prepare(version.config)), version.config_offset)
    options.onInForce(version)
  }

  async function putInForce({ keys: entries, ...draft }: Draft): Promise<void> {
    const prepared = await follower.prepare(draft.config)
    const sequence = (reader.inForce()?.sequence ?? reader.lastSequence()) + 1
    const applied_at = new Date(clock.now()).toISOString()
    const version = { ...draft, sequence, applied_at, api_keys: apiKeyNames(entries) }
    const failure = await publishVersion(broker, version, entries).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    // A write that failed may still have reached the log: what stands there is what holds.
    await reader.refresh()
    if (failure !== null && reader.inForce()?.sequence !== sequence) throw failure.error
    await use(inForce(), prepared)
    const { source, note, rolled_back_to } = draft
    log.info({ sequence, source, note, rolled_back_to }, 'a configuration is in force')
  }

  async function begin(): Promise<void> {
    await reader.refresh()
    const published = reader.inForce()
    if (published !== null && options.restarted)
      return reader.isWhole() ? use(published) : putInForce({ ...repeated(published), keys: keys() })
    const draft = draftAtStart({ published, config: started, file_sha256: liveFileSha256(origin.values) })
    const isInForce =
      published !== null && reader.isWhole() && isSame(draft.config, published.config) && isSame(draft.keys, keys())
    if (isInForce) await use(published)
    else await putInForce(draft)
    if (draft.rolled_back_to !== null)
      log.warn(
        { sequence: inForce().sequence, rolled_back_to: draft.rolled_back_to },
        'a rollback is in force, not the file: see `evalforge config diff`, mend the file, then `evalforge config apply`',
      )
  }

  function outcome(before: { sequence: number }, rest: Omit<ConfigOutcome, 'sequence' | 'config_version' | 'changed'>) {
    const { sequence, config_offset } = inForce()
    return { sequence, config_version: String(config_offset), changed: sequence !== before.sequence, ...rest }
  }

  async function change(
    draft: Draft,
    dry_run: boolean,
    needs_restart: readonly ConfigChange[],
  ): Promise<ConfigOutcome> {
    const before = inForce()
    const changes = liveChanges(
      { config: before.config, keys: keysById(keys()) },
      { config: draft.config, keys: keysById(draft.keys) },
    )
    // After a write that was cut off, `ingest` may still have keys that this one already took away.
    const differs = !reader.isWhole() || !isSame(before.config, draft.config) || !isSame(keys(), draft.keys)
    if (differs && !dry_run) await putInForce(draft)
    return outcome(before, { changes, needs_restart })
  }

  async function apply(values: unknown, { note, dry_run, keys_only }: ApplyOptions): Promise<ConfigOutcome> {
    const next = parseConfig(values, origin.overrides, 'The file')
    const before = inForce()
    const entries = keysAfter(keys(), next.keys ?? null)
    const draft: Draft = {
      source: 'apply',
      note,
      rolled_back_to: keys_only ? before.rolled_back_to : null,
      file_sha256: keys_only ? before.file_sha256 : liveFileSha256(values),
      config: keys_only ? before.config : { ...liveOf(next), store: before.config.store },
      keys: entries,
    }
    const opens = next.keys === undefined && entries !== null
    const needs_restart = [
      ...changesForRestart(started, next),
      ...(opens ? [{ path: 'keys', before: '[]', after: '' }] : []),
    ]
    return change(draft, dry_run, needs_restart)
  }

  async function rollback(sequence: number | null, { note, dry_run }: RollbackOptions): Promise<ConfigOutcome> {
    const before = inForce()
    const { versions } = await readVersions(broker)
    const target = rollbackTarget(versions, before, sequence)
    const draft: Draft = {
      source: 'rollback',
      note,
      rolled_back_to: target.sequence,
      file_sha256: before.file_sha256,
      config: { ...target.config, store: before.config.store },
      keys: keys(),
    }
    return change(draft, dry_run, [])
  }

  function oneAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }

  await begin()
  return {
    status: () => ({
      version: inForce(),
      keys: keys(),
      config: withLive(started, inForce().config, keys()),
    }),
    apply: (values, how) => oneAtATime(() => apply(values, how)),
    rollback: (sequence, how) => oneAtATime(() => rollback(sequence, how)),
  }
}

/** What was in force, to be said again after a write that was cut off behind its keys. */
function repeated({ source, note, rolled_back_to, file_sha256, config }: RunnableVersion): Omit<Draft, 'keys'> {
  return { source, note, rolled_back_to, file_sha256, config }
}

/**
 * The file is put in force only where it says something else than when it was last applied, so that a restart after a
 * rollback does not bring the bad file back. Its keys always hold: a rollback is never about keys.
 */
function draftAtStart(start: { published: RunnableVersion | null; config: Config; file_sha256: string }): Draft {
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
