import { randomBytes } from 'node:crypto'
import { type Document, isSeq, YAMLSeq } from 'yaml'
import { type ApiKeyEntry, createApiKey, keyId } from '../core/api-keys.ts'
import { CodedError } from '../core/errors.ts'
import { ConfigError, parseConfig } from './config.ts'

const MIN_ID_DIGITS = 4

/** A key as it is shown once, and what the file keeps of it. */
export interface MadeKey {
  readonly key: string
  readonly entry: ApiKeyEntry
}

interface Replacement {
  readonly by: string
  readonly expires_at: string
}

/** The rights of a key: everything of its entry but what makes it this key. */
export type KeyRights = Omit<ApiKeyEntry, 'sha256' | 'created_at' | 'replaced_by'>

export function makeKey(rights: KeyRights, now: number): MadeKey {
  const { key, sha256 } = createApiKey(randomBytes)
  const { name, project, ...rest } = rights
  return { key, entry: { ...(name && { name }), project, sha256, created_at: timeOf(now), ...rest } }
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** `keys` of the file, which is made where it is missing; null: the file had none. */
export function keysOf(document: Document, path: string): { readonly entries: readonly ApiKeyEntry[] | null } {
  const present = document.get('keys') ?? null
  if (present !== null && !isSeq(present))
    throw new ConfigError(path, [{ path: 'keys', message: 'must be a list; nothing was changed.' }])
  const { keys } = parseConfig(document.toJS({ maxAliasCount: 100 }), {}, path)
  if (present === null) document.set('keys', new YAMLSeq())
  return { entries: keys ?? null }
}

export function addEntry(document: Document, entry: ApiKeyEntry): void {
  document.addIn(['keys'], document.createNode(entry))
}

/** Keeps the list when it becomes empty: without it the next start would ask for no key at all. */
export function removeEntry(document: Document, index: number): void {
  document.deleteIn(['keys', index])
}

/** The key lives on until `expires_at`; `by` is the id of the key that takes its place. */
export function replaceEntry(document: Document, index: number, { by, expires_at }: Replacement): void {
  document.setIn(['keys', index, 'expires_at'], expires_at)
  document.setIn(['keys', index, 'replaced_by'], by)
}

/** Where the key with this id stands; the first digits are enough where they tell it from others. Throws KEY_UNKNOWN. */
export function findEntry(entries: readonly ApiKeyEntry[], id: string): { index: number; entry: ApiKeyEntry } {
  const asked = id.toLowerCase()
  const found = entries.flatMap((entry, index) => (entry.sha256.startsWith(asked) ? [{ index, entry }] : []))
  if (asked.length >= MIN_ID_DIGITS && found.length === 1) return found[0]!
  const ids = found.map(({ entry }) => keyId(entry.sha256)).join(', ')
  throw new CodedError(
    'KEY_UNKNOWN',
    found.length > 1 ? `Several keys begin with ${asked}: ${ids}.` : 'The configuration holds no key with this id.',
  )
}
