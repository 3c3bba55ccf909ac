import { deflateSync, gzipSync } from 'node:zlib'
import { status as Grpc } from '@grpc/grpc-js'
import { expect, it } from 'vitest'
import { createMutator } from '../../core/mutations.samples.ts'
import { aCollector, aLogs, aTraces } from '../../core/source.samples.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanLogs } from '../../schemas/otlp/scan.ts'
import { framed, LOGS, startOtlpGrpc, TRACES } from './otlp-grpc.samples.ts'

const REQUESTS = 2000
const traces = aTraces(Array.from({ length: 5 }, (_, i) => ({ spanId: `00000000000000a${i}` })))
const bodies = [traces, traces, aLogs(['hello', 'world'])]
const encoders: Record<string, (bytes: Buffer) => Buffer> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  snappy: (bytes) => bytes,
}

it(`answers ${REQUESTS} damaged calls with what they deserve, and keeps only what can be read`, async () => {
  const mutator = createMutator(20_261_121)
  const { deps, appended, lines } = aCollector({ limits: { max_request_bytes: 1e6 } })
  const { call, drain } = await startOtlpGrpc(deps)
  const statuses = new Map<number, number>()

  async function sendOne() {
    const encoding = mutator.oneOf(Object.keys(encoders))
    const encode = encoders[encoding]!
    const body = mutator.oneOf(bodies)
    const compressed = mutator.pick(8) === 0 ? encoding === 'identity' : encoding !== 'identity'
    const kind = mutator.pick(5)
    const message = kind < 2 ? encode(mutator.damage(body)) : kind < 4 ? mutator.damage(encode(body)) : encode(body)
    const bytes = framed(message, compressed)
    const { status } = await call({
      path: mutator.oneOf([TRACES, TRACES, LOGS]),
      headers: { 'grpc-encoding': encoding },
      // The prefix as well: flags that do not exist, lengths that are not true.
      bytes: [kind === 4 && mutator.pick(2) === 0 ? mutator.damage(bytes) : bytes],
    })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }

  for (let sent = 0; sent < REQUESTS; sent += 8) await Promise.all(Array.from({ length: 8 }, sendOne))

  const expected = [Grpc.OK, Grpc.INVALID_ARGUMENT, Grpc.RESOURCE_EXHAUSTED, Grpc.UNIMPLEMENTED]
  expect([...statuses.keys()].sort((a, b) => a - b)).toEqual(expected)
  expect(statuses.get(Grpc.OK)).toBeGreaterThan(100)
  for (const { topic, records } of appended) {
    for (const { value } of records) {
      if (topic === 'otlp_spans') expect(readTraces(value).length).toBeGreaterThan(0)
      else expect(scanLogs(value, deps.limits)).toMatchObject({ rejected: [] })
    }
  }
  expect(lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([])
  await expect.poll(() => deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  expect(await call({ bytes: [framed(traces)] })).toMatchObject({ status: Grpc.OK })
  await drain(1000)
}, 60_000)
