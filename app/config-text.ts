import { keyId } from '../core/api-keys.ts'
import type { ConfigChange } from './config-changes.ts'
import type { ConfigHistory, ListedVersion } from './operations/config.ts'

/** One line a setting: `~` changed, `+` came, `-` went. */
export function changeLines(changes: readonly ConfigChange[]): readonly string[] {
  return changes.map(({ path, before, after }) => {
    if (before === '') return `  + ${path}: ${after}`
    if (after === '') return `  - ${path}: ${before}`
    return `  ~ ${path}: ${before} → ${after}`
  })
}

/** Newest first, each with what it changed. */
export function historyLines({ versions, total }: ConfigHistory): readonly string[] {
  if (total === 0) return ['No configuration was in force here yet.']
  const lines = versions.flatMap((version) => {
    const { changes, changes_total } = version
    const more = changes_total - changes.length
    return [titleOf(version), ...changeLines(changes), ...(more > 0 ? [`    and ${more} more`] : [])]
  })
  return versions.length < total ? [...lines, `${versions.length} of ${total}; more with --limit.`] : lines
}

function titleOf({
  sequence,
  applied_at,
  source,
  rolled_back_to,
  note,
  in_force,
  config_version,
}: ListedVersion): string {
  const how = source === 'rollback' ? `rollback to ${rolled_back_to}` : source
  const parts = [String(sequence).padStart(4), applied_at, how.padEnd(14), `config_version ${config_version}`]
  return [...parts, ...(note === '' ? [] : [JSON.stringify(note)]), ...(in_force ? ['(in force)'] : [])].join('  ')
}

/** The same tree with every SHA-256 cut to what names it. */
export function shortenedHashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortenedHashes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name.endsWith('sha256') && typeof inner === 'string' ? `${keyId(inner)}…` : shortenedHashes(inner),
    ]),
  )
}
