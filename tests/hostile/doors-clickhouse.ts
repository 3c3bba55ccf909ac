import { randomUUID } from 'node:crypto'
import type { Random } from '../../core/random.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import { aBomb, anEncoding } from './bombs.ts'
import type { Door, HostileRequest, HttpRequest, RunContext } from './hostile-request.ts'
import { type HttpParts, httpBytes } from './http-head.ts'
import { aSlowloris, aTrick } from './http-tricks.ts'

/** docs/bad-input.md, "Queries on port 8123". */
const ANSWERS = new Set('200 400 401 403 404 408 411 413 431 417 501 503+retry'.split(' '))
/** Its headers have 10 s, and so has a socket on which nothing happens. */
const SLOW_MS = 40_000

const QUERIES = [
  'SELECT 1',
  "SELECT count() FROM spans WHERE project = 'x'",
  'SELECT name, model, passed FROM spans ORDER BY start_time DESC LIMIT 3',
  'SELECT project, hour, sum(input_tokens) FROM usage GROUP BY ALL LIMIT 2',
  "SELECT judge, count() FROM all_evaluations WHERE trace_id = '0' GROUP BY judge",
  'WITH 1 AS a SELECT a + number, toString(number) FROM numbers(5)',
  'SELECT arrayMap(x -> x + 1, [1, 2, 3]) AS list, map(1, 2) AS m',
  'SHOW TABLES',
  'DESCRIBE TABLE spans',
  'EXISTS TABLE spans',
  'EXPLAIN SELECT count() FROM spans',
  'SELECT {a:UInt8}, {b:String}',
  'SELECT s.name FROM spans AS s LEFT JOIN span_texts AS t USING (project, hour, trace_id, span_id) LIMIT 1',
]

/** What a reader must not get. `FILE` is a file with a secret. */
const FORBIDDEN = [
  "SELECT * FROM file('FILE', 'LineAsString')",
  "SELECT file('FILE')",
  "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
  "SELECT * FROM remote('127.0.0.1', system.one)",
  "SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV')",
  "SELECT * FROM executable('cat FILE', 'LineAsString', 'a String')",
  "SELECT 1 INTO OUTFILE 'FILE.out'",
  "INSERT INTO FUNCTION file('FILE.out', 'CSV', 'a UInt8') VALUES (1)",
  "SELECT * FROM (SELECT * FROM file('FILE', 'LineAsString'))",
  "WITH x AS (SELECT * FROM file('FILE')) SELECT * FROM x",
  "SELECT * FROM spans WHERE name IN (SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String'))",
  "CREATE TABLE x (a UInt8) ENGINE = File(CSV, 'FILE.out')",
  'DROP TABLE spans_rows',
  'ALTER TABLE spans_rows DELETE WHERE 1',
  'TRUNCATE TABLE spans_rows',
  'INSERT INTO ledger_rows SELECT * FROM ledger_rows',
  'SYSTEM SHUTDOWN',
  'SYSTEM STOP MERGES',
  'KILL QUERY WHERE 1',
  'SET readonly = 0',
  'SELECT 1 SETTINGS readonly = 0, max_memory_usage = 0',
  'SELECT 1; DROP TABLE spans_rows',
  'GRANT ALL ON *.* TO default',
  "SELECT * FROM system.processes FORMAT Template SETTINGS format_template_row = 'FILE'",
  "BACKUP TABLE spans_rows TO File('FILE.out')",
  "ATTACH TABLE x FROM 'FILE' (a UInt8) ENGINE = Log",
  'USE system',
  "SELECT dictGet('x', 'y', 1)",
  "SELECT getSetting('readonly'), hostName(), currentUser()",
  'SELECT sleepEachRow(3) FROM numbers(100)',
]

/** What costs a careless engine dearly. */
const COSTLY: readonly ((n: number) => string)[] = [
  (n) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)}`,
  (n) => `SELECT ${'-'.repeat(n)}1`,
  (n) => `SELECT ${'NOT '.repeat(n)}1`,
  (n) => `SELECT ${'['.repeat(n)}${']'.repeat(n)}`,
  (n) => `SELECT 1 IN (${'1,'.repeat(n * 10)}1)`,
  (n) => `SELECT ${'1+'.repeat(n)}1`,
  (n) => `SELECT '${'x'.repeat(n * 50)}'`,
  (n) => `SELECT ${'if(1,'.repeat(n)}1${',0)'.repeat(n)}`,
  (n) => `${'SELECT * FROM ('.repeat(n)}SELECT 1${')'.repeat(n)}`,
  (n) => `SELECT 1 ${'UNION ALL SELECT 1 '.repeat(n)}`,
  (n) => `SELECT ${'a.'.repeat(n)}b FROM spans`,
  (n) => `SELECT /*${'/*'.repeat(n)} 1`,
  (n) => `SELECT 1${' AS a'.repeat(n)}`,
  () => 'SELECT count() FROM numbers(100000000000)',
  () => 'SELECT groupArray(number) FROM numbers(1000000000)',
  () => 'SELECT count() FROM numbers(1000000) AS a, numbers(1000000) AS b',
  () => "SELECT repeat('x', 1000000000)",
  () => 'SELECT * FROM numbers(100000000)',
  () => "SELECT replaceRegexpAll(repeat('a', 100000), '(a*)*b', '')",
  () => 'SELECT range(1000000000)',
  () => 'SELECT randomString(1000000000)',
]

const LITERALS = [
  'NULL',
  '-1',
  '1e999',
  'nan',
  "'\\",
  "'",
  '"',
  '`',
  '0x',
  '{x:',
  '1.7976931348623157e309',
  '\u0000',
  "'\\xff'",
  '/*',
  '--',
  ';',
  '$$',
  '§',
  '😀',
]
const SETTINGS = [
  'max_memory_usage',
  'readonly',
  'allow_ddl',
  'format_schema',
  'session_id',
  'compress',
  'decompress',
  'async_insert',
  'max_threads',
  'log_comment',
  'query_cache_ttl',
  'output_format_json_x',
  'session_timezone',
  'max_execution_time',
  'stacktrace',
  'role',
  'client_protocol_version',
  'default_format',
  'database',
  'query_id',
]
const VALUES = [
  '0',
  '1',
  '-1',
  '99999999999999999999',
  '',
  'x',
  "'; DROP TABLE spans_rows",
  '\u0000',
  'Europe/Nowhere',
  '../../x',
  '%',
  'Template',
  'Native',
  'NoSuch',
  'a'.repeat(200),
]

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
    weight: 6,
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

/** What the file holds that queries reach for. */
export const aSecret = () => `secret-${randomUUID()}`
