import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createApiKey } from '../../core/api-keys.ts'
import { dribble, firstAnswer, type ReceivedAnswer } from '../../core/http-door.samples.ts'
import { createHttpDoor, httpDoorConfig } from '../../core/http-door.ts'
import { createKeyring } from '../../core/keyring.ts'
import { describeSource } from '../../core/source.contract.ts'
import { aCollector, aLogs, aText, aTraces, aTracesJson, CAPTURES, captureFolders } from '../../core/source.samples.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { startOtlpHttp } from './otlp-http.samples.ts'
import { createOtlpHttp } from './otlp-http.ts'

const one = aTraces([{}])
const oneJson = Buffer.from(JSON.stringify(aTracesJson([{}])))
const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function start(options: Parameters<typeof aCollector>[0] = {}, config: Parameters<typeof startOtlpHttp>[1] = {}) {
  const collector = aCollector(options)
  const listener = await startOtlpHttp(collector.deps, config)
  stops.push(() => listener.drain(500))
  return { ...collector, ...listener }
}

const jsonOf = ({ body }: ReceivedAnswer) => JSON.parse(body.toString())

describeSource('otlp-http', async (deps) => {
  const { post, drain } = await startOtlpHttp(deps)
  return {
    drain,
    async send({ signal, body, key, gzip }) {
      const answer = await post({
        path: `/v1/${signal}`,
        headers: {
          'content-type': PROTOBUF,
          ...(gzip && { 'content-encoding': 'gzip' }),
          ...(key && { authorization: `Bearer ${key}` }),
        },
        body: gzip ? gzipSync(body) : body,
      })
      const ok = answer.status === 200
      expect(answer.headers['content-type']).toBe(PROTOBUF)
      const retryable = [429, 502, 503, 504].includes(answer.status)
      expect(answer.headers['retry-after'] !== undefined).toBe(retryable)
      // ExportTracePartialSuccess: field 1 of the response, its count (one byte here) in field 1 and its text in field 2.
      const partial = ok && answer.body.length > 0 ? answer.body.subarray(answer.body.indexOf(0x08)) : null
      return { ok, retryable, rejected: partial?.[1] ?? 0, message: (partial ?? answer.body).subarray(4).toString() }
    },
  }
})

describe('otlp-http: addresses', () => {
  it.each([
    ['/v1/traces', 'otlp_spans'],
    ['/v1/traces/', 'otlp_spans'],
    ['/v1/traces?a=/v1/logs', 'otlp_spans'],
    ['/api/public/otel/v1/traces', 'otlp_spans'],
    ['/v1/traces/v1/traces', 'otlp_spans'],
    ['/v1/traces/v1/logs', 'otlp_logs'],
  ])('POST %s', async (path, topic) => {
    const { post, appended } = await start()
    const body = topic === 'otlp_logs' ? aLogs(['a']) : one
    expect((await post({ path, headers: { 'content-type': PROTOBUF }, body })).status).toBe(200)
    expect(appended[0]?.topic).toBe(topic)
  })

  it.each<[string, string, number, string]>([
    ['GET', '/v1/traces', 405, 'POST'],
    ['PUT', '/v1/logs', 405, 'POST'],
    ['OPTIONS', '/v1/traces', 405, 'POST'],
    ['POST', '/', 404, '/v1/traces'],
    ['POST', '/v1/tracesx', 404, '/v1/traces'],
    ['POST', '/%zz/v1/traces', 404, '/v1/traces'],
    ['GET', '/nothing', 404, '/v1/logs'],
    ['POST', '/v1/metrics', 404, 'OTEL_METRICS_EXPORTER=none'],
    ['POST', '/v1development/profiles', 404, 'traces and logs'],
  ])('%s %s is answered %i', async (method, path, status, says) => {
    const { post, appended } = await start()
    const answer = await post({ method, path, headers: { 'content-type': JSON_TYPE }, body: oneJson })
    expect(answer.status).toBe(status)
    expect(answer.headers.allow).toBe(status === 405 ? 'POST' : undefined)
    expect(jsonOf(answer).message).toContain(says)
    expect(appended).toEqual([])
  })
})

describe('otlp-http: encodings', () => {
  it.each([PROTOBUF, 'application/protobuf', `${PROTOBUF}; charset=utf-8`, 'application/X-Protobuf'])(
    'answers %s in protobuf',
    async (type) => {
      const { post } = await start()
      const good = await post({ headers: { 'content-type': type }, body: one })
      expect([good.status, good.headers['content-type'], good.body.length]).toEqual([200, PROTOBUF, 0])
      const bad = await post({ headers: { 'content-type': type }, body: one.subarray(1) })
      expect([bad.status, bad.headers['content-type'], bad.body[0]]).toEqual([400, PROTOBUF, 0x08])
    },
  )

  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;x=";"'])(
    'answers %s in JSON',
    async (type) => {
      const { post } = await start()
      const good = await post({ headers: { 'content-type': type }, body: oneJson })
      expect([good.status, good.headers['content-type'], good.body.toString()]).toEqual([200, JSON_TYPE, '{}'])
      const partial = await post({
        headers: { 'content-type': type },
        body: Buffer.from(JSON.stringify(aTracesJson([{ spanId: '' }]))),
      })
      expect(jsonOf(partial).partialSuccess).toMatchObject({ rejectedSpans: '1' })
      const bad = await post({ headers: { 'content-type': type }, body: oneJson.subarray(1) })
      expect(bad.status).toBe(400)
      const violation = { '@type': 'type.googleapis.com/google.rpc.BadRequest' }
      expect(jsonOf(bad)).toMatchObject({ code: 3, details: [violation] })
    },
  )

  it.each([undefined, 'text/plain', 'no slash', 'application/x-www-form-urlencoded'])(
    'looks at the body of %s',
    async (type) => {
      const { post } = await start()
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
      expect((await post({ headers, body: one })).headers['content-type']).toBe(PROTOBUF)
      expect((await post({ headers, body: oneJson })).headers['content-type']).toBe(JSON_TYPE)
      expect((await post({ headers, body: Buffer.from('hello') })).status).toBe(415)
    },
  )

  it.each<[string, Buffer]>([
    ['identity', one],
    ['gzip', gzipSync(one)],
    ['x-gzip', gzipSync(one)],
    ['gzip', Buffer.concat([gzipSync(one.subarray(0, 9)), gzipSync(one.subarray(9))])],
    ['deflate', deflateSync(one)],
    ['deflate', deflateRawSync(one)],
    ['zstd', zstdCompressSync(one)],
    ['deflate, gzip', gzipSync(deflateSync(one))],
  ])('takes content-encoding %s', async (encoding, body) => {
    const { post, appended } = await start()
    for (const sent of [body, [body.subarray(0, 9), body.subarray(9)]]) {
      const headers = { 'content-type': PROTOBUF, 'content-encoding': encoding }
      expect((await post({ headers, body: sent })).status).toBe(200)
      expect(appended.at(-1)?.records[0]?.value).toEqual(one)
    }
  })

  it('names the content encodings it takes where it does not take one', async () => {
    const { post } = await start()
    for (const encoding of ['br', 'gzip, gzip, gzip']) {
      const answer = await post({ headers: { 'content-type': JSON_TYPE, 'content-encoding': encoding }, body: one })
      expect([answer.status, answer.headers['accept-encoding']]).toEqual([415, 'gzip, deflate, zstd'])
    }
    const broken = await post({ headers: { 'content-encoding': 'gzip' }, body: one })
    expect([broken.status, jsonOf(broken).code]).toEqual([400, 3])
  })

  it.skipIf(captureFolders().length === 0)(
    'keeps the same spans whether they came as protobuf or as JSON',
    async () => {
      const { post, appended } = await start()
      let pairs = 0
      for (const folder of captureFolders()) {
        const files = readdirSync(join(CAPTURES, folder))
        const ofTraces = (ending: string) => files.filter((file) => file.endsWith(`v1_traces.${ending}`))
        for (const [index, file] of ofTraces('json').entries()) {
          const answer = await post({
            headers: { 'content-type': JSON_TYPE },
            body: readFileSync(join(CAPTURES, folder, file)),
          })
          expect([answer.status, answer.body.toString()], `${folder}/${file}`).toEqual([200, '{}'])
          const protobuf = ofTraces('pb')[index]
          if (protobuf === undefined) continue
          pairs++
          const value = appended.at(-1)!.records[0]!.value
          expect(readTraces(value)).toEqual(readTraces(readFileSync(join(CAPTURES, folder, protobuf))))
        }
      }
      expect(pairs).toBeGreaterThan(5)
    },
  )
})

describe('otlp-http: who may send', () => {
  const shop = createApiKey((bytes) => Buffer.alloc(bytes, 1))
  const basic = `Basic ${Buffer.from(`pk-lf-1:${shop.key}`).toString('base64')}`

  it('takes a key as Bearer, x-api-key and Basic, and asks for one before it reads a body', async () => {
    const { post, port, appended } = await start({ keys: { shop: shop.sha256 } })
    for (const headers of [
      { authorization: `Bearer ${shop.key}` },
      { 'x-api-key': shop.key },
      { authorization: basic },
    ]) {
      expect((await post({ headers, body: one })).status).toBe(200)
    }
    expect(appended.map(({ records }) => records[0]?.headers.project)).toEqual(['shop', 'shop', 'shop'])
    const refused = await post({ headers: { authorization: 'Bearer wrong' }, body: one })
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer realm="evalforge"'])
    const announced = 'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n'
    expect(await firstAnswer(port, announced)).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('listens beyond loopback only where there are keys', () => {
    const { deps } = aCollector()
    const config = httpDoorConfig.parse({ host: '0.0.0.0' })
    const refused = {
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/ingest\.otlp_http\.host.*keys create/),
    }
    expect(() => createHttpDoor({ config, deps, collectors: [createOtlpHttp(deps)] })).toThrow(
      expect.objectContaining(refused),
    )
    const keys = createKeyring([{ project: 'shop', sha256: shop.sha256 }], deps.clock)
    expect(() => createHttpDoor({ config, deps: { ...deps, keys }, collectors: [createOtlpHttp(deps)] })).not.toThrow()
  })

  it('takes no spans from the pages of other sites where there are no keys', async () => {
    const { post } = await start()
    expect((await post({ headers: { origin: 'https://example.com' }, body: one })).status).toBe(403)
    expect((await post({ headers: { origin: 'null' }, body: one })).status).toBe(403)
    expect((await post({ headers: { origin: 'http://localhost:3000' }, body: one })).status).toBe(200)
  })

  it('says which port is busy', async () => {
    const { port, deps } = await start()
    const listener = createHttpDoor({
      config: httpDoorConfig.parse({ port }),
      deps,
      collectors: [createOtlpHttp(deps)],
    })
    await expect(listener.listen()).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining(`${port}`),
    })
  })
})

describe('otlp-http: limits of the transport', () => {
  it('answers 413 with and without a content-length, and serves the next request', async () => {
    const { post } = await start({ limits: { max_request_bytes: 100_000 } })
    const body = aTraces([{ attributes: aText(200_000) }])
    const pieces = Array.from({ length: 21 }, (_, i) => body.subarray(i * 10_000, (i + 1) * 10_000))
    for (const sent of [body, pieces]) {
      expect((await post({ headers: { 'content-type': PROTOBUF }, body: sent })).status).toBe(413)
      expect((await post({ headers: { 'content-type': PROTOBUF }, body: one })).status).toBe(200)
    }
  })

  it('answers 408 to a slow body and to slow headers, and counts nothing in flight afterwards', async () => {
    const slow = { body_grace_ms: 100, min_body_bytes_per_second: 1000, headers_timeout_ms: 300 }
    const { port, deps, post, appended } = await start({}, slow)
    const started = 'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    const [body, headers] = await Promise.all([
      dribble(port, `${started}Content-Length: 5000\r\n\r\n`),
      dribble(port, `${started}X-Slow: `),
    ])
    expect(body).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":4/)
    expect(headers).toMatch(/^HTTP\/1\.1 408 /)
    expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
    expect((await post({ body: one })).status).toBe(200)
    expect(appended).toHaveLength(1)
  })

  it('answers 400 to what is not HTTP and 431 to headers without an end', async () => {
    const { port } = await start()
    expect(await dribble(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*4317/)
    expect(await dribble(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('forgets a sender that hangs up', async () => {
    const { port, deps, registry, appended } = await start()
    const abort = new AbortController()
    const body = new ReadableStream({ start: (controller) => controller.enqueue(one) })
    const sent = fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      body,
      duplex: 'half',
      signal: abort.signal,
    } as RequestInit)
    await expect.poll(() => deps.admission.inFlight().requests).toBe(1)
    abort.abort()
    await expect(sent).rejects.toThrow()
    await expect.poll(() => deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
    await expect.poll(() => registry.metrics()).toContain('code="CLIENT_CLOSED"} 1')
    expect(appended).toEqual([])
  })
})
