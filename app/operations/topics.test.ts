import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Broker } from '../../adapters/broker/broker.ts'
import { aRecord } from '../../adapters/broker/contract-bench.ts'
import { createTestLog, settableClock, type TestLog } from '../../adapters/broker/embedded/test-log.ts'
import { HEADER_PROJECT, OTLP_SPANS } from '../../schemas/topics.ts'
import { type TopicPage, type TopicState, topicOperations } from './topics.ts'

let log: TestLog
let broker: Broker
let clock: ReturnType<typeof settableClock>
const topic = OTLP_SPANS.name

beforeEach(async () => {
  log = createTestLog()
  clock = settableClock(1_000_000)
  broker = await log.open({ clock })
  await broker.ensureTopics([OTLP_SPANS])
})
afterEach(() => log.remove())

/** One record a second on partitions chosen by its text; its project is the first letter. */
async function write(...texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    clock.set(clock.now() + 1_000)
    await broker.produce(topic, [aRecord(text, { key: Buffer.from(text), headers: { [HEADER_PROJECT]: text[0]! } })])
  }
}

const read = (body: object) => topicOperations({ broker }).topic_read!({ topic, ...body }) as Promise<TopicPage>
const textsOf = ({ records }: TopicPage) => records.map(({ value_base64 }) => atob(value_base64!))

const ALL = Array.from({ length: 12 }, (_, index) => `${index % 2 === 0 ? 'a' : 'b'}${index}`)

it('reads a topic in pages by time, without gap or repeat, and goes on with what comes', async () => {
  await write(...ALL)
  const seen: string[] = []
  let page = await read({ from: 'beginning', limit: 5 })
  expect(page.caught_up).toBe(false)
  for (; ; page = await read({ from: { cursor: page.cursor }, limit: 5 })) {
    seen.push(...textsOf(page))
    if (page.caught_up) break
  }
  expect(seen).toEqual(ALL)
  await write('a12')
  expect(textsOf(await read({ from: { cursor: page.cursor } }))).toEqual(['a12'])
})

it('begins at the end, the last records, an offset or a time, and keeps to a project or a partition', async () => {
  await write(...ALL)
  expect(textsOf(await read({ from: 'end' }))).toEqual([])
  expect(textsOf(await read({ from: { last: 3 } }))).toEqual(ALL.slice(-3))
  expect(textsOf(await read({ from: { last: 2 }, project: 'a' }))).toEqual(['a8', 'a10'])
  expect(textsOf(await read({ from: { time_ms: 1_000_000 + 9_500 } }))).toEqual(ALL.slice(9))
  expect(textsOf(await read({ from: { time_ms: 9e12 } }))).toEqual([])
  const page = await read({ from: 'beginning' })
  const { partition } = page.records[0]!
  const there = page.records.filter((record) => record.partition === partition)
  expect((await read({ from: { offset: '1' }, partition })).records).toEqual(there.slice(1))
  await expect(read({ from: 'beginning', partition: 7 })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' })
  await expect(read({ from: 'yesterday' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

it('describes the topics that are there, with bytes, ages and readers', async () => {
  await write(...ALL)
  await broker.subscribe({ group: 'g', topics: [topic], assigned() {}, revoked: async () => {} })
  const states = (await topicOperations({ broker }).topics!({})) as readonly TopicState[]
  expect(states.map((state) => state.topic)).toEqual([topic, 'commits'])
  const [spans] = states
  expect(spans!.groups).toEqual([{ group: 'g', lag: '12' }])
  expect(Math.min(...spans!.partitions.flatMap(({ oldest_ms }) => oldest_ms ?? []))).toBe(1_001_000)
  expect(Math.max(...spans!.partitions.flatMap(({ newest_ms }) => newest_ms ?? []))).toBe(1_012_000)
  expect(spans!.partitions.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(12 * 36)
  await expect(topicOperations({ broker }).topics!({ topic: 'nope' })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' })
})
