import { expect, it, vi } from 'vitest'
import type { AssignedPartition, Broker, Subscription } from './broker.ts'
import { aRecord, type BrokerBench, pollFor, texts } from './contract-bench.ts'

interface Consumer {
  readonly owned: Map<number, AssignedPartition>
  readonly subscription: Subscription
}

const POLL = { max_bytes: 1 << 20, max_wait_ms: 100 }
const EVENTUALLY = { timeout: 15_000, interval: 20 }

/** Joins a group and keeps the handles it owns; `drain` runs before one is given up. */
async function join(
  broker: Broker,
  { group, topic, drain }: { group: string; topic: string; drain?: (partition: AssignedPartition) => Promise<void> },
): Promise<Consumer> {
  const owned = new Map<number, AssignedPartition>()
  const subscription = await broker.subscribe({
    group,
    topics: [topic],
    assigned(partition) {
      owned.set(partition.partition, partition)
    },
    async revoked(partition) {
      await drain?.(partition)
      owned.delete(partition.partition)
    },
  })
  return { owned, subscription }
}

async function joinAlone(broker: Broker, options: Parameters<typeof join>[1]): Promise<AssignedPartition> {
  const { owned } = await join(broker, options)
  await vi.waitFor(() => expect(owned.size).toBe(1), EVENTUALLY)
  return owned.get(0)!
}

export function describeGroupContract(bench: BrokerBench): void {
  describePolling(bench)
  describeCommits(bench)
  describeAssignment(bench)
  describeDraining(bench)
  describeAdmin(bench)
}

function describePolling({ reopen, newTopic, newGroup }: BrokerBench): void {
  it('polls what was there and what comes later, once each and in order', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    await broker.produce(topic, [aRecord('0'), aRecord('1')])
    const partition = await joinAlone(broker, { group: newGroup(), topic })
    expect(partition.committed).toBeNull()
    expect(texts(await pollFor(partition, 2))).toEqual(['0', '1'])
    const waiting = pollFor(partition, 1)
    await broker.produce(topic, [aRecord('2')])
    expect(texts(await waiting)).toEqual(['2'])
    expect(await partition.poll(POLL)).toEqual([])
  })

  it('waits for a first record no longer than max_wait_ms, and not at all once there is one', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const partition = await joinAlone(broker, { group: newGroup(), topic })
    const start = performance.now()
    expect(await partition.poll({ max_bytes: 1000, max_wait_ms: 300 })).toEqual([])
    expect(performance.now() - start).toBeGreaterThanOrEqual(290)
    const long = partition.poll({ max_bytes: 1000, max_wait_ms: 60_000 })
    await broker.produce(topic, [aRecord('now')])
    expect(texts(await long)).toEqual(['now'])
  })

  it('holds to max_bytes, but returns one record at least', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    await broker.produce(
      topic,
      Array.from({ length: 6 }, (_, index) => aRecord(Buffer.alloc(10_000, index))),
    )
    const partition = await joinAlone(broker, { group: newGroup(), topic })
    expect(await partition.poll({ max_bytes: 1, max_wait_ms: 10_000 })).toHaveLength(1)
    expect(await partition.poll({ max_bytes: 25_000, max_wait_ms: 10_000 })).toHaveLength(2)
    expect(await pollFor(partition, 3)).toHaveLength(3)
  })

  it('seeks back and forth', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const positions = await broker.produce(
      topic,
      Array.from({ length: 10 }, (_, index) => aRecord(`${index}`)),
    )
    const partition = await joinAlone(broker, { group: newGroup(), topic })
    await pollFor(partition, 10)
    partition.seek(positions[7]!.offset)
    expect(texts(await pollFor(partition, 3))).toEqual(['7', '8', '9'])
    partition.seek(positions[2]!.offset)
    expect(texts(await partition.poll({ max_bytes: 2, max_wait_ms: 10_000 }))).toEqual(['2', '3'])
    partition.seek(positions[4]!.offset)
    expect(texts(await partition.poll({ max_bytes: 1, max_wait_ms: 10_000 }))).toEqual(['4'])
    partition.seek(positions[8]!.offset)
    expect(texts(await pollFor(partition, 2))).toEqual(['8', '9'])
  })

  it('rejects with OFFSET_OUT_OF_RANGE when sought beyond the end', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const partition = await joinAlone(broker, { group: newGroup(), topic })
    partition.seek(1000n)
    await expect(partition.poll(POLL)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
  })
}

function describeCommits({ reopen, newTopic, newGroup }: BrokerBench): void {
  it('continues at the commit after a reopen, with its metadata', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const group = newGroup()
    const positions = await broker.produce(
      topic,
      ['a', 'b', 'c'].map((text) => aRecord(text)),
    )
    const partition = await joinAlone(broker, { group, topic })
    await partition.commit({ offset: positions[0]!.offset, metadata: '' })
    await partition.commit({ offset: positions[1]!.offset, metadata: '{"end":"3","intent":"é"}' })
    const again = await reopen()
    const commit = { offset: positions[1]!.offset, metadata: '{"end":"3","intent":"é"}' }
    expect(await again.committed(group, topic, 0)).toEqual(commit)
    const resumed = await joinAlone(again, { group, topic })
    expect(resumed.committed).toEqual(commit)
    expect(texts(await pollFor(resumed, 2))).toEqual(['b', 'c'])
  })

  it('keeps two groups apart', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const [one, two] = [newGroup(), newGroup()]
    const positions = await broker.produce(topic, [aRecord('a'), aRecord('b')])
    const first = await joinAlone(broker, { group: one, topic })
    const second = await joinAlone(broker, { group: two, topic })
    expect(texts(await pollFor(first, 2))).toEqual(['a', 'b'])
    expect(texts(await pollFor(second, 2))).toEqual(['a', 'b'])
    await first.commit({ offset: positions[1]!.offset + 1n, metadata: '' })
    expect(await broker.committed(two, topic, 0)).toBeNull()
  })

  it('counts the lag from the commit, or from the start of the log', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const group = newGroup()
    const positions = await broker.produce(
      topic,
      Array.from({ length: 8 }, () => aRecord('x')),
    )
    expect(await broker.lag(group, topic)).toMatchObject([{ partition: 0, committed: null, lag: 8n }])
    const partition = await joinAlone(broker, { group, topic })
    await partition.commit({ offset: positions[5]!.offset, metadata: '' })
    expect(await broker.lag(group, topic)).toMatchObject([{ committed: positions[5]!.offset, lag: 3n }])
  })
}

function describeAssignment({ reopen, newTopic, newGroup }: BrokerBench): void {
  it('shares the partitions of a group, gives them back on leaving, and loses or doubles no committed record', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker, { partitions: 4 })
    const group = newGroup()
    const first = await join(broker, { group, topic })
    await vi.waitFor(() => expect(first.owned.size).toBe(4), EVENTUALLY)
    const second = await join(broker, { group, topic })
    await vi.waitFor(() => expect([first.owned.size, second.owned.size]).toEqual([2, 2]), EVENTUALLY)
    expect([...first.owned.keys(), ...second.owned.keys()].sort()).toEqual([0, 1, 2, 3])
    const sent = Array.from({ length: 40 }, (_, index) => `${index}`)
    await broker.produce(
      topic,
      sent.map((text) => aRecord(text, { key: Buffer.from(text) })),
    )
    const seen: (string | null)[] = []
    for (const partition of [...first.owned.values(), ...second.owned.values()]) {
      const records = await partition.poll({ max_bytes: 1 << 20, max_wait_ms: 10_000 })
      seen.push(...texts(records))
      await partition.commit({ offset: records.at(-1)!.offset + 1n, metadata: '' })
    }
    expect(seen.sort()).toEqual(sent.sort())
    await second.subscription.close()
    await vi.waitFor(() => expect(first.owned.size).toBe(4), EVENTUALLY)
    for (const partition of first.owned.values()) expect(await partition.poll(POLL)).toEqual([])
  })

  it('leaves a member without partitions when there are more members than partitions', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const group = newGroup()
    const members = [await join(broker, { group, topic }), await join(broker, { group, topic })]
    const owners = () => members.reduce((sum, member) => sum + member.owned.size, 0)
    await vi.waitFor(() => expect(owners()).toBe(1), EVENTUALLY)
  })
}

function describeDraining({ reopen, newTopic, newGroup }: BrokerBench): void {
  it('drains before a partition changes hands: commits count until then, and the new owner starts there', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const group = newGroup()
    const positions = await broker.produce(
      topic,
      ['a', 'b', 'c'].map((text) => aRecord(text)),
    )
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const drain = async (partition: AssignedPartition) => {
      await held
      await partition.commit({ offset: positions[2]!.offset, metadata: 'drained' })
    }
    const first = await join(broker, { group, topic, drain })
    await vi.waitFor(() => expect(first.owned.size).toBe(1), EVENTUALLY)
    const revoked = first.owned.get(0)!
    const second = await join(broker, { group, topic })
    const leaving = first.subscription.close()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(second.owned.size).toBe(0)
    release()
    await leaving
    await vi.waitFor(() => expect(second.owned.size).toBe(1), EVENTUALLY)
    const taken = second.owned.get(0)!
    expect(taken.committed).toEqual({ offset: positions[2]!.offset, metadata: 'drained' })
    expect(texts(await pollFor(taken, 1))).toEqual(['c'])
    await expect(revoked.poll(POLL)).rejects.toMatchObject({ code: 'PARTITION_FENCED' })
    await expect(revoked.commit({ offset: positions[0]!.offset, metadata: '' })).rejects.toMatchObject({
      code: 'PARTITION_FENCED',
    })
    expect(await broker.committed(group, topic, 0)).toMatchObject({ metadata: 'drained' })
  })

  it('ends a poll that waits when its partition is revoked', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const { owned, subscription } = await join(broker, { group: newGroup(), topic })
    await vi.waitFor(() => expect(owned.size).toBe(1), EVENTUALLY)
    const waiting = expect(owned.get(0)!.poll({ max_bytes: 1, max_wait_ms: 60_000 })).rejects.toMatchObject({
      code: 'PARTITION_FENCED',
    })
    await subscription.close()
    await waiting
  })

  it('drains every subscription when the broker closes', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const group = newGroup()
    const positions = await broker.produce(topic, [aRecord('a')])
    const drain = (partition: AssignedPartition) =>
      partition.commit({ offset: positions[0]!.offset + 1n, metadata: 'last words' })
    await joinAlone(broker, { group, topic, drain })
    await broker.close()
    expect(await (await reopen()).committed(group, topic, 0)).toMatchObject({ metadata: 'last words' })
  })
}

function describeAdmin({ reopen, newTopic, newGroup }: BrokerBench): void {
  it('moves and drops a group that nothing reads for, durably, and no other', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker)
    const [group, other] = [newGroup(), newGroup()]
    await broker.produce(topic, [aRecord('a'), aRecord('b'), aRecord('c')])
    const member = await join(broker, { group, topic })
    const othersMember = await join(broker, { group: other, topic })
    await othersMember.owned.get(0)!.commit({ offset: 3n, metadata: '' })
    const placesOf = async (from: Broker, name: string) => (await from.groups()).filter(({ group }) => group === name)
    expect(await placesOf(broker, group)).toEqual([{ group, topic, partition: 0, commit: null, in_use: true }])
    const place = { group, topic, partition: 0 }
    const used = { code: 'GROUP_IN_USE' }
    await expect(broker.moveGroup(place, { offset: 2n, metadata: '' })).rejects.toMatchObject(used)
    await expect(broker.dropGroup(group)).rejects.toMatchObject(used)
    await member.subscription.close()
    await broker.moveGroup(place, { offset: 2n, metadata: '' })

    const again = await reopen()
    expect(await placesOf(again, group)).toEqual([{ ...place, commit: { offset: 2n, metadata: '' }, in_use: false }])
    expect(texts(await pollFor(await joinAlone(again, { group, topic }), 1))).toEqual(['c'])

    const third = await reopen()
    await third.dropGroup(group)
    expect(await placesOf(third, group)).toEqual([])
    expect(await placesOf(await reopen(), group)).toEqual([])
    expect(await (await reopen()).committed(other, topic, 0)).toEqual({ offset: 3n, metadata: '' })
  })

  it('says how many bytes a partition takes', async () => {
    const broker = await reopen()
    const topic = await newTopic(broker, { partitions: 2 })
    expect(await broker.bytes(topic)).toEqual([0, 0])
    await broker.produce(topic, [aRecord(Buffer.alloc(10_000)), aRecord(Buffer.alloc(5_000))])
    const bytes = (await broker.bytes(topic)).reduce((sum, one) => sum + one)
    expect(bytes).toBeGreaterThanOrEqual(15_000)
    expect(bytes).toBeLessThan(16_000)
  })
}
