import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type ApiKeys, keyId } from '../core/api-keys.ts'
import { rateLimits } from '../core/rate-limits.ts'
import { judgesConfig } from '../judges/catalogue.ts'
import type { Config } from './config.ts'
import { projectProblems, projectsConfig } from './project-settings.ts'

/**
 * The part of the configuration that has versions, under the paths of evalforge.yaml. All of it takes effect without a
 * restart, but for `store.retention_days`: that one belongs to a version because it decides which spans become rows.
 */
const liveConfig = z.strictObject({
  judges: judgesConfig,
  projects: projectsConfig,
  ingest: z.strictObject({ rate_limits: rateLimits }),
  store: z.strictObject({ retention_days: z.number().int().positive() }),
})

export type LiveConfig = z.infer<typeof liveConfig>

const CONFIG_SOURCES = ['start', 'apply', 'rollback'] as const

/** One version of the configuration, as it lies on project_configs (docs/topics.md). */
const configVersion = z.object({
  /** Counts up from 1. */
  sequence: z.number().int().positive(),
  applied_at: z.iso.datetime(),
  source: z.enum(CONFIG_SOURCES),
  note: z.string(),
  /** The version that a rollback repeats. */
  rolled_back_to: z.number().int().positive().nullable(),
  /** Of what the file said about the live part when it was last applied; a rollback carries it on. */
  file_sha256: z.string(),
  /** `project/id` of the API keys in force then. A rollback never brings back a key. */
  api_keys: z.array(z.string()),
  /** A LiveConfig of the release that wrote it. */
  config: z.record(z.string(), z.unknown()),
})

export type ConfigVersion = z.infer<typeof configVersion>

/** null where the bytes are no version, such as the ones of releases before there were versions. */
export function readConfigVersion(value: Buffer | null): ConfigVersion | null {
  if (value === null) return null
  try {
    return configVersion.safeParse(JSON.parse(value.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}

/** The configuration of a version, in the words of this release; null where this release does not take it. */
export function readLiveConfig(config: unknown): LiveConfig | null {
  return projectProblems(config).length > 0 ? null : (liveConfig.safeParse(config).data ?? null)
}

export function liveOf({ judges, projects, ingest, store }: Config): LiveConfig {
  return {
    judges,
    projects,
    ingest: { rate_limits: ingest.rate_limits },
    store: { retention_days: store.retention_days },
  }
}

/** The configuration of a running instance: what it was started with, and the live part that is in force. */
export function withLive(config: Config, live: LiveConfig, keys: ApiKeys): Config {
  const { keys: _started_with, ...rest } = config
  const ingest = { ...config.ingest, rate_limits: live.ingest.rate_limits }
  return { ...rest, ...(keys && { keys: [...keys] }), judges: live.judges, projects: live.projects, ingest }
}

/** Which keys these are, without their hashes, in a fixed order. */
export function apiKeyNames(keys: ApiKeys): string[] {
  return (keys ?? []).map(({ project, sha256 }) => `${project}/${keyId(sha256)}`).toSorted()
}

/** Of what a file says about the live part, as it was written: defaults may change with a release. */
export function liveFileSha256(values: unknown): string {
  const { judges, projects, ingest } = (values ?? {}) as { judges?: unknown; projects?: unknown; ingest?: unknown }
  const { rate_limits } = (ingest ?? {}) as { rate_limits?: unknown }
  return createHash('sha256').update(stableJson({ judges, projects, rate_limits })).digest('hex')
}

/** Whether two configurations say the same, whatever the order of their settings. */
export function isSame(a: unknown, b: unknown): boolean {
  return stableJson(a) === stableJson(b)
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
