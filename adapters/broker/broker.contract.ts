import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from './broker.ts'
import { describeGroupContract } from './consumer-group.contract.ts'
import { aRecord, type BrokerBench, fetchAll, texts } from './contract-bench.ts'

/** One log that several brokers may open after one another. */
export interface BrokerHarness {
  /** Opens the log that earlier brokers of this harness wrote. Only one is open at a time. */
  open(): Promise<Broker>
  cleanup(): Promise<void>
}

/** The promises of the broker port. Every adapter passes this suite unchanged. */
export function describeBrokerContract(name: string, start: () => Promise<BrokerHarness>): void {
  describe(`${name} keeps the broker contract`, () => {
    let harness: BrokerHarness
    let open: Broker | null = null
    beforeAll(async () => {
      harness = await start()
    })
    afterEach(async () => {
      await open?.close()
      open = null
    })
    afterAll(() => harness.cleanup())
    const bench: BrokerBench = {
      async reopen() {
        await open?.close()
        open = await harness.open()
        return open
      },
      async newTopic(broker, shape = {}) {
        const topic = `contract-${randomUUID()}`
        await broker.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', summary: 'A test.', ...shape }])
        return topic
      },
      newGroup: () => `group-${randomUUID()}`,
    }
    describe('produce', () => describeProduce(bench))
    describe('fetch and offsets', () => describeFetch(bench))
    describe('close', () => describeClose(bench))
    describe('consumer groups', () => describeGroupContract(bench))
  })
}

function describeProduce({ reopen, newTopic }: BrokerBench): void {
  it('keeps records over a reopen, in order, with ascending bigint offsets and times', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const before = Date.now()
    const positions = await broker.produce(
      topic,
      ['a', 'b', 'c'].map((text) => aRecord(text)),
    )
    const records = await fetchAll(await reopen(), topic)
    expect(texts(records)).toEqual(['a', 'b', 'c'])
    expect(records.map(({ partition, offset, timestamp_ms }) => ({ partition, offset, timestamp_ms }))).toEqual(
      positions,
    )
    expect(positions.map(({ offset }) => offset - positions[0]!.offset)).toEqual([0n, 1n, 2n])
    expect(Math.abs(positions[0]!.timestamp_ms - before)).toBeLessThan(60_000)
  })

  it('goes on behind what was there after a reopen, with times that never decrease', async () => {
    const first = await reopen()
    const topic = await newTopic(first)
    for (let round = 0; round < 3; round += 1) {
      const broker = await reopen()
      for (const text of [`${round}-a`, `${round}-b`]) await broker.produce(topic, [aRecord(text)])
    }
    const records = await fetchAll(await reopen(), topic)
    expect(texts(records)).toEqual(['0-a', '0-b', '1-a', '1-b', '2-a', '2-b'])
    const times = records.map((record) => record.timestamp_ms)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('keeps keys, headers, empty and null keys and values apart', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const sent = [
      { key: Buffer.from('k'), headers: { project: 'démo', empty: '' }, value: Buffer.from([0, 255, 10, 10]) },
      { key: null, headers: {}, value: null },
      { key: Buffer.alloc(0), headers: { a: '1' }, value: Buffer.alloc(0) },
    ]
    await broker.produce(topic, sent)
    const records = await fetchAll(broker, topic)
    expect(records.map(({ key, headers, value }) => ({ key, headers, value }))).toEqual(sent)
    expect(records.map((record) => record.topic)).toEqual([topic, topic, topic])
  })

  it('puts equal keys on one partition, in the order they were sent, also when not awaited', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker, { partitions: 4 })
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`)
    const sends = Array.from({ length: 10 }, (_, round) =>
      broker.produce(
        topic,
        keys.map((key) => aRecord(`${key}:${round}`, { key: Buffer.from(key) })),
      ),
    )
    const positions = (await Promise.all(sends)).flat()
    expect(new Set(positions.map((position) => position.partition)).size).toBe(4)
    const byPartition = await Promise.all([0, 1, 2, 3].map((partition) => fetchAll(broker, topic, partition)))
    for (const key of keys) {
      const holding = byPartition.filter((records) => records.some((record) => record.key?.toString() === key))
      expect(holding).toHaveLength(1)
      const values = texts(holding[0]!.filter((record) => record.key?.toString() === key))
      expect(values).toEqual(Array.from({ length: 10 }, (_, round) => `${key}:${round}`))
    }
  })

  it('answers an empty call with no positions', async () => {
    const broker = await reopen()
    expect(await broker.produce(await newTopic(broker), [])).toEqual([])
  })

  it('takes records of 900 KB and more', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const values = Array.from({ length: 4 }, (_, index) => Buffer.alloc(900_000 + index, index + 1))
    await broker.produce(
      topic,
      values.map((value) => aRecord(value)),
    )
    const records = await fetchAll(broker, topic)
    expect(records.map((record) => values.findIndex((value) => value.equals(record.value!)))).toEqual([0, 1, 2, 3])
  })

  it('keeps the last value of every key of a compacted topic', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker, { cleanup: 'compact' })
    for (let round = 0; round < 5; round += 1) {
      await broker.produce(
        topic,
        ['a', 'b'].map((key) => aRecord(`${key}${round}`, { key: Buffer.from(key) })),
      )
    }
    await broker.produce(topic, [aRecord(null, { key: Buffer.from('b') })])
    const last = new Map<string, string | null>()
    for (const { key, value } of await fetchAll(await reopen(), topic)) last.set(`${key}`, value && `${value}`)
    expect(last.get('a')).toBe('a4')
    expect(last.get('b') ?? null).toBeNull()
  })
}

function describeFetch({ reopen, newTopic }: BrokerBench): void {
  it('returns exactly the range asked for, [] at the end, and OFFSET_OUT_OF_RANGE beyond it', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    await broker.produce(
      topic,
      Array.from({ length: 10 }, (_, index) => aRecord(`${index}`)),
    )
    const { start, end } = (await broker.offsets(topic))[0]!
    expect(end - start).toBe(10n)
    const middle = await broker.fetch(topic, 0, start + 3n, { end: start + 6n, max_bytes: 1 << 20 })
    expect(texts(middle)).toEqual(['3', '4', '5'])
    expect(await broker.fetch(topic, 0, end, { max_bytes: 1 << 20 })).toEqual([])
    await expect(broker.fetch(topic, 0, end + 1n, { max_bytes: 1 << 20 })).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
    })
  })

  it('holds to max_bytes, but returns one record at least', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    await broker.produce(
      topic,
      Array.from({ length: 5 }, (_, index) => aRecord(Buffer.alloc(10_000, index))),
    )
    const { start } = (await broker.offsets(topic))[0]!
    expect(await broker.fetch(topic, 0, start, { max_bytes: 1 })).toHaveLength(1)
    expect(await broker.fetch(topic, 0, start, { max_bytes: 25_000 })).toHaveLength(2)
  })

  it('gives every partition, and start equal to end on an empty topic', async () => {
    const broker = await reopen()
    const offsets = await broker.offsets(await newTopic(broker, { partitions: 3 }))
    expect(offsets.map(({ partition }) => partition)).toEqual([0, 1, 2])
    for (const { start, end } of offsets) expect(end).toBe(start)
  })

  it('creates a topic once: repeating changes nothing', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    await broker.produce(topic, [aRecord('kept')])
    await broker.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', summary: 'Again.' }])
    expect(texts(await fetchAll(broker, topic))).toEqual(['kept'])
  })

  it('refuses a topic that nobody created', async () => {
    const broker = await reopen()
    await expect(broker.offsets(`missing-${randomUUID()}`)).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' })
  })
}

function describeClose({ reopen, newTopic }: BrokerBench): void {
  it('makes what was sent before durable, refuses what comes after, and may be repeated', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const sending = Array.from({ length: 50 }, (_, index) => broker.produce(topic, [aRecord(`${index}`)]))
    await broker.close()
    await broker.close()
    await Promise.all(sending)
    await expect(broker.produce(topic, [aRecord('late')])).rejects.toMatchObject({
      code: 'BROKER_CLOSED',
      retry: 'later',
    })
    expect(await broker.health()).toMatchObject({ healthy: false })
    expect(await fetchAll(await reopen(), topic)).toHaveLength(50)
  })

  it('is healthy while open', async () => {
    expect(await (await reopen()).health()).toEqual({ healthy: true, reason: '' })
  })
}
