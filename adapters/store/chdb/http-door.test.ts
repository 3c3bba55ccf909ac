import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { deflateSync, gunzipSync, gzipSync, inflateSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ForkedStore, forkStore, temporaryDirectory } from './forked-store.fixture.ts'

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')
const WRITER = { 'X-ClickHouse-User': 'writer', 'X-ClickHouse-Key': 'write' }
const directory = temporaryDirectory()
let forked: ForkedStore
let base: string

beforeAll(async () => {
  const keys = { query_key_sha256: sha256('read'), writer_key_sha256: sha256('write') }
  forked = await forkStore(directory.path, { door: { keys, limits: { max_running: 1, max_waiting: 1 } } })
  base = `http://127.0.0.1:${forked.ready.port}`
})
afterAll(async () => {
  await forked.stop()
  await directory[Symbol.asyncDispose]()
})

/** Raw HTTP: fetch would inflate the body and hide the header. */
async function raw(path: string, headers: Record<string, string> = {}, body?: Buffer | string) {
  const socket = connect(Number(forked.ready.port), '127.0.0.1')
  const lines = Object.entries({ Host: 'localhost', Connection: 'close', ...headers }).map(([k, v]) => `${k}: ${v}`)
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  socket.write(
    `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\n${[...lines, ...length].join('\r\n')}\r\n\r\n`,
  )
  if (body !== undefined) socket.write(body)
  const answer = Buffer.concat(await socket.toArray())
  const head = answer.subarray(0, answer.indexOf('\r\n\r\n')).toString()
  const found = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [line.split(': ')[0]?.toLowerCase(), line.slice(line.indexOf(': ') + 2)]),
  )
  return { status: Number(head.split(' ')[1]), headers: found, body: answer.subarray(answer.indexOf('\r\n\r\n') + 4) }
}

const KEY = { 'X-ClickHouse-Key': 'read' }
const ask = (search: string, body?: Buffer | string, headers: Record<string, string> = {}) =>
  raw(`/?${search}`, { ...KEY, ...headers }, body)
const query = (sql: string) => `query=${encodeURIComponent(sql)}`

describe('requests', () => {
  it.each([
    ['/ping', 200, 'Ok.\n'],
    ['/replicas_status', 200, 'Ok.\n'],
  ])('answers %s without a key', async (path, status, answer) => {
    const { status: got, body } = await raw(path)
    expect([got, body.toString()]).toEqual([status, answer])
  })

  it('answers 404 elsewhere', async () => expect((await raw('/play')).status).toBe(404))

  it('takes the query from the URL, from the body, or split over both', async () => {
    expect((await ask(query('SELECT 1'))).body.toString()).toBe('1\n')
    expect((await ask('', 'SELECT 2')).body.toString()).toBe('2\n')
    expect((await ask(query('SELECT'), '3')).body.toString()).toBe('3\n')
    expect(await ask('')).toMatchObject({ status: 400, headers: { 'x-clickhouse-exception-code': '62' } })
    expect(await ask(`${query('SELECT 1')}&${query('SELECT 2')}`)).toMatchObject({ status: 400 })
  })

  it('binds param_ and refuses what is not of its type', async () => {
    expect((await ask(`${query('SELECT {a:UInt8} + 1')}&param_a=41`)).body.toString()).toBe('42\n')
    expect(await ask(`${query('SELECT {a:UInt8}')}&param_a=x`)).toMatchObject({
      status: 400,
      headers: { 'x-clickhouse-exception-code': '457' },
    })
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('inflates a %s body', async (encoding, compress) => {
    const { body } = await ask('', compress(Buffer.from('SELECT 7')), { 'Content-Encoding': encoding })
    expect(body.toString()).toBe('7\n')
  })

  it('refuses a body that is too large, inflates too far, or does not inflate', async () => {
    const bomb = gzipSync(Buffer.alloc(20 << 20, ' '))
    expect(await ask('', bomb, { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 413 })
    expect(await ask('', Buffer.alloc(1 << 20, ' '))).toMatchObject({ status: 413 })
    expect(await ask('', 'not gzip', { 'Content-Encoding': 'gzip' })).toMatchObject({ status: 400 })
    expect(await ask('', 'SELECT 1', { 'Content-Encoding': 'br' })).toMatchObject({ status: 501 })
    expect(await ask('', 'x', { 'Content-Type': 'multipart/form-data; boundary=x' })).toMatchObject({ status: 501 })
  })
})

describe('answers', () => {
  it('carry the headers of the protocol', async () => {
    const { status, headers, body } = await ask(`${query('SELECT number FROM numbers(3) FORMAT JSON')}&query_id=my-id`)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=UTF-8',
      'x-clickhouse-query-id': 'my-id',
      'x-clickhouse-format': 'JSON',
      'x-clickhouse-timezone': expect.stringMatching(/UTC/),
      'content-length': String(body.length),
    })
    expect(JSON.parse(headers['x-clickhouse-summary'] ?? '')).toMatchObject({ read_rows: '3' })
    expect(JSON.parse(body.toString())).toMatchObject({
      rows: 3,
      data: [{ number: '0' }, { number: '1' }, { number: '2' }],
    })
  })

  it.each([
    ['default_format=CSV', {}, 'CSV', 'text/csv; charset=UTF-8; header=absent'],
    ['', { 'X-ClickHouse-Format': 'JSONEachRow' }, 'JSONEachRow', 'application/x-ndjson; charset=UTF-8'],
    ['', {}, 'TabSeparated', 'text/tab-separated-values; charset=UTF-8'],
    ['default_format=RowBinary', {}, 'RowBinary', 'application/octet-stream'],
  ])('come in the format asked for: %s %o', async (search, headers, format, type) => {
    const answer = await ask(`${query('SELECT 1')}&${search}`, undefined, headers as Record<string, string>)
    expect(answer.headers).toMatchObject({ 'x-clickhouse-format': format, 'content-type': type })
  })

  it.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
    ['zstd', zstdDecompressSync],
  ] as const)('are compressed with %s where asked for by setting and header', async (encoding, inflate) => {
    const sql = query("SELECT repeat('x', 1000)")
    const packed = await ask(`${sql}&enable_http_compression=1`, undefined, { 'Accept-Encoding': encoding })
    expect(packed.headers['content-encoding']).toBe(encoding)
    expect(inflate(packed.body).toString()).toBe(`${'x'.repeat(1000)}\n`)
    const plain = await ask(sql, undefined, { 'Accept-Encoding': encoding })
    expect(plain.headers['content-encoding']).toBeUndefined()
  })

  it.each([
    ['SELEC 1', 400, 62],
    ['SELECT nope', 404, 47],
    ['SELECT * FROM nope', 404, 60],
    ['SELECT 1 FORMAT Nope', 404, 73],
    ['SELECT 1 FORMAT Template', 404, 73],
    ['SELECT throwIf(1)', 400, 395],
    ['SELECT sleepEachRow(3) FROM numbers(100)', 400, 160],
    ["SELECT 'text'.name", 400, 43],
    ['SHOW CREATE TABLE nope', 400, 390],
    ['SELECT 1 WHERE file(1)', 403, 497],
  ])('say what is wrong with %s: %i', async (sql, status, code) => {
    const { status: got, headers, body } = await ask(query(sql))
    expect([got, headers['x-clickhouse-exception-code']]).toEqual([status, String(code)])
    expect(body.toString()).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*\\n$`, 's'))
  })

  it('is 503 when too many wait, and goes on afterwards', async () => {
    const asked = await Promise.all(Array.from({ length: 4 }, () => ask(query('SELECT sleep(0.3)'))))
    expect(asked.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503])
    expect(asked.find(({ status }) => status === 503)?.headers).toMatchObject({
      'x-clickhouse-exception-code': '202',
      'retry-after': '1',
    })
    expect((await ask(query('SELECT 1'))).status).toBe(200)
  })

  // Also in the first milliseconds, before the engine knows the query that is to be stopped.
  it.each([1, 5, 10, 20, 200])('stops a query whose caller is gone after %i ms', async (ms) => {
    const sql = 'SELECT count() FROM system.numbers WHERE sipHash64(number) = 1'
    const gone = fetch(`${base}/?${query(sql)}`, { headers: KEY, signal: AbortSignal.timeout(ms) })
    await expect(gone).rejects.toThrow()
    // The only slot would be taken for 30 s otherwise.
    expect((await ask(`${query('SELECT 1')}&max_execution_time=3`)).status).toBe(200)
  })
})

describe('keys', () => {
  const basic = (pair: string) => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` })

  it.each([
    ['none', {}, '', 403],
    ['X-ClickHouse-Key', { 'X-ClickHouse-User': 'me', 'X-ClickHouse-Key': 'read' }, '', 200],
    ['Basic', basic('default:read'), '', 200],
    ['Bearer', { Authorization: 'Bearer read' }, '', 200],
    ['the URL', {}, 'user=default&password=read', 200],
    ['a wrong key', basic('default:reads'), '', 403],
    ['a wrong key before a right one in the URL', basic('default:no'), 'password=read', 403],
    ['the writer with the key of readers', basic('writer:read'), '', 403],
    ['the writer', basic('writer:write'), '', 200],
  ])('%s', async (_name, headers, search, status) => {
    expect((await raw(`/?${query('SELECT 1')}&${search}`, headers as Record<string, string>)).status).toBe(status)
  })

  it('readers change nothing, the writer inserts and changes the schema', async () => {
    const create = 'CREATE TABLE written (id UInt32, s String) ENGINE = MergeTree ORDER BY id'
    expect((await raw('/', KEY, create)).status).toBe(403)
    expect((await raw('/', WRITER, create)).status).toBe(200)
    const insert = `/?${query('INSERT INTO written (id, s) SETTINGS async_insert=0 FORMAT CSV')}`
    expect((await raw(insert, KEY, '1,"a\n\nDROP TABLE written;"\n')).status).toBe(403)
    expect((await raw(insert, WRITER, '1,"a\n\nDROP TABLE written;"\n')).status).toBe(200)
    expect((await ask(query('SELECT s FROM written'))).body.toString()).toBe('a\\n\\nDROP TABLE written;\n')
    expect((await raw('/', WRITER, "INSERT INTO written VALUES (2, 'x')")).status).toBe(400)
    expect((await raw(`/?readonly=1`, WRITER, 'DROP TABLE written')).status).toBe(403)
    expect((await raw('/', WRITER, 'SYSTEM SHUTDOWN')).status).toBe(403)
    expect(
      (await raw(`/?${query('INSERT INTO written (id) SETTINGS max_threads=9 FORMAT CSV')}`, WRITER, '1')).status,
    ).toBe(400)
    expect((await raw(`/?${query("INSERT INTO FUNCTION file('x') (id) FORMAT CSV")}`, WRITER, '1')).status).toBe(400)
  })
})

describe('without a key', () => {
  it('does not listen beyond loopback', async () => {
    await using other = temporaryDirectory()
    const keys = { query_key_sha256: null, writer_key_sha256: null }
    const { ready } = await forkStore(other.path, { door: { address: '0.0.0.0', keys } })
    expect(ready).toMatchObject({ ready: false, code: 'CONFIG_INVALID' })
  })

  it('says which port is taken, and keeps pages of a browser out', async () => {
    await using other = temporaryDirectory()
    const keys = { query_key_sha256: null, writer_key_sha256: null }
    const taken = await forkStore(other.path, { door: { keys, port: Number(forked.ready.port) } })
    expect(taken.ready).toMatchObject({ ready: false, code: 'PORT_BUSY', message: expect.stringContaining('port') })
    const open = await forkStore(`${other.path}/2`, { door: { keys } })
    const get = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${open.ready.port}/?${query('SELECT 1')}`, { headers }).then((answer) => answer.status)
    expect(await get({})).toBe(200)
    expect(await get({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
    // Browsers that say nothing of Sec-Fetch-Site.
    expect(await get({ Origin: 'http://evil.example' })).toBe(403)
    expect(await get({ Origin: 'null' })).toBe(403)
    expect(await get({ Origin: `http://127.0.0.1:${open.ready.port}` })).toBe(200)
    expect(await get({ 'X-ClickHouse-User': 'writer' })).toBe(403)
    const socket = connect(Number(open.ready.port), '127.0.0.1')
    socket.write('GET /?query=SELECT+1 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
    expect(await text(socket)).toContain('403 Forbidden')
    await open.stop()
  })
})

describe('@clickhouse/client', () => {
  const client = (compression = false) =>
    createClient({
      url: base,
      username: 'writer',
      password: 'write',
      database: 'evalforge',
      log: { level: ClickHouseLogLevel.OFF },
      compression: { response: compression, request: compression },
    })

  it('pings, changes the schema, inserts, queries, streams and reads errors', async () => {
    const one = client()
    expect(await one.ping()).toEqual({ success: true })
    await one.command({ query: 'CREATE TABLE by_client (id UInt64, s String) ENGINE = MergeTree ORDER BY id' })
    await one.insert({
      table: 'by_client',
      columns: ['id', 's'],
      values: [
        { id: 1, s: 'a\n\nb' },
        { id: 2, s: 'ü' },
      ],
      format: 'JSONEachRow',
    })
    const params = { low: 1, names: ['ü', "q'"] }
    const rows = await one.query({
      query: 'SELECT id, s FROM by_client WHERE id > {low:UInt64} AND has({names:Array(String)}, s)',
      query_params: params,
      format: 'JSONEachRow',
    })
    expect(await rows.json()).toEqual([{ id: '2', s: 'ü' }])
    const table = await one.query({ query: 'SELECT max(id) AS top FROM by_client', format: 'JSON' })
    expect(await table.json()).toMatchObject({ data: [{ top: '2' }], rows: 1 })
    const stream = await one.query({ query: 'SELECT id FROM by_client ORDER BY id', format: 'JSONEachRow' })
    const seen: unknown[] = []
    for await (const part of stream.stream()) for (const row of part) seen.push(row.json())
    expect(seen).toEqual([{ id: '1' }, { id: '2' }])
    const { stream: exec } = await one.exec({ query: 'SELECT count() FROM by_client FORMAT CSV' })
    expect(await text(exec)).toBe('2\n')
    await expect(one.query({ query: 'SELECT nope' })).rejects.toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' })
    await one.close()
  })

  it('compresses both ways', async () => {
    const one = client(true)
    await one.command({ query: 'CREATE TABLE packed (id UInt32) ENGINE = MergeTree ORDER BY id' })
    const values = Array.from({ length: 1000 }, (_, id) => ({ id }))
    await one.insert({ table: 'packed', columns: ['id'], values, format: 'JSONEachRow' })
    const rows = await one.query({ query: 'SELECT sum(id) AS total FROM packed', format: 'JSONEachRow' })
    expect(await rows.json()).toEqual([{ total: '499500' }])
    await one.close()
  })
})
