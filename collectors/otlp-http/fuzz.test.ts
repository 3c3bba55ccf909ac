import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { createMutator } from '../../core/mutations.samples.ts'
import { aCollector, aLogs, aTraces, aTracesJson } from '../../core/source.samples.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanLogs } from '../../schemas/otlp/scan.ts'
import { startOtlpHttp } from './otlp-http.samples.ts'

const REQUESTS = 2000
const spans = Array.from({ length: 5 }, (_, i) => ({
  spanId: `00000000000000a${i}`,
  attributes: [{ key: 'gen_ai.request.model', value: { stringValue: 'gpt-4o' } }],
}))
const protobuf = aTraces(spans)
const json = Buffer.from(JSON.stringify(aTracesJson(spans)))
const bodies = [protobuf, json, aLogs(['hello', 'world'])]
const types = ['application/x-protobuf', 'application/json', 'text/plain', '', 'application/json; charset=\u00ff']
const encoders: Record<string, (bytes: Buffer) => Buffer> = {
  '': (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  br: (bytes) => bytes,
  'gzip, gzip': (bytes) => gzipSync(gzipSync(bytes)),
}

it(`answers ${REQUESTS} damaged requests with what they deserve, and keeps only what can be read`, async () => {
  const mutator = createMutator(20_261_120)
  const { deps, appended, lines } = aCollector()
  const { post, drain } = await startOtlpHttp(deps)
  const statuses = new Map<number, number>()

  async function sendOne() {
    const encoding = mutator.oneOf(Object.keys(encoders))
    const body = mutator.oneOf(bodies)
    const encode = encoders[encoding]!
    const kind = mutator.pick(5)
    const damaged = kind < 2 ? encode(mutator.damage(body)) : kind < 4 ? mutator.damage(encode(body)) : encode(body)
    const type = mutator.oneOf(types)
    const { status } = await post({
      path: mutator.oneOf(['/v1/traces', '/v1/traces', '/v1/logs']),
      headers: { ...(type && { 'content-type': type }), ...(encoding && { 'content-encoding': encoding }) },
      body: mutator.pick(4) === 0 ? [damaged.subarray(0, 7), damaged.subarray(7)] : damaged,
    })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }

  for (let sent = 0; sent < REQUESTS; sent += 8) await Promise.all(Array.from({ length: 8 }, sendOne))

  expect([...statuses.keys()].sort()).toEqual([200, 400, 415])
  expect(statuses.get(200)).toBeGreaterThan(100)
  for (const { topic, records } of appended) {
    for (const { value } of records) {
      if (topic === 'otlp_spans') expect(readTraces(value).length).toBeGreaterThan(0)
      else expect(scanLogs(value, deps.limits)).toMatchObject({ rejected: [] })
    }
  }
  expect(lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([])
  expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  expect((await post({ body: protobuf })).status).toBe(200)
  await drain(1000)
}, 60_000)
