import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { httpError } from './http-error.ts'

export interface DoorKeys {
  /** SHA-256 in hex of the key that readers send as password; null: no key is asked for. */
  readonly query_key_sha256: string | null
  /** SHA-256 in hex of the key of user `writer`; null: nobody writes through the door. */
  readonly writer_key_sha256: string | null
}

export type Caller = 'reader' | 'writer'

/** Who asks, by Basic authorization, the X-ClickHouse headers or the URL, in this order. Throws an HttpError. */
export function identify(request: IncomingMessage, url: URLSearchParams, keys: DoorKeys): Caller {
  const { user, key } = credentials(request.headers, url)
  if (user === 'writer') {
    if (keys.writer_key_sha256 !== null && matches(key, keys.writer_key_sha256)) return 'writer'
    throw failed()
  }
  if (keys.query_key_sha256 !== null && !matches(key, keys.query_key_sha256)) throw failed()
  return 'reader'
}

function credentials(headers: IncomingHttpHeaders, url: URLSearchParams): { user: string; key: string } {
  const basic = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [user = '', ...key] = Buffer.from(basic, 'base64').toString('utf8').split(':')
    return { user, key: key.join(':') }
  }
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return { user: 'default', key: bearer }
  const user = headers['x-clickhouse-user']
  const key = headers['x-clickhouse-key']
  if (user !== undefined || key !== undefined) return { user: String(user ?? 'default'), key: String(key ?? '') }
  return { user: url.get('user') ?? 'default', key: url.get('password') ?? '' }
}

function matches(key: string, sha256: string): boolean {
  const expected = Buffer.from(sha256, 'hex')
  const actual = createHash('sha256').update(key).digest()
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function failed(): Error {
  return httpError('AUTHENTICATION_FAILED', 'Authentication failed: the password is not the key of this user.')
}

/**
 * Without a key only programs of this machine may ask. A web page in a browser of this machine is none of them: it is
 * recognised by a foreign Host (DNS rebinding) or by what the browser says about it.
 */
export function refuseForeignPages(headers: IncomingHttpHeaders): void {
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const local =
    host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host) || host.endsWith('.localhost')
  const site = headers['sec-fetch-site'] ?? 'none'
  const origin = headers.origin ?? `http://${headers.host}`
  if (!local || (site !== 'same-origin' && site !== 'none') || origin !== `http://${headers.host}`)
    throw httpError('ACCESS_DENIED', 'Without a key only programs of this machine are answered. Set a query key.')
}

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}
