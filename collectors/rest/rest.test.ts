import { gzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, describe, expect, it } from 'vitest'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { type HttpRequest, type ReceivedAnswer, startHttpDoor } from '../../core/http-door.samples.ts'
import { createMutator } from '../../core/mutations.samples.ts'
import { createDigestLane } from '../../core/otlp-digest-lane.ts'
import { aCollector, aTraces, aTracesJson, spanIds } from '../../core/source.samples.ts'
import { createOtlpHttp } from '../otlp-http/otlp-http.ts'
import { openApiDocument } from './openapi.ts'
import { bodyOf, START } from './rest.samples.ts'
import { createRest } from './rest.ts'

const ok = { start_time: START, input: 'hi' }
const isProblem = new Ajv2020({ strict: false })
  .addSchema(JSON.parse(JSON.stringify(openApiDocument())), 'openapi')
  .compile({ $ref: 'openapi#/components/schemas/Problem' })

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

/** Both collectors behind one port, as `ingest` has them. */
async function start(options: Parameters<typeof aCollector>[0] = {}, more: object = {}) {
  const collector = aCollector(options)
  const deps = { ...collector.deps, ...more }
  const door = await startHttpDoor([createRest(deps), createOtlpHttp(deps)], deps)
  stops.push(() => door.drain(500))
  const send = (json: unknown, request: HttpRequest = {}) =>
    door.post({ path: '/api/v1/traces', body: bodyOf(json), ...request })
  return { ...collector, ...door, send }
}

const jsonOf = ({ body }: ReceivedAnswer) => JSON.parse(body.toString())

function expectProblem(answer: ReceivedAnswer, status: number, code: string): Record<string, unknown> {
  const problem = jsonOf(answer)
  expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json'])
  expect(isProblem(problem)).toBe(true)
  expect(problem).toMatchObject({ status, code, detail: expect.any(String) })
  return problem
}

describe('POST /api/v1/traces', () => {
  it('puts the trace on the log as OTLP, and says how to find it', async () => {
    const { send, appended } = await start()
    const answer = await send({ ...ok, spans: [{ name: 'a' }] })
    expect(answer.status).toBe(200)
    const { trace_id, span_ids } = jsonOf(answer)
    expect(trace_id).toMatch(/^[0-9a-f]{32}$/)
    expect(appended).toHaveLength(1)
    const [record] = appended[0]!.records
    expect([appended[0]!.topic, record!.headers.project]).toEqual(['otlp_spans', 'default'])
    expect(record!.headers.transport).toBe('http/json')
    expect(spanIds(record!.value)).toEqual(span_ids)
  })

  it('writes the same record when the same is sent again, compressed or not', async () => {
    const { send, appended } = await start()
    await send(ok)
    await send(ok, { body: gzipSync(bodyOf(ok)), headers: { 'content-encoding': 'gzip' } })
    await send(ok, { headers: { 'idempotency-key': 'a' } })
    const [first, second, keyed] = appended.map(({ records }) => records[0]!.value)
    expect(second).toEqual(first)
    expect(keyed).not.toEqual(first)
  })

  it('lists all that is wrong', async () => {
    const { send, appended, lines } = await start()
    const problem = expectProblem(await send({ name: 'secret', sessionId: 'secret', error: 5 }), 400, 'TRACE_INVALID')
    expect(problem.errors).toEqual([
      { path: '$.error', message: expect.any(String) },
      { path: '$.sessionId', message: expect.any(String) },
    ])
    expect(problem.detail).toContain('2 problems')
    expect(appended).toEqual([])
    expect(lines.join()).not.toContain('secret')
  })

  it.each<[string, string, number, string]>([
    ['no JSON', '{"a":', 400, 'TRACE_INVALID'],
    ['nothing', '', 400, 'TRACE_INVALID'],
    ['a list', '[]', 400, 'TRACE_INVALID'],
    ['OTLP/JSON', JSON.stringify(aTracesJson([{}])), 400, 'TRACE_INVALID'],
    ['JSON without end', '['.repeat(1000), 413, 'REQUEST_TOO_LARGE'],
    ['too many spans', JSON.stringify({ ...ok, spans: [{}, {}, {}, {}] }), 413, 'REQUEST_TOO_LARGE'],
  ])('refuses %s', async (_, body, status, code) => {
    const { send, appended, deps } = await start({ limits: { max_spans: 4 } })
    expectProblem(await send(null, { body: Buffer.from(body) }), status, code)
    expect(appended).toEqual([])
    expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  })

  it('asks for a key, and takes the project from it', async () => {
    const shop = createApiKey((bytes) => Buffer.alloc(bytes, 1))
    const { send, appended } = await start({ keys: { shop: shop.sha256 } })
    const refused = await send(ok)
    expectProblem(refused, 401, 'UNAUTHENTICATED')
    expect(refused.headers['www-authenticate']).toContain('Bearer')
    expect((await send(ok, { headers: { 'x-api-key': shop.key } })).status).toBe(200)
    expect(appended[0]!.records[0]!.headers.project).toBe('shop')
  })

  it('asks to wait while there is no room, and while the log takes nothing', async () => {
    const { send, log } = await start({ rate_limits: { requests_per_second: 0.001, burst_seconds: 1000 } })
    log.append = async () => {
      throw new CodedError('LOG_FULL')
    }
    const full = await send(ok)
    expectProblem(full, 503, 'LOG_FULL')
    expect(Number(full.headers['retry-after'])).toBeGreaterThan(0)
    const limited = await send(ok)
    expectProblem(limited, 429, 'RATE_LIMITED')
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('leaves protobuf to OTLP, whose exporters may have this as their address', async () => {
    const { post, appended } = await start()
    const headers = { 'content-type': 'application/x-protobuf' }
    const answer = await post({ path: '/api/v1/traces', headers, body: aTraces([{}]) })
    expect([answer.status, answer.body.length]).toEqual([200, 0])
    expect(appended[0]!.records).toHaveLength(1)
  })

  it('reads large bodies on the thread for them, with the same result', async () => {
    const entry = new URL('../../app/processes/digest-thread.ts', import.meta.url)
    const large = createDigestLane({ entry, clock: systemClock })
    stops.push(() => large.close())
    const { send, appended } = await start({}, { large })
    const traces = Array.from({ length: 20 }, (_, index) => ({ ...ok, input: `${index}${'x'.repeat(20_000)}` }))
    const path = '/api/v1/traces/batch'
    const request = { path, headers: { 'x-correlation-id': 'the-same' } }
    const answer = await send({ traces: [...traces, {}] }, request)
    expect(answer.status).toBe(207)
    const here = await start()
    expect(jsonOf(await here.send({ traces: [...traces, {}] }, request))).toEqual(jsonOf(answer))
    expect(here.appended.map(({ records }) => records)).toEqual(appended.map(({ records }) => records))
    expectProblem(await send({ traces: [{ input: 'x'.repeat(200_000) }] }, { path }), 400, 'TRACE_INVALID')
  })
})

describe('POST /api/v1/traces/batch', () => {
  const path = '/api/v1/traces/batch'

  it('says of each trace what became of it', async () => {
    const { send, appended, registry } = await start()
    const all = await send({ traces: [ok, { ...ok, input: 'b' }] }, { path })
    expect([all.status, jsonOf(all).accepted.length, jsonOf(all).rejected]).toEqual([200, 2, []])
    const some = await send({ traces: [ok, {}] }, { path })
    expect(some.status).toBe(207)
    expect(jsonOf(some)).toMatchObject({
      accepted: [{ index: 0, trace_id: jsonOf(all).accepted[0].trace_id }],
      rejected: [{ index: 1, errors: [{ path: '$.traces[1].start_time' }] }],
    })
    const none = expectProblem(await send({ traces: [{}, {}] }, { path }), 400, 'TRACE_INVALID')
    expect(none.errors).toHaveLength(2)
    expect(appended).toHaveLength(2)
    const metrics = await registry.metrics()
    expect(metrics).toContain('evalforge_rejected_total{component="rest",code="TRACE_INVALID"} 3')
    expect(metrics).toContain('evalforge_spans_received_total{component="rest",project="default"} 3')
  })

  it('takes nothing from an empty list', async () => {
    const { send, appended } = await start()
    const answer = await send({ traces: [] }, { path })
    expect([answer.status, jsonOf(answer)]).toEqual([200, { accepted: [], rejected: [] }])
    expect(appended).toEqual([])
  })
})

describe('addresses', () => {
  it('serves its description', async () => {
    const { post } = await start()
    const answer = await post({ method: 'GET', path: '/api/v1/openapi.json' })
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json'])
    expect(jsonOf(answer)).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  })

  it.each([
    ['GET', '/api/v1/traces', 'POST'],
    ['PUT', '/api/v1/traces/batch/', 'POST'],
    ['POST', '/api/v1/openapi.json', 'GET'],
  ])('%s %s is the wrong method', async (method, path, allow) => {
    const { post } = await start()
    const answer = await post({ method, path, body: bodyOf(ok) })
    expectProblem(answer, 405, 'METHOD_NOT_ALLOWED')
    expect(answer.headers.allow).toBe(allow)
  })

  it('refuses pages of other sites while there are no keys', async () => {
    const { send } = await start()
    expectProblem(await send(ok, { headers: { origin: 'https://evil.example' } }), 403, 'ORIGIN_REFUSED')
  })
})

it('answers 1000 damaged requests with what they deserve', async () => {
  const mutator = createMutator(20_261_121)
  const { send, deps, lines } = await start()
  const body = bodyOf({
    traces: [{ ...ok, usage: { input_tokens: 1 }, spans: [{ kind: 'tool', metadata: { a: [1] } }] }, ok],
  })
  const statuses = new Set<number>()
  for (let sent = 0; sent < 1000; sent += 8) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(null, { path: '/api/v1/traces/batch', body: mutator.damage(body) })),
    )
    for (const { status } of answers) statuses.add(status)
  }
  expect([...statuses].sort()).toEqual([200, 207, 400])
  expect(lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([])
  expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
}, 60_000)
