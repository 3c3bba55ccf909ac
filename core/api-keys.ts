import { createHash } from 'node:crypto'
import { z } from 'zod'
import { rateLimits } from './rate-limits.ts'

const KEY_PREFIX = 'ef_'

/** What a key may be used for. */
export const KEY_SCOPES = ['traces', 'logs'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

/** What listens without keys puts everything into this project. */
export const DEFAULT_PROJECT = 'default'

export const projectName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'Lower-case letters, digits, - and _, at most 63, beginning with a letter or digit.',
  )

/** One entry of `keys` in evalforge.yaml. The key itself is shown once, when it is made, and never stored. */
export const apiKeyEntry = z.strictObject({
  name: z.string().max(200).optional().describe('For people: who uses this key.'),
  project: projectName.describe('Everything sent with the key belongs to this project.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits.')
    .describe('SHA-256 of the key, in hex.'),
  created_at: z.iso.datetime().optional().describe('When it was made.'),
  expires_at: z.iso.datetime().optional().describe('From then on it lets nobody in; without it, it never expires.'),
  scopes: z
    .array(z.enum(KEY_SCOPES))
    .min(1)
    .optional()
    .describe('What may be sent with it (`traces`, `logs`); all of it where this is left out.'),
  replaced_by: z
    .string()
    .regex(/^[0-9a-f]{12}$/, '12 lower-case hex digits.')
    .optional()
    .describe('Id of the key that `evalforge keys rotate` made in its place.'),
  rate_limits: rateLimits.optional().describe('What this key may send, within what its project may.'),
})

export type ApiKeyEntry = z.infer<typeof apiKeyEntry>

/**
 * All keys there are. null: none were ever asked for, and everyone on this machine is let in. A list lets in its keys and
 * nobody else, an empty one nobody at all.
 */
export type ApiKeys = readonly ApiKeyEntry[] | null

/** What is in force after a change: where keys were asked for before, leaving them out opens nothing. */
export function keysAfter(before: ApiKeys, wanted: ApiKeys): ApiKeys {
  return wanted ?? (before === null ? null : [])
}

/** `keys` in evalforge.yaml; left out, it means null. Ids are unique, so that one key can be named by its id. */
export const apiKeyEntries = z.array(apiKeyEntry).superRefine((entries, context) => {
  const seen = new Set<string>()
  for (const [index, { sha256 }] of entries.entries()) {
    const id = keyId(sha256)
    if (seen.has(id)) context.addIssue({ code: 'custom', path: [index, 'sha256'], message: `${id} is there twice.` })
    seen.add(id)
  }
})

/** A new key with 256 bits of `random`, and the hash that evalforge.yaml keeps. */
export function createApiKey(random: (bytes: number) => Buffer): { readonly key: string; readonly sha256: string } {
  const key = KEY_PREFIX + random(32).toString('base64url')
  return { key, sha256: hashKey(key).toString('hex') }
}

/** Names a key without telling anything of it: the first 12 hex digits of its SHA-256. */
export function keyId(sha256: string): string {
  return sha256.slice(0, 12)
}

/**
 * The keys a request presents, from its `authorization` and `x-api-key` headers or metadata (names in lower case). Bearer
 * gives its token. Basic gives the password (Langfuse SDKs send `public:secret`), or the user where there is no password.
 */
export function presentedKeys(header: (name: string) => string | undefined): readonly string[] {
  const keys: string[] = []
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header('authorization') ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') keys.push(value)
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(value, 'base64').toString('utf8')
    const colon = pair.indexOf(':')
    const password = colon < 0 ? '' : pair.slice(colon + 1)
    keys.push(password === '' ? pair.slice(0, colon < 0 ? undefined : colon) : password)
  }
  const plain = header('x-api-key')?.trim()
  if (plain) keys.push(plain)
  return keys
}

/** Of a key, as entries hold it in hex. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest()
}
