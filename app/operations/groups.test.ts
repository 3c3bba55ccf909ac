import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Broker } from '../../adapters/broker/broker.ts'
import { aRecord, fetchAll, pollFor, texts } from '../../adapters/broker/contract-bench.ts'
import { scanDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { aTopic, createTestLog, settableClock, type TestLog } from '../../adapters/broker/embedded/test-log.ts'
import type { InsertBatch, Store } from '../../adapters/store/store.ts'
import { DEAD_LETTERS, HEADER_PROJECT, HEADER_SAVED_FROM, OTLP_SPANS } from '../../schemas/topics.ts'
import { parseConfig } from '../config.ts'
import { CONSUMER_GROUP } from '../consumer-group.ts'
import type { Skipped } from '../skip-records.ts'
import { type GroupState, groupOperations, type Rewound } from './groups.ts'
import type { OperationDeps } from './operation.ts'

const topic = OTLP_SPANS.name
let log: TestLog
let broker: Broker
let inserted: InsertBatch[]
let clock: ReturnType<typeof settableClock>

beforeEach(async () => {
  log = createTestLog()
  inserted = []
  clock = settableClock(1_000_000)
})
afterEach(() => log.remove())

/** The log of an instance lies in `log` of its data directory. */
async function open(): Promise<void> {
  broker = await log.open({ directory: join(log.directory, 'log'), clock })
  await broker.ensureTopics([aTopic(topic), DEAD_LETTERS])
}

function operations() {
  const store: Pick<Store, 'insert'> = { insert: async (batch) => void inserted.push(batch) }
  const deps: Pick<OperationDeps, 'broker' | 'store' | 'config' | 'clock'> = {
    broker,
    store: async () => store as Store,
    config: parseConfig({ data_dir: log.directory }),
    clock,
  }
  return groupOperations(deps as OperationDeps)
}

async function write(...values: readonly string[]): Promise<void> {
  for (const value of values) {
    clock.set(clock.now() + 1_000)
    await broker.produce(topic, [aRecord(value, { headers: { [HEADER_PROJECT]: 'p' } })])
  }
}

const join_ = async (group: string) => {
  const owned: Parameters<Parameters<Broker['subscribe']>[0]['assigned']>[0][] = []
  const assigned = (partition: (typeof owned)[number]) => void owned.push(partition)
  const subscription = await broker.subscribe({ group, topics: [topic], assigned, revoked: async () => {} })
  return { partition: owned[0]!, close: () => subscription.close() }
}

it('tells where groups stand, drops one that nothing uses, and keeps our own', async () => {
  await open()
  await write('a', 'b', 'c')
  const own = await join_(CONSUMER_GROUP)
  await own.partition.commit({ offset: 1n, metadata: '' })
  await (await join_('old')).close()
  const groups = (await operations().groups!({})) as readonly GroupState[]
  expect(groups).toMatchObject([
    { group: CONSUMER_GROUP, committed: '1', lag: '2', in_use: true, waiting_since_ms: 1_002_000 },
    { group: 'old', committed: null, lag: '3', in_use: false, waiting_since_ms: 1_001_000 },
  ])
  expect(await operations().group_drop!({ group: 'old' })).toEqual({ dropped: 1 })
  expect(await operations().group_drop!({ group: 'old' })).toEqual({ dropped: 0 })
  await own.close()
  await expect(operations().group_drop!({ group: CONSUMER_GROUP })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

it('has the store read again from the start or a time, never forward, and not while it reads', async () => {
  await open()
  await write('a', 'b', 'c', 'd')
  const own = await join_(CONSUMER_GROUP)
  await own.partition.commit({ offset: 3n, metadata: '{"an":"intent"}' })
  await expect(operations().group_rewind!({ from_ms: null })).rejects.toMatchObject({ code: 'GROUP_IN_USE' })
  await own.close()
  const later = (await operations().group_rewind!({ from_ms: 9e12 })) as readonly Rewound[]
  expect(later).toMatchObject([{ partition: 0, from: '3', to: '3', records: '1' }])
  expect(await operations().group_rewind!({ from_ms: 1_001_500 })).toMatchObject([{ to: '1', records: '3' }])
  expect(await operations().group_rewind!({ from_ms: null })).toMatchObject([{ to: '0', records: '4' }])
  expect(await broker.committed(CONSUMER_GROUP, topic, 0)).toEqual({ offset: 0n, metadata: '' })
})

it('goes on behind damage: whole records are kept, damaged ones become letters with what stands there', async () => {
  await open()
  await write('zero', 'one', 'two', 'three', 'four')
  await (await join_(CONSUMER_GROUP)).close()
  await broker.close()
  const segment = join(log.directory, 'log', topic, '0', `${'0'.repeat(20)}.log`)
  const bytes = readFileSync(segment)
  // The length of record 2: what follows it cannot be found by going from record to record.
  bytes.writeUInt32LE(0xffffff, bytes.indexOf('two') - 50)
  bytes[bytes.indexOf('two')]! ^= 1
  writeFileSync(segment, bytes)
  await open()
  const { partition, close } = await join_(CONSUMER_GROUP)
  expect(texts(await pollFor(partition, 2))).toEqual(['zero', 'one'])
  await expect(partition.poll({ max_bytes: 1000, max_wait_ms: 0 })).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  await partition.commit({ offset: 1n, metadata: '' })
  const skip = (body: object) => operations().records_skip!({ topic, partition: 0, ...body }) as Promise<Skipped>
  await expect(skip({ to: '5' })).rejects.toMatchObject({ code: 'GROUP_IN_USE' })
  await close()
  await expect(skip({ to: '9' })).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
  await expect(skip({ to: '1' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })

  const expected = {
    from: '1',
    to: '5',
    groups: [CONSUMER_GROUP],
    saved: 3,
    lost: [{ start: '2', end: '3', file: segment }],
  }
  expect(await skip({ to: '5', dry_run: true })).toEqual(expected)
  expect(await broker.committed(CONSUMER_GROUP, topic, 0)).toEqual({ offset: 1n, metadata: '' })
  expect(await skip({ to: '5' })).toEqual(expected)
  expect(await broker.committed(CONSUMER_GROUP, topic, 0)).toEqual({ offset: 5n, metadata: '' })
  const again = await fetchAll(broker, topic, 0, 5n)
  expect(texts(again)).toEqual(['one', 'three', 'four'])
  expect(again[1]!.headers).toEqual({ [HEADER_PROJECT]: 'p', [HEADER_SAVED_FROM]: `${topic}:0:3` })
  const letters = []
  for await (const { letter, record } of scanDeadLetters(broker)) letters.push({ letter, value: record.value })
  expect(letters).toMatchObject([{ letter: { code: 'LOG_CORRUPT', source_offset: '2', source_topic: topic } }])
  expect(letters[0]!.value!.includes('wo')).toBe(true)
  // One row for record 1, one for 3 and 4: what is left without one, record 2, counts as lost.
  expect(inserted.map(({ table, row_count }) => [table, row_count])).toEqual([
    ['ledger_rows', 1],
    ['ledger_rows', 1],
  ])
})
