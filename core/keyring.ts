import { timingSafeEqual } from 'node:crypto'
import { type ApiKeyEntry, type ApiKeys, DEFAULT_PROJECT, hashKey, type KeyScope, keyId } from './api-keys.ts'
import type { Clock } from './clock.ts'
import { CodedError } from './errors.ts'
import type { Sender } from './rate-limits.ts'

const MAX_KEY_CHARACTERS = 512
const EVERYONE: Sender = { project: DEFAULT_PROJECT, key_id: '' }

export interface Keyring {
  /** Nobody has asked for keys: everyone is let in as DEFAULT_PROJECT, so listeners must stay on loopback. */
  readonly open: boolean
  /**
   * Whose key it is, of those a request presents. Throws UNAUTHENTICATED where none of them is a key, KEY_EXPIRED and
   * SCOPE_MISSING where one is that does not let this request in.
   */
  admit(presented: readonly string[], scope: KeyScope): Sender
  /**
   * From now on these keys and no others. A keyring that was once closed stays closed: with null or an empty list it lets
   * nobody in.
   */
  replace(keys: ApiKeys): void
}

interface Known {
  readonly owner: Sender
  readonly hash: Buffer
  readonly entry: ApiKeyEntry
  /** Milliseconds since 1970. */
  readonly expires_at: number
}

/**
 * Finds keys by their SHA-256. What a sender can learn from the time of a look-up concerns the hash of what it sent, which
 * says nothing about a key it does not have; the last comparison takes constant time as well.
 */
export function createKeyring(keys: ApiKeys, clock: Pick<Clock, 'now'>): Keyring {
  let open = keys === null
  let known = indexed(keys)

  function find(key: string): Known | undefined {
    if (key.length > MAX_KEY_CHARACTERS) return undefined
    const hash = hashKey(key)
    const found = known.get(hash.toString('hex'))
    return found !== undefined && timingSafeEqual(found.hash, hash) ? found : undefined
  }

  return {
    get open() {
      return open
    },
    admit(presented, scope) {
      if (open) return EVERYONE
      let refused = new CodedError('UNAUTHENTICATED')
      for (const key of presented) {
        const found = find(key)
        if (found === undefined) continue
        const refusal = refusalOf(found, scope, clock.now())
        if (refusal === null) return found.owner
        refused = refusal
      }
      throw refused
    },
    replace(next) {
      open = open && next === null
      known = indexed(next)
    },
  }
}

function indexed(keys: ApiKeys): ReadonlyMap<string, Known> {
  const known = (keys ?? []).map((entry): [string, Known] => {
    const { sha256, project, expires_at } = entry
    const expires = expires_at === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires_at)
    const owner = { project, key_id: keyId(sha256) }
    return [sha256, { owner, hash: Buffer.from(sha256, 'hex'), entry, expires_at: expires }]
  })
  return new Map(known)
}

/** Said only to who has the key. */
function refusalOf({ owner, entry, expires_at }: Known, scope: KeyScope, now: number): CodedError | null {
  if (now >= expires_at)
    return new CodedError('KEY_EXPIRED', `The API key ${owner.key_id} expired at ${entry.expires_at}.`)
  const { scopes } = entry
  if (scopes === undefined || scopes.includes(scope)) return null
  return new CodedError('SCOPE_MISSING', `The API key ${owner.key_id} may send ${scopes.join(' and ')}, not ${scope}.`)
}
