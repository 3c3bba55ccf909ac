import { expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import type { Delivery, PartitionSource, Position, SourceRecord } from './component.ts'
import { runPipeline } from './pipeline.ts'
import { traceRanges } from './range-tracing.ts'
import { recordSpans } from './tracing.samples.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const IDENTITY = { pipeline_version: '1', config_offset: 0n }

function aRecord(offset: number, span?: string): SourceRecord {
  const headers: Record<string, string> = span === undefined ? {} : { traceparent: `00-${TRACE}-${span}-01` }
  const value = Buffer.from(String(offset))
  return { topic: 'otlp_spans', partition: 0, offset: BigInt(offset), timestamp_ms: 0, key: null, value, headers }
}

/** Runs a pipeline over the records until all are committed, and returns the commits and what was delivered. */
async function run(records: readonly SourceRecord[]) {
  const left = [...records]
  const commits: Position[] = []
  const delivered: string[] = []
  const done = Promise.withResolvers<void>()
  const source: PartitionSource = {
    topic: 'otlp_spans',
    partition: 0,
    committed: null,
    async poll({ max_wait_ms }) {
      if (left.length === 0) await systemClock.sleep(max_wait_ms)
      return left.splice(0)
    },
    seek: () => {},
    async commit(position) {
      commits.push(position)
      if (position.offset === BigInt(records.length) && position.metadata === '') done.resolve()
    },
  }
  const aDelivery = (name: string): Delivery<string> => ({
    name,
    open: () => ({ add: (item) => void delivered.push(`${name} ${item}`), deliver: async () => {} }),
  })
  const version = {
    identity: IDENTITY,
    chain: { name: 'echo', process: ({ value }: SourceRecord) => ({ items: [String(value)], rejects: [] }) },
  }
  const traced = traceRanges(source, {
    versions: { current: () => version, find: async () => version },
    deliveries: [aDelivery('table'), aDelivery('topic')],
    witness: aDelivery('ledger'),
    dead_letters: { deliver: async () => {} },
    limits: { max_items: 100, max_bytes: 1e6, flush_interval_ms: 10 },
    clock: systemClock,
    log: { info() {}, warn() {}, error() {} },
  })
  const pipeline = runPipeline<string>(traced.source, traced.options)
  await done.promise
  await pipeline.stop(1_000)
  return { commits, delivered }
}

it('leaves a trace of a range with traced records, linked to each of them', async () => {
  using recorded = recordSpans()
  await run([aRecord(0), aRecord(1, '00f067aa0ba902b7'), aRecord(2, 'b7ad6b7169203331')])
  const named = (name: string) => recorded.spans.filter((span) => span.name === name)
  const [batch] = named('process batch')
  expect(batch).toMatchObject({ trace_id: TRACE, parent: '00f067aa0ba902b7' })
  expect(batch?.links).toEqual(['00f067aa0ba902b7', 'b7ad6b7169203331'])
  expect(batch?.attributes).toMatchObject({ start_offset: '0', end_offset: '3', records: 3, items: 3 })
  expect(named('judge').map(({ parent }) => parent)).toEqual(['00f067aa0ba902b7', 'b7ad6b7169203331'])
  for (const name of ['deliver table', 'deliver topic', 'deliver ledger', 'commit'])
    expect(named(name).map(({ parent }) => parent)).toEqual([batch?.span_id])
})

it('changes nothing of what a pipeline does, and leaves no trace where no record is traced', async () => {
  using recorded = recordSpans()
  const { commits, delivered } = await run([aRecord(0), aRecord(1)])
  expect(recorded.spans).toEqual([])
  expect(commits.at(-1)).toEqual({ offset: 2n, metadata: '' })
  expect(delivered.sort()).toEqual(['ledger 0', 'ledger 1', 'table 0', 'table 1', 'topic 0', 'topic 1'])
})
