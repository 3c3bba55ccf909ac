import type { Broker } from '../adapters/broker/broker.ts'
import type { ApiKeys } from '../core/api-keys.ts'
import type { Clock } from '../core/clock.ts'
import { CodedError } from '../core/errors.ts'
import type { Config, Overrides } from './config.ts'
import { parseConfig } from './config.ts'
import { type ConfigChange, changesForRestart, keysById, liveChanges } from './config-changes.ts'
import { type Draft, draftAtStart, draftOfFile, draftOfRollback, repeated } from './config-drafts.ts'
import { createConfigReader, publishVersion, type RunnableVersion, readVersions } from './config-topic.ts'
import { apiKeyNames, isSame, type LiveConfig, liveFileSha256, withLive } from './live-config.ts'
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
export interface ConfigFollower<Prepared> {
  /** Makes what it needs; throws where it cannot, and then nothing changes. */
  prepare(config: LiveConfig): Promise<Prepared>
  use(prepared: Prepared, config_offset: bigint): void
}

/** `inForce`: at a start, when what cannot be had must not keep the rest from running; `refuse`: throws CONFIG_INVALID. */
export type PinConfig = (
  config: LiveConfig,
  broken: 'refuse' | { readonly inForce: LiveConfig | null },
) => Promise<LiveConfig>

export interface ConfigControlOptions<Prepared> {
  readonly broker: Pick<Broker, 'fetch' | 'offsets' | 'produce'>
  readonly config: Config
  readonly origin: ConfigOrigin
  /** This process took the place of one that died: the file that the instance was started with is not looked at again. */
  readonly restarted: boolean
  readonly follower: ConfigFollower<Prepared>
  /** Keeps what a configuration names outside of itself, and writes into it what that was. */
  readonly pin?: PinConfig
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly onInForce: (version: RunnableVersion) => void
}

/** Resolves once a configuration is in force. */
export async function startConfigControl<Prepared>(options: ConfigControlOptions<Prepared>): Promise<ConfigControl> {
  const { broker, config: started, origin, follower, clock, log } = options
  const reader = createConfigReader(broker)
  let last: Promise<unknown> = Promise.resolve()

  function inForce(): RunnableVersion {
    const version = reader.inForce()
    if (version === null) throw new CodedError('CONFIG_VERSION_UNKNOWN', 'No configuration is in force yet.')
    return version
  }

  const keys = () => reader.apiKeys()

  async function use(version: RunnableVersion, prepared?: Prepared): Promise<void> {
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

  async function pinned(draft: Draft, broken: Parameters<PinConfig>[1]): Promise<Draft> {
    return options.pin === undefined ? draft : { ...draft, config: await options.pin(draft.config, broken) }
  }

  async function begin(): Promise<void> {
    await reader.refresh()
    const published = reader.inForce()
    if (published !== null && options.restarted)
      return reader.isWhole() ? use(published) : putInForce({ ...repeated(published), keys: keys() })
    const said = draftAtStart({ published, config: started, file_sha256: liveFileSha256(origin.values) })
    const draft = said.rolled_back_to === null ? await pinned(said, { inForce: published?.config ?? null }) : said
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
    const said = draftOfFile({ values, next, note, keys_only }, before, keys())
    const draft = keys_only ? said : await pinned(said, 'refuse')
    const opens = next.keys === undefined && draft.keys !== null
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
    const draft = draftOfRollback(target, before, { note, keys: keys() })
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
