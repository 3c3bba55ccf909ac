import type { Random } from '../../core/random.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import type { Door, HostileRequest, HttpRequest } from './hostile-request.ts'
import { type HttpParts, httpBytes } from './http-head.ts'
import { aSlowloris, aTrick } from './http-tricks.ts'
import { damageJson } from './json-damage.ts'

const ANSWERS = new Set('200 400 403 404 405 408 413 414 415 417 431 501 503'.split(' '))
/** Node gives headers and body a minute, and five, by default. */
const SLOW_MS = 20_000
/** Operations that look and change nothing; damaged bodies are sent to all that exist. */
const BODIES = ['{"limit":2}', '{"full":false}', '{"id":"otlp_spans:0:0:0"}', '{"project":"hostile","limit":1}'].map(
  (text) => Buffer.from(text),
)
const LOOKING = ['dead_letter', 'ledger_', 'x', '', '..%2f..', '__proto__', 'constructor', 'toString', 'a'.repeat(5000)]
/** What they do is bounded, but scanning a log takes its time. */
const SCANNING = ['ledger', 'dead_letters', 'dead_letter']

export function createAdminDoor(): Door {
  const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[random(choices.length)]!
  const JSON_TYPE = ['content-type', 'application/json'] as const

  function ask(what: string, change: Partial<HttpParts>): HttpRequest {
    const parts = { method: 'GET', target: '/health', headers: [], body: Buffer.alloc(0), ...change }
    return { kind: 'http', what: `admin: ${what}`, method: parts.method, bytes: httpBytes(parts) }
  }

  function operation(random: Random, name: string): HttpRequest {
    const seed = oneOf(random, BODIES)
    const body = random(2) === 0 ? damageJson(seed, seed, random).bytes : Buffer.from(mutate(seed, random))
    const headers =
      random(5) === 0
        ? [['content-type', oneOf(random, ['text/plain', '', 'application/x-www-form-urlencoded'])] as const]
        : [JSON_TYPE]
    return ask('operation', { method: 'POST', target: `/operations/${name}`, headers, body })
  }

  function odd(random: Random): HttpRequest {
    return oneOf<() => HttpRequest>(random, [
      () => ask('method', { method: oneOf(random, ['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'POST']) }),
      () =>
        ask('path', {
          target: oneOf(random, [
            '/',
            '/x',
            '/health/',
            '/../etc/passwd',
            '/%2e%2e/',
            '/%',
            '/operations',
            '/operations/',
            '/__proto__',
          ]),
        }),
      () => ask('get operation', { target: '/operations/ledger' }),
      () =>
        ask('origin', {
          method: 'POST',
          target: '/operations/x',
          headers: [JSON_TYPE, ['origin', 'http://evil.example'], ['sec-fetch-site', 'cross-site']],
          body: Buffer.from('{}'),
        }),
      () => ({
        ...ask('large', {
          method: 'POST',
          target: '/operations/x',
          headers: [JSON_TYPE],
          body: Buffer.alloc(5 << 20, ' '),
        }),
        // It may hang up before everything is sent (RFC 9110 §15.5.14), and then its 413 may be lost on the way.
        also: ['closed'],
      }),
      () =>
        ask('deep', {
          method: 'POST',
          target: '/operations/x',
          headers: [JSON_TYPE],
          body: Buffer.from('['.repeat(200_000)),
        }),
      () =>
        ask('pollution', {
          method: 'POST',
          target: '/operations/x',
          headers: [JSON_TYPE],
          body: Buffer.from('{"__proto__":{"a":1}}'),
        }),
      () => ask('empty', { method: 'POST', target: '/operations/x', headers: [JSON_TYPE] }),
    ])()
  }

  const good = (): HttpRequest & { readonly expect: string } => ({ ...ask('nothing wrong', {}), expect: '200' })
  const goodParts: HttpParts = { method: 'GET', target: '/health', headers: [], body: Buffer.alloc(0) }

  return {
    name: 'admin',
    weight: 6,
    answers: ANSWERS,
    make(random): HostileRequest {
      const draw = random(10_000)
      if (draw < 2) return { ...aSlowloris(goodParts, random, SLOW_MS), may_stay_open: true }
      if (draw < 20) return { ...operation(random, oneOf(random, SCANNING)), heavy: true }
      if (draw < 60) return { ...ask('metrics', { target: oneOf(random, ['/metrics', '/ready']) }), heavy: true }
      if (draw < 1_500) return aTrick(goodParts, random)
      if (draw < 3_500) return good()
      if (draw < 7_000) return odd(random)
      return operation(random, oneOf(random, LOOKING))
    },
    good,
  }
}
