import { type ApiKeys, keyId } from '../core/api-keys.ts'
import type { Config } from './config.ts'

/** One setting that differs. Values are JSON, shortened for people; '' where the setting is not there. */
export interface ConfigChange {
  readonly path: string
  readonly before: string
  readonly after: string
}

const MAX_VALUE_CHARACTERS = 100
const SHOWN_HASH_DIGITS = 12
const EMPTY: ReadonlySet<string> = new Set(['[]', '{}'])

/** A live configuration and the keys in force with it, in whatever form both sides of a comparison have them. */
export interface LiveSide {
  readonly config: object
  readonly keys: unknown
}

/** What differs between two live configurations and their keys, by path, in the order of the paths. */
export function liveChanges(before: LiveSide, after: LiveSide): readonly ConfigChange[] {
  return changesOf({ ...before.config, keys: before.keys }, { ...after.config, keys: after.keys })
}

/** Keys by their id: told apart by it, and none of them shown. */
export function keysById(keys: ApiKeys): unknown {
  if (keys === null || keys.length === 0) return keys ?? undefined
  return Object.fromEntries(keys.map(({ sha256, ...entry }) => [keyId(sha256), entry]))
}

/** Settings that differ and take effect at the next start only. */
export function changesForRestart(running: Config, next: Config): readonly ConfigChange[] {
  return changesOf(restartOnly(running), restartOnly(next))
}

function restartOnly({ keys, judges, projects, ingest, ...rest }: Config): unknown {
  const { rate_limits, ...ingestRest } = ingest
  return { ...rest, ingest: ingestRest }
}

function changesOf(before: unknown, after: unknown): readonly ConfigChange[] {
  const old = leavesOf(before)
  const fresh = leavesOf(after)
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].toSorted()
  return paths.flatMap((path) => {
    const change = { path, before: old.get(path) ?? '', after: fresh.get(path) ?? '' }
    return change.before === change.after || isFilled(path, { old, fresh }) ? [] : [shown(change)]
  })
}

/** An empty list or mapping that was filled or emptied: what came or went is said by its own paths. */
function isFilled(
  path: string,
  { old, fresh }: Readonly<Record<'old' | 'fresh', ReadonlyMap<string, string>>>,
): boolean {
  const other = EMPTY.has(old.get(path) ?? '') ? fresh : EMPTY.has(fresh.get(path) ?? '') ? old : null
  return (
    other !== null && [...other.keys()].some((inner) => inner.startsWith(`${path}.`) || inner.startsWith(`${path}[`))
  )
}

/** Values by path. The entries of a list of plain values are a path each, so that one that was added is one change. */
function leavesOf(root: unknown): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  const walk = (value: unknown, path: string): void => {
    if (value === undefined) return
    if (Array.isArray(value)) {
      if (value.length === 0) leaves.set(path, '[]')
      for (const [index, entry] of value.entries()) {
        if (typeof entry === 'object' && entry !== null) walk(entry, `${path}[${index}]`)
        else leaves.set(`${path}[${JSON.stringify(entry)}]`, JSON.stringify(entry))
      }
    } else if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value)
      if (entries.length === 0 && path !== '') leaves.set(path, '{}')
      for (const [key, inner] of entries) walk(inner, path === '' ? key : `${path}.${key}`)
    } else leaves.set(path, JSON.stringify(value))
  }
  walk(root, '')
  return leaves
}

function shown({ path, before, after }: ConfigChange): ConfigChange {
  const value = (json: string) =>
    path.endsWith('sha256') ? shortened(json, SHOWN_HASH_DIGITS + 1) : shortened(json, MAX_VALUE_CHARACTERS)
  return { path: shortened(path, 2 * MAX_VALUE_CHARACTERS), before: value(before), after: value(after) }
}

function shortened(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`
}
