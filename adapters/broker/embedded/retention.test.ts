import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import type { AssignedPartition, Broker } from '../broker.ts'
import { aRecord, fetchAll, texts } from '../contract-bench.ts'
import { aTopic, createTestLog, settableClock, type TestLog } from './test-log.ts'

const KB = 1024
const HOUR_MS = 3_600_000
const aKilobyte = () => aRecord(Buffer.alloc(KB - 36))

describe('retention', () => {
  let log: TestLog
  beforeEach(() => {
    log = createTestLog()
  })
  afterEach(() => log.remove())

  /** Ten segments of 1 KiB fit. */
  const open = () => log.open({ segment_bytes: KB, retention_bytes: 10 * KB })
  const start = async (broker: Broker, topic: string) => (await broker.offsets(topic))[0]!.start

  async function joinGroup(broker: Broker, topic: string): Promise<AssignedPartition> {
    const owned: AssignedPartition[] = []
    const assigned = (partition: AssignedPartition) => owned.push(partition)
    await broker.subscribe({ group: 'g', topics: [topic], assigned, revoked: async () => {} })
    return owned[0]!
  }

  it('deletes the oldest segments beyond the size when nobody subscribed', async () => {
    const broker = await open()
    await broker.ensureTopics([aTopic('t')])
    for (let index = 0; index < 30; index += 1) await broker.produce('t', [aKilobyte()])
    expect(await start(broker, 't')).toBe(20n)
    expect(await fetchAll(broker, 't')).toHaveLength(10)
    await expect(broker.fetch('t', 0, 5n, { max_bytes: KB })).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
  })

  it('counts all topics together and deletes the oldest of all', async () => {
    const clock = settableClock(1_000_000)
    const broker = await log.open({ segment_bytes: KB, retention_bytes: 10 * KB, clock })
    await broker.ensureTopics([aTopic('old'), aTopic('new')])
    for (let index = 0; index < 6; index += 1) await broker.produce('old', [aKilobyte()])
    clock.set(2_000_000)
    for (let index = 0; index < 7; index += 1) await broker.produce('new', [aKilobyte()])
    expect([await start(broker, 'old'), await start(broker, 'new')]).toEqual([3n, 0n])
  })

  it('takes an append that is larger than the whole log where nothing else is to be kept', async () => {
    const broker = await open()
    await broker.ensureTopics([aTopic('t')])
    const batch = () => Array.from({ length: 12 }, aKilobyte)
    await broker.produce('t', [aKilobyte()])
    await broker.produce('t', batch())
    expect((await fetchAll(broker, 't')).length).toBeGreaterThanOrEqual(12)
    const partition = await joinGroup(broker, 't')
    await partition.commit({ offset: 2n, metadata: '' })
    await expect(broker.produce('t', batch())).rejects.toMatchObject({ code: 'LOG_FULL' })
  })

  it('answers LOG_FULL rather than delete what a subscribed group has yet to read; commits make room', async () => {
    const broker = await open()
    await broker.ensureTopics([aTopic('t')])
    const partition = await joinGroup(broker, 't')
    for (let index = 0; index < 9; index += 1) await broker.produce('t', [aKilobyte()])
    await expect(broker.produce('t', [aKilobyte()])).rejects.toMatchObject({ code: 'LOG_FULL', retry: 'later' })
    expect(await start(broker, 't')).toBe(0n)
    await partition.commit({ offset: 4n, metadata: '' })
    await vi.waitFor(() => broker.produce('t', [aKilobyte()]), { timeout: 5000, interval: 50 })
    expect(await start(broker, 't')).toBeGreaterThan(0n)
    expect(await start(broker, 't')).toBeLessThanOrEqual(4n)
  })

  it('remembers the group over a restart and never passes it', async () => {
    const first = await open()
    await first.ensureTopics([aTopic('t')])
    await joinGroup(first, 't')
    await first.close()
    const broker = await open()
    for (let index = 0; index < 9; index += 1) await broker.produce('t', [aKilobyte()])
    await expect(broker.produce('t', [aKilobyte()])).rejects.toMatchObject({ code: 'LOG_FULL' })
  })

  it('makes room once a group that nothing reads for is dropped', async () => {
    const first = await open()
    await first.ensureTopics([aTopic('t')])
    await joinGroup(first, 't')
    await first.close()
    const broker = await open()
    for (let index = 0; index < 9; index += 1) await broker.produce('t', [aKilobyte()])
    await expect(broker.produce('t', [aKilobyte()])).rejects.toMatchObject({ code: 'LOG_FULL' })
    await broker.dropGroup('g')
    await vi.waitFor(() => broker.produce('t', [aKilobyte()]), { timeout: 5000, interval: 50 })
    expect(await start(broker, 't')).toBeGreaterThan(0n)
  })

  it('closes and deletes a segment that everybody has read when the room is needed', async () => {
    const broker = await log.open({ segment_bytes: 100 * KB, retention_bytes: 4 * KB })
    await broker.ensureTopics([aTopic('t')])
    for (let index = 0; index < 10; index += 1) await broker.produce('t', [aKilobyte()])
    expect(await start(broker, 't')).toBeGreaterThan(0n)
    expect((await fetchAll(broker, 't')).at(-1)!.offset).toBe(9n)
  })

  it('deletes by age, the open segment as well, but not what a group has yet to read', async () => {
    const clock = settableClock(1_700_000_000_000)
    let wake = () => {}
    const sleep = (ms: number, signal?: AbortSignal) =>
      ms < 60_000
        ? systemClock.sleep(ms, signal)
        : new Promise<void>((resolve, reject) => {
            wake = resolve
            signal?.addEventListener('abort', () => reject(signal.reason))
          })
    const broker = await log.open({ clock: { ...clock, sleep }, retention_ms: 24 * HOUR_MS })
    await broker.ensureTopics([aTopic('t'), aTopic('read')])
    await joinGroup(broker, 'read')
    await broker.produce('t', [aRecord('old')])
    await broker.produce('read', [aRecord('old')])
    clock.set(1_700_000_000_000 + 23 * HOUR_MS)
    wake()
    await vi.waitFor(() => expect(readdirSync(join(log.directory, 't', '0'))).toHaveLength(2))
    expect(await start(broker, 't')).toBe(0n)
    await broker.produce('t', [aRecord('newer')])
    clock.set(1_700_000_000_000 + 48 * HOUR_MS)
    wake()
    await vi.waitFor(async () => expect(await start(broker, 't')).toBe(2n))
    expect(texts(await fetchAll(broker, 'read'))).toEqual(['old'])
    expect((await broker.produce('t', [aRecord('after')]))[0]!.offset).toBe(2n)
  })
})
