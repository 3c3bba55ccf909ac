import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { untilCaughtUp } from '../../app/bench/started-pipeline.ts'
import { loadCaptures, type Transport } from '../../app/demo/captures.ts'
import { sendCaptures } from '../../app/demo/send.ts'
import { createApiKey } from '../../core/api-keys.ts'
import { systemClock } from '../../core/clock.ts'
import { aPipeline, ask, type TestPipeline, temporaryDirectory } from './a-pipeline.ts'

const TRANSPORTS: readonly Transport[] = ['http/protobuf', 'http/json', 'grpc']
const projectOf = (transport: Transport) => transport.replace('/', '-')
const captures = loadCaptures(systemClock.now()).filter(({ signal }) => signal === 'traces')
const sdks = [...new Set(captures.map(({ sdk }) => sdk))]
const transportsOf = (sdk: string) =>
  TRANSPORTS.filter((transport) => captures.some((one) => one.sdk === sdk && one.transport === transport))

const directory = temporaryDirectory()
let pipeline: TestPipeline

beforeAll(async () => {
  const keys = new Map(TRANSPORTS.map((transport) => [transport, createApiKey(randomBytes)]))
  const config = { keys: [...keys].map(([transport, { sha256 }]) => ({ project: projectOf(transport), sha256 })) }
  pipeline = await aPipeline(directory, { config })
  await sendCaptures(captures, {
    clock: systemClock,
    otlp_http: pipeline.otlp_http,
    otlp_grpc: pipeline.otlp_grpc,
    projectOf: ({ transport }) => ({ project: projectOf(transport), key: keys.get(transport)!.key }),
  })
  await untilCaughtUp(pipeline)
})

afterAll(async () => {
  await pipeline[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

/** Rows of one SDK as one transport brought them, without what must differ: the project and the time of arrival. */
async function rowsOf(view: 'spans' | 'span_texts', sdk: string, transport: Transport) {
  const ids = captures.filter((one) => one.sdk === sdk && one.transport === transport).flatMap(({ spans }) => spans)
  const except = view === 'spans' ? 'project, received_at, version' : 'project, version'
  const traces = [...new Set(ids.map(({ trace_id }) => `'${trace_id}'`))].join(', ')
  const rows = await ask<{ span_id: string }>(
    pipeline,
    `SELECT * EXCEPT (${except}) FROM ${view}
     WHERE project = '${projectOf(transport)}' AND trace_id IN (${traces}) ORDER BY trace_id, span_id`,
  )
  expect(new Set(rows.map(({ span_id }) => span_id))).toEqual(new Set(ids.map(({ span_id }) => span_id)))
  return rows
}

const compared = sdks.filter((sdk) => transportsOf(sdk).length > 1)

it('the fixtures hold SDKs recorded over all three transports', () => {
  expect(compared.length).toBeGreaterThanOrEqual(6)
  expect(compared.filter((sdk) => transportsOf(sdk).length === 3).length).toBeGreaterThanOrEqual(6)
})

it.each(compared)('%s gives equal rows over every transport', async (sdk) => {
  const [first, ...others] = transportsOf(sdk)
  for (const view of ['spans', 'span_texts'] as const) {
    const expected = await rowsOf(view, sdk, first!)
    expect(expected.length).toBeGreaterThan(0)
    for (const transport of others)
      expect(await rowsOf(view, sdk, transport), `${view}, ${transport}`).toEqual(expected)
  }
})

it.each(TRANSPORTS)(
  'the Anthropic capture over %s counts 3 calls, 1 of them failed, 40 input and 20 output tokens',
  async (transport) => {
    const usage = await ask(
      pipeline,
      `SELECT toString(count()) AS calls, toString(countIf(status = 'error')) AS failed,
       toString(sum(input_tokens)) AS input, toString(sum(output_tokens)) AS output
     FROM usage WHERE project = '${projectOf(transport)}' AND scope_name ILIKE '%anthropic%'`,
    )
    expect(usage).toEqual([{ calls: '3', failed: '1', input: '40', output: '20' }])
  },
)
