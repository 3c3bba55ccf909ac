import type { Broker, LogRecord } from '../adapters/broker/broker.ts'
import { type ApiKeys, apiKeyEntries } from '../core/api-keys.ts'
import { CodedError } from '../core/errors.ts'
import { CONFIG_KEYS, PROJECT_CONFIGS } from '../schemas/topics.ts'
import { type ConfigVersion, type LiveConfig, readConfigVersion, readLiveConfig } from './live-config.ts'

const PAGE_BYTES = 1 << 20
/** Versions that can be looked at and rolled back to. */
export const KEPT_VERSIONS = 200
const TOPIC = PROJECT_CONFIGS.name

export interface PublishedVersion extends ConfigVersion {
  /** Offset of the version's own record: `config_offset` of ranges, `config_version` of rows. */
  readonly config_offset: bigint
}

/** A version that this release can run. */
export type RunnableVersion = Omit<PublishedVersion, 'config'> & { readonly config: LiveConfig }

/** Follows project_configs; holds the newest of everything. */
export interface ConfigReader {
  /** Reads on to the end of the topic. Where nobody has created it yet there is nothing to read. */
  refresh(): Promise<void>
  /** null where there is none, or it is none that this release takes. */
  inForce(): RunnableVersion | null
  /** Those in force; they mean something only where a version is in force. What cannot be read lets nobody in. */
  apiKeys(): ApiKeys
  /** Whether the last write came to its end. A crash may leave keys, or a version, that nobody was told of. */
  isWhole(): boolean
  /** The highest sequence there is; 0 where there is none. */
  lastSequence(): number
}

export function createConfigReader(broker: Pick<Broker, 'fetch' | 'offsets'>): ConfigReader {
  let next = 0n
  let inForce: RunnableVersion | null = null
  let apiKeys: ApiKeys = null
  let lastSequence = 0
  let isWhole = true
  let last: PublishedVersion | null = null

  function take(record: LogRecord): void {
    const key = record.key?.toString('utf8') ?? ''
    isWhole = key === CONFIG_KEYS.in_force
    if (key === CONFIG_KEYS.api_keys) apiKeys = readApiKeys(record.value)
    const published = versionIn(record)
    if (published !== null) {
      last = published
      lastSequence = Math.max(lastSequence, published.sequence)
    }
    // The version's own record comes first, and compaction keeps both as long as the version is in force.
    if (key === CONFIG_KEYS.in_force)
      inForce = last !== null && last.sequence === readConfigVersion(record.value)?.sequence ? runnable(last) : null
  }

  return {
    async refresh() {
      for await (const record of recordsFrom(broker, next)) {
        take(record)
        next = record.offset + 1n
      }
    },
    inForce: () => inForce,
    apiKeys: () => apiKeys,
    isWhole: () => isWhole,
    lastSequence: () => lastSequence,
  }
}

export interface KeptVersions {
  /** Oldest first. */
  readonly versions: readonly PublishedVersion[]
  /** Sequence of the one in force; null where there is none. */
  readonly in_force: number | null
}

/** All versions that were in force and are kept. */
export async function readVersions(broker: Pick<Broker, 'fetch' | 'offsets'>): Promise<KeptVersions> {
  const versions = new Map<string, PublishedVersion>()
  let in_force: number | null = null
  for await (const record of recordsFrom(broker, 0n)) {
    const key = record.key?.toString('utf8') ?? ''
    const published = versionIn(record)
    if (published !== null) versions.set(key, published)
    else if (key === CONFIG_KEYS.in_force) in_force = readConfigVersion(record.value)?.sequence ?? null
    else if (record.value === null) versions.delete(key)
  }
  // A crash may leave a version behind the one in force that never was: its writer did not come to the end.
  const held = [...versions.values()].filter(({ sequence }) => in_force === null || sequence <= in_force)
  return { versions: held.toSorted((a, b) => a.sequence - b.sequence), in_force }
}

/** The version whose own record has this offset; null where compaction took it, or this release does not take it. */
export async function versionAt(broker: Pick<Broker, 'fetch'>, offset: bigint): Promise<RunnableVersion | null> {
  try {
    const [record] = await broker.fetch(TOPIC, 0, offset, { end: offset + 1n, max_bytes: PAGE_BYTES })
    const version = record?.offset === offset ? versionIn(record) : null
    return version === null ? null : runnable(version)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'OFFSET_OUT_OF_RANGE') return null
    throw error
  }
}

/**
 * Puts a version in force, with these keys. One write: keys first, so that what a crash cuts off never lets a revoked key
 * in, and last of all the record that puts it in force.
 */
export async function publishVersion(
  broker: Pick<Broker, 'produce'>,
  version: ConfigVersion,
  keys: ApiKeys,
): Promise<void> {
  const old = version.sequence - KEPT_VERSIONS
  const record = (key: string, value: unknown) => ({
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(JSON.stringify(value)),
    headers: {},
  })
  await broker.produce(TOPIC, [
    record(CONFIG_KEYS.api_keys, { entries: keys }),
    ...(old > 0 ? [record(CONFIG_KEYS.version(old), null)] : []),
    record(CONFIG_KEYS.version(version.sequence), version),
    record(CONFIG_KEYS.in_force, version),
  ])
}

/** The version that a record holds under its own key, not the one that it puts in force. */
function versionIn({ key, value, offset }: LogRecord): PublishedVersion | null {
  const version = readConfigVersion(value)
  const isOwn = version !== null && key?.toString('utf8') === CONFIG_KEYS.version(version.sequence)
  return isOwn ? { ...version, config_offset: offset } : null
}

function runnable(version: PublishedVersion): RunnableVersion | null {
  const config = readLiveConfig(version.config)
  return config === null ? null : { ...version, config }
}

function readApiKeys(value: Buffer | null): ApiKeys {
  try {
    const { entries } = JSON.parse(value?.toString('utf8') ?? '') as { entries: unknown }
    return entries === null ? null : apiKeyEntries.parse(entries)
  } catch {
    return []
  }
}

async function* recordsFrom(broker: Pick<Broker, 'fetch' | 'offsets'>, from: bigint): AsyncGenerator<LogRecord> {
  const [place] = await broker.offsets(TOPIC).catch((error) => {
    if (error instanceof CodedError && error.code === 'TOPIC_UNKNOWN') return []
    throw error
  })
  if (!place) return
  let next = from > place.start ? from : place.start
  while (next < place.end) {
    const records = await broker.fetch(TOPIC, place.partition, next, { end: place.end, max_bytes: PAGE_BYTES })
    if (records.length === 0) return
    yield* records
    next = records.at(-1)!.offset + 1n
  }
}
