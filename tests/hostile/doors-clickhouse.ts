import type { Random } from '../../core/random.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import { aBomb, anEncoding } from './bombs.ts'
import { COSTLY, FORBIDDEN, LITERALS, QUERIES, SETTINGS, VALUES } from './hostile-queries.ts'
import type { Door, HostileRequest, HttpRequest, RunContext } from './hostile-request.ts'
import { type HttpParts, httpBytes } from './http-head.ts'
import { aSlowloris, aTrick } from './http-tricks.ts'

/** docs/bad-input.md, "Queries on port 8123". */
const ANSWERS = new Set('200 400 401 403 404 408 411 413 431 417 501 503+retry'.split(' '))
/** Its headers have 10 s, a whole request a minute. */
const SLOW_MS = 100_000

export function createClickhouseDoor(context: RunContext): Door {
  const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[random(choices.length)]!

  function ask(what: string, sql: string | Buffer, change: Partial<HttpParts> = {}, search = ''): HttpRequest {
    const body = typeof sql === 'string' ? Buffer.from(sql.replaceAll('FILE', context.secret_file)) : sql
    // Most of them are to be stopped soon: it is the way there that is tried.
    const parts = { method: 'POST', target: `/?max_execution_time=1${search}`, headers: [], body, ...change }
    return { kind: 'http', what, method: parts.method, bytes: httpBytes(parts) }
  }

  function damagedSql(random: Random): string {
    const words = oneOf(random, QUERIES).split(/\b/)
    for (let n = random(3); n >= 0; n--) {
      const at = random(words.length)
      if (random(3) === 0) words.splice(at, 1)
      else if (random(2) === 0) words[at] = oneOf(random, LITERALS)
      else words.splice(at, 0, words[random(words.length)] ?? '')
    }
    return words.join('')
  }

  function parameters(random: Random): HttpRequest {
    const pairs = Array.from({ length: 1 + random(4) }, () => {
      const name =
        random(3) === 0
          ? `param_${oneOf(random, ['a', 'b', '', '1', 'a b', '__proto__', 'x'.repeat(99)])}`
          : oneOf(random, SETTINGS)
      const value = oneOf(random, VALUES)
      return random(8) === 0 ? `${name}=%${value.slice(0, 3)}%zz` : `${name}=${encodeURIComponent(value)}`
    })
    return ask(
      'query: parameters',
      random(2) === 0 ? 'SELECT {a:UInt8}, {b:String}' : 'SELECT 1',
      {},
      `&${pairs.join('&')}`,
    )
  }

  function odd(random: Random): HttpRequest {
    const multipart = '--b\r\ncontent-disposition: form-data; name="query"\r\n\r\nSELECT 1\r\n--b--\r\n'
    const query = encodeURIComponent(oneOf(random, QUERIES))
    const users = ['writer:x', 'default:', ':', 'a'.repeat(900), 'writer:'].map(
      (user) => `Basic ${Buffer.from(user).toString('base64')}`,
    )
    return oneOf<() => HttpRequest>(random, [
      () => ask('query: multipart', multipart, { headers: [['content-type', 'multipart/form-data; boundary=b']] }),
      () =>
        ask('query: method', 'SELECT 1', {
          method: oneOf(random, ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD', 'GET']),
        }),
      () => ask('query: two queries', '', {}, `&query=${query}&query=${query}`),
      () =>
        ask(
          'query: in the URL',
          Buffer.alloc(0),
          { method: oneOf(random, ['GET', 'HEAD', 'POST']) },
          `&query=${query}`,
        ),
      () =>
        ask('query: path', 'SELECT 1', {
          target: oneOf(random, ['/ping', '/play', '/replicas_status', '/x', '/../', '/?%', '/dashboard', '/metrics']),
        }),
      () =>
        ask('query: user', 'SELECT 1', {
          headers: [['authorization', oneOf(random, [...users, 'Bearer x', 'Basic !!', 'Negotiate x'])]],
        }),
      () =>
        ask('query: writer', oneOf(random, FORBIDDEN), {
          headers: [
            ['x-clickhouse-user', 'writer'],
            ['x-clickhouse-key', ''],
          ],
        }),
      () =>
        ask('query: host', 'SELECT 1', {
          headers: [
            ['origin', 'http://evil.example'],
            ['sec-fetch-site', 'cross-site'],
          ],
        }),
      () =>
        ask('query: format', 'SELECT 1', {
          headers: [['x-clickhouse-format', oneOf(random, VALUES).replaceAll('\u0000', '')]],
        }),
      () =>
        ask('query: database', 'SELECT 1', {
          headers: [['x-clickhouse-database', oneOf(random, ['system', 'x', '', 'INFORMATION_SCHEMA'])]],
        }),
      () =>
        ask(
          'query: FORMAT',
          `SELECT 1 AS a FORMAT ${oneOf(random, ['Null', 'Template', 'Protobuf', 'CapnProto', 'Avro', 'Parquet', 'Arrow', 'ORC', 'XML', 'NoSuch'])}`,
        ),
      () =>
        ask(
          'query: insert',
          oneOf(random, ['1\t2\n', '', '\u0000']),
          {},
          `&query=${encodeURIComponent('INSERT INTO ledger_rows FORMAT TSV')}`,
        ),
      () =>
        ask(
          'query: compressed answer',
          'SELECT 1',
          { headers: [['accept-encoding', oneOf(random, ['gzip', 'br', 'zstd', 'x,,;q=9', '*'])]] },
          '&enable_http_compression=1',
        ),
    ])()
  }

  function encoded(random: Random): HttpRequest {
    const { what, header, sent } =
      random(10) === 0 ? aBomb(random) : anEncoding(Buffer.from('SELECT 1'), random, (bytes) => bytes.subarray(0, 9))
    return { ...ask(`query: ${what}`, sent, { headers: [['content-encoding', header]] }), heavy: true }
  }

  // Without a limit of its own: it may wait its turn behind what is costly.
  const good = (): HttpRequest & { readonly expect: string } => ({
    ...ask('nothing wrong', 'SELECT 1', { target: '/' }),
    expect: '200',
  })
  const goodParts: HttpParts = { target: '/', headers: [], body: Buffer.from('SELECT 1') }

  return {
    name: 'clickhouse',
    // A query costs the instance ten times what an export costs.
    weight: 3,
    answers: ANSWERS,
    make(random): HostileRequest {
      const draw = random(10_000)
      if (draw < 6) return aSlowloris(goodParts, random, SLOW_MS)
      if (draw < 40)
        return { ...ask('query: costly', oneOf(random, COSTLY)(oneOf(random, [10, 300, 3000]))), heavy: true }
      if (draw < 200) return encoded(random)
      if (draw < 1_200) return aTrick(goodParts, random)
      if (draw < 1_800) return good()
      if (draw < 4_000) return odd(random)
      if (draw < 6_000) return parameters(random)
      if (draw < 7_500) return ask('query: forbidden', oneOf(random, FORBIDDEN))
      if (draw < 8_500) return ask('query: bytes', Buffer.from(mutate(Buffer.from(oneOf(random, QUERIES)), random)))
      return ask('query: words', damagedSql(random))
    },
    good,
  }
}
