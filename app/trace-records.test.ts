import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Broker } from '../adapters/broker/broker.ts'
import { aRecord } from '../adapters/broker/contract-bench.ts'
import { createTestLog, settableClock, type TestLog } from '../adapters/broker/embedded/test-log.ts'
import { HEADER_CORRELATION_ID, OTLP_SPANS } from '../schemas/topics.ts'
import { findRecords, scanBackwards } from './trace-records.ts'

const START = 1_000_000
const topic = OTLP_SPANS.name
const hex = (index: number, bytes: number) => index.toString(16).padStart(2 * bytes, '0')

let log: TestLog
let broker: Broker

/** Record `index` holds trace and span `index + 1`, is called `r<index>`, and was received `index` seconds after START. */
beforeEach(async () => {
  log = createTestLog()
  const clock = settableClock(START)
  broker = await log.open({ clock })
  await broker.ensureTopics([OTLP_SPANS])
  for (let index = 0; index < 30; index += 1) {
    clock.set(START + index * 1_000)
    const value = Buffer.concat([Buffer.from('..'), Buffer.from(hex(index + 1, 16) + hex(index + 1, 8), 'hex')])
    const headers = { [HEADER_CORRELATION_ID]: `r${index}` }
    await broker.produce(topic, [aRecord(value, { key: Buffer.from(String(index)), headers })])
  }
})
afterEach(() => log.remove())

it('finds the record of a row by its append time and ids', async () => {
  const rowOf = (index: number, received = index) => ({
    trace_id: hex(index + 1, 16),
    span_id: hex(index + 1, 8),
    received_ms: String(START + received * 1_000),
  })
  const found = await findRecords(broker, [rowOf(7), rowOf(29), rowOf(3, 4)], 10)
  expect(found.map(({ headers }) => headers[HEADER_CORRELATION_ID])).toEqual(['r7', 'r29'])
  expect(await findRecords(broker, [rowOf(1, 500)], 10)).toEqual([])
})

it('searches from the newest back for an id or the name of a request, down to a time', async () => {
  const scan = (id: string, since_ms = 0) => scanBackwards(broker, { id, topic, since_ms, from: null, limit: 5 })
  for (const id of [hex(13, 16), hex(13, 8), 'r12']) {
    const { places, next } = await scan(id)
    expect(places).toHaveLength(1)
    expect(next).toEqual([])
    const [record] = await broker.fetch(topic, places[0]!.partition, BigInt(places[0]!.offset), { max_bytes: 1 })
    expect(record!.headers[HEADER_CORRELATION_ID]).toBe('r12')
  }
  const nothing = await scan('no such request')
  expect(nothing).toMatchObject({ places: [], next: [], bytes: 30 * 26 })
})
