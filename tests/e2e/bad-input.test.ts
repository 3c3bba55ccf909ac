import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { untilCaughtUp } from '../../app/bench/started-pipeline.ts'
import { operateAt } from '../../app/operate.ts'
import { systemClock } from '../../core/clock.ts'
import { createRandom } from '../../core/random.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import {
  aChat,
  aPipeline,
  aRequest,
  ask,
  countSpans,
  postTraces,
  type TestPipeline,
  temporaryDirectory,
  traceId,
} from './a-pipeline.ts'

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'
const MAX_INFLATED = 1_000_000
const LIMITS = { max_request_bytes: 200_000, max_inflated_bytes: MAX_INFLATED, max_spans: 50 }

const directory = temporaryDirectory()
let pipeline: TestPipeline
let sent = 0

beforeAll(async () => {
  pipeline = await aPipeline(directory, { config: { ingest: { limits: LIMITS } } })
})

afterAll(async () => {
  await pipeline[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

const aGoodRequest = (spans = 1) => {
  const start_ms = systemClock.now()
  return aRequest(Array.from({ length: spans }, () => aChat({ trace: 1, span: ++sent, start_ms })))
}

interface BadRequest {
  readonly what: string
  readonly status: number
  readonly body: Buffer
  readonly type?: string
  readonly encoding?: string
  readonly path?: string
  readonly method?: string
}

const good = Buffer.from(encodeTracesJson(aRequest([aChat({ trace: 0xbad, span: 1, start_ms: Date.UTC(2026, 0, 1) })])))
const text = Buffer.from(JSON.stringify(aRequest([aChat({ trace: 0xbad, span: 1, start_ms: Date.UTC(2026, 0, 1) })])))
const BAD_TRACE = traceId(0xbad)
const zeros = Buffer.alloc(MAX_INFLATED * 20)
const nested = '{"a":'.repeat(100_000)
const spans = Array.from({ length: 200 }, (_, n) => aChat({ trace: 0xbad, span: n + 1, start_ms: 1 }))

const BAD: readonly BadRequest[] = [
  { what: 'protobuf cut in the middle', status: 400, body: good.subarray(0, good.length - 7) },
  {
    what: 'a length that reaches beyond the end',
    status: 400,
    body: Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  },
  { what: 'noise as protobuf', status: 400, body: Buffer.from([0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9]) },
  { what: 'JSON cut in the middle', status: 400, type: JSON_TYPE, body: text.subarray(0, 40) },
  { what: 'JSON of another shape', status: 400, type: JSON_TYPE, body: Buffer.from('[1, 2, 3]') },
  { what: 'JSON 30,000 levels deep', status: 413, type: JSON_TYPE, body: Buffer.from(nested.slice(0, 190_000)) },
  { what: 'a body larger than allowed', status: 413, body: Buffer.alloc(LIMITS.max_request_bytes + 1, 0x0a) },
  {
    what: 'more spans than a request may have',
    status: 413,
    type: JSON_TYPE,
    body: Buffer.from(JSON.stringify(aRequest(spans))),
  },
  { what: 'a gzip bomb', status: 413, encoding: 'gzip', body: gzipSync(zeros) },
  { what: 'a gzip bomb inside gzip', status: 413, encoding: 'gzip, gzip', body: gzipSync(gzipSync(zeros)) },
  {
    what: 'a gzip bomb of many members',
    status: 413,
    encoding: 'gzip',
    body: Buffer.concat(Array.from({ length: 30 }, () => gzipSync(zeros.subarray(0, 100_000)))),
  },
  { what: 'a deflate bomb', status: 413, encoding: 'deflate', body: deflateSync(zeros) },
  { what: 'a zstd bomb', status: 413, encoding: 'zstd', body: zstdCompressSync(zeros) },
  { what: 'what is not gzip at all', status: 400, encoding: 'gzip', body: good },
  { what: 'gzip cut in the middle', status: 400, encoding: 'gzip', body: gzipSync(good).subarray(0, 30) },
  { what: 'an encoding nobody knows', status: 415, encoding: 'br', body: good },
  { what: 'a body of another type', status: 415, type: 'text/plain', body: Buffer.from('hello') },
  { what: 'a path nobody serves', status: 404, path: '/v1/nothing', body: good },
  { what: 'metrics', status: 404, path: '/v1/metrics', body: good },
  { what: 'a method nobody uses', status: 405, method: 'PUT', body: good },
]

async function post({
  body,
  type = PROTOBUF,
  encoding,
  path = '/v1/traces',
  method = 'POST',
}: Omit<BadRequest, 'what' | 'status'>) {
  const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) }
  const response = await fetch(pipeline.otlp_http + path, { method, headers, body: new Uint8Array(body) })
  return { status: response.status, answer: Buffer.from(await response.arrayBuffer()) }
}

/** What bad requests could have changed, and how many records came to be stored or dead. */
async function state() {
  const [row] = await ask<{ spans: string; records: string }>(
    pipeline,
    `SELECT toString((SELECT count() FROM spans WHERE trace_id = '${BAD_TRACE}')) AS spans, toString((SELECT sum(records) FROM ledger)) AS records`,
  )
  const letters = await operateAt<{ total: number }>(pipeline.admin, 'dead_letters')
  return { spans: Number(row!.spans), letters: letters.total, records: Number(row!.records) }
}

it.each(BAD)('$what: $status, and nothing changes', async ({ status, ...request }) => {
  const answered = await post(request)
  expect(answered.status, answered.answer.toString('latin1')).toBe(status)
  expect(answered.answer.length).toBeGreaterThan(0)
  expect(await state()).toMatchObject({ spans: 0, letters: 0 })
  expect(await postTraces(pipeline, aGoodRequest())).toBe(200)
})

it('every good request between the bad ones was stored, and no dead letter was written', async () => {
  expect(await countSpans(pipeline)).toBe(sent)
  expect(await state()).toEqual({ spans: 0, letters: 0, records: BAD.length })
})

it('a span without an id is refused by partial success, the others of the request are stored', async () => {
  const [valid] = [aChat({ trace: 1, span: ++sent, start_ms: systemClock.now() })]
  const response = await fetch(`${pipeline.otlp_http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': JSON_TYPE },
    body: JSON.stringify(aRequest([valid!, { ...valid, spanId: '' }])),
  })
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '1' } })
  expect(await countSpans(pipeline)).toBe(sent)
})

it('300 damaged requests are answered 200 or 400; what was taken and cannot be used is a dead letter', async () => {
  const random = createRandom(20_261_120)
  const start_ms = systemClock.now()
  const before = await state()
  const statuses = new Map<number, number>()
  for (let n = 0; n < 300; n++) {
    // A trace of its own each: damaged times would give one span two starts, which is another question.
    const intact = aRequest([1, 2, 3].map((span) => aChat({ trace: 0xabc000 + n, span, start_ms })))
    const { status } = await post({ body: Buffer.from(mutate(encodeTracesJson(intact), random)) })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses.keys()].sort()).toEqual([200, 400])
  expect(await postTraces(pipeline, aGoodRequest())).toBe(200)
  await untilCaughtUp(pipeline)
  const after = await state()
  // Every record that was taken is on the ledger; its spans are rows or letters, and no process stumbled.
  expect(after.records).toBeGreaterThan(before.records)
  const ledger = await operateAt<{ dead_letters: number }>(pipeline.admin, 'ledger', { full: true })
  expect(ledger).toMatchObject({ lost: 0, duplicated: 0, checksum_mismatches: 0, dead_letters: after.letters })
  for (const { restarts } of await pipeline.processes()) expect(restarts).toBe(0)
})

it('plain JSON is refused with a hint, and taken where it points to; sent twice it is one row', async () => {
  const trace = { name: 'plain', model: 'gpt-4o', input: 'hi', output: 'ho', start_time: systemClock.now() }
  const body = Buffer.from(JSON.stringify(trace))
  const refused = await post({ body, type: JSON_TYPE })
  expect([refused.status, refused.answer.toString()]).toEqual([400, expect.stringContaining('/api/v1/traces')])
  const answers = [1, 2].map(() => post({ body, type: JSON_TYPE, path: '/api/v1/traces' }))
  const [first, second] = await Promise.all(answers)
  expect([first!.status, second!.answer]).toEqual([200, first!.answer])
  const { trace_id, span_ids } = JSON.parse(first!.answer.toString())
  await untilCaughtUp(pipeline)
  expect(await ask(pipeline, `SELECT span_id, name, kind, model FROM spans WHERE trace_id = '${trace_id}'`)).toEqual([
    { span_id: span_ids[0], name: 'plain', kind: 'llm', model: 'gpt-4o' },
  ])
})
