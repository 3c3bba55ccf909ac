import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { rateLimits, type Sender } from './rate-limits.ts'

const KEY_PREFIX = 'ef_'
const MAX_KEY_CHARACTERS = 512

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
  rate_limits: rateLimits.optional().describe('What this key may send, within what its project may.'),
})

export type ApiKeyEntry = z.infer<typeof apiKeyEntry>

export interface Keyring {
  /** No keys are configured: everyone is let in as DEFAULT_PROJECT, so listeners must stay on loopback. */
  readonly open: boolean
  /** Whose key it is; null where none of `presented` is a key. */
  resolve(presented: readonly string[]): Sender | null
}

/** A new key with 256 bits of `random`, and the hash that evalforge.yaml keeps. */
export function createApiKey(random: (bytes: number) => Buffer): { readonly key: string; readonly sha256: string } {
  const key = KEY_PREFIX + random(32).toString('base64url')
  return { key, sha256: sha256(key).toString('hex') }
}

/** Names a key without telling anything of it: the first 12 hex digits of its SHA-256. */
export function keyId(sha256: string): string {
  return sha256.slice(0, 12)
}

/**
 * Finds keys by their SHA-256. What a sender can learn from the time of a look-up concerns the hash of what it sent, which
 * says nothing about a key it does not have; the last comparison takes constant time as well.
 */
export function createKeyring(entries: readonly ApiKeyEntry[]): Keyring {
  const byHash = new Map(
    entries.map(({ sha256, project }) => [
      sha256,
      { owner: { project, key_id: keyId(sha256) }, hash: Buffer.from(sha256, 'hex') },
    ]),
  )
  const everyone = { project: DEFAULT_PROJECT, key_id: '' }

  function find(key: string) {
    const hash = sha256(key)
    const entry = byHash.get(hash.toString('hex'))
    return entry !== undefined && timingSafeEqual(entry.hash, hash) ? entry.owner : null
  }

  return {
    open: entries.length === 0,
    resolve(presented) {
      if (entries.length === 0) return everyone
      for (const key of presented) {
        const found = key.length <= MAX_KEY_CHARACTERS ? find(key) : null
        if (found !== null) return found
      }
      return null
    },
  }
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

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
