import { keyId } from './api-keys.ts'
import type { RateLimitSettings, RateLimits } from './rate-limits.ts'

/** The limits of a configuration, as the limiter takes them. */
export function rateLimitSettings(config: {
  readonly common: RateLimits
  readonly projects?: Readonly<Record<string, { readonly rate_limits?: RateLimits | undefined }>>
  readonly keys: readonly { readonly sha256: string; readonly rate_limits?: RateLimits | undefined }[]
}): RateLimitSettings {
  const projects = Object.entries(config.projects ?? {}).map(([name, { rate_limits }]) => [name, rate_limits] as const)
  const keys = config.keys.map(({ sha256, rate_limits }) => [keyId(sha256), rate_limits] as const)
  return { common: config.common, projects: new Map(given(projects)), keys: new Map(given(keys)) }
}

function given(entries: readonly (readonly [string, RateLimits | undefined])[]): [string, RateLimits][] {
  return entries.flatMap(([name, limits]) => (limits === undefined ? [] : [[name, limits]]))
}
