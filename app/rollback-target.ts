import { CodedError } from '../core/errors.ts'
import { ConfigError } from './config.ts'
import { KEPT_VERSIONS, type PublishedVersion, type RunnableVersion } from './config-topic.ts'
import { isSame, type LiveConfig, readLiveConfig } from './live-config.ts'

/**
 * The version that a rollback repeats: the named one, or the newest before the one in force (before the one that it repeats,
 * if it is a rollback itself) that says something else. `retention_days` says nothing here: it is never rolled back.
 */
export function rollbackTarget(
  versions: readonly PublishedVersion[],
  inForce: RunnableVersion,
  sequence: number | null,
): { readonly sequence: number; readonly config: LiveConfig } {
  const base = inForce.rolled_back_to ?? inForce.sequence
  const found =
    sequence !== null
      ? versions.find((version) => version.sequence === sequence)
      : versions.findLast((version) => version.sequence < base && !saysTheSame(version, inForce))
  if (found === undefined)
    throw new CodedError(
      'CONFIG_VERSION_UNKNOWN',
      sequence === null
        ? `There is no version before ${base} that says something else.`
        : `There is no version ${sequence}; the last ${KEPT_VERSIONS} are kept.`,
    )
  const config = readLiveConfig(found.config)
  if (config === null)
    throw new ConfigError(`Version ${found.sequence}`, [
      { path: '', message: 'was written by another release, and this one does not take it.' },
    ])
  return { sequence: found.sequence, config }
}

function saysTheSame(a: { readonly config: object }, b: { readonly config: object }): boolean {
  return isSame({ ...a.config, store: null }, { ...b.config, store: null })
}
