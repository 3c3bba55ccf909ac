import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AssignedPartition } from '../broker.ts'
import { aRecord, fetchAll, pollFor, texts } from '../contract-bench.ts'
import { type FileSystem, type LogFile, nodeFileSystem } from './file-system.ts'
import { aTopic, createTestLog, type TestLog } from './test-log.ts'

/** Two brokers on one directory, as `ingest` and `process` open it. */
describe('a directory shared by processes', () => {
  let log: TestLog
  beforeEach(() => {
    log = createTestLog()
  })
  afterEach(() => log.remove())

  const topics = [aTopic('spans', { partitions: 2 }), aTopic('verdicts')]
  const openIngest = () => log.open({ writes: ['spans'] })
  const openProcess = () => log.open({ writes: ['verdicts', 'commits'] })

  it('refuses a second writer of a topic, naming the directory, and lets another take what is free', async () => {
    await openIngest()
    await expect(openIngest()).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_LOCKED',
      message: expect.stringContaining(log.directory),
    })
    await expect(log.open({ writes: ['verdicts', 'spans'] })).rejects.toMatchObject({ code: 'DATA_DIRECTORY_LOCKED' })
    await (await log.open({ writes: ['verdicts'] })).close()
  })

  it('lets each read what the other writes, whoever starts first', async () => {
    const process = await openProcess()
    await process.ensureTopics(topics)
    const owned: AssignedPartition[] = []
    const assigned = (partition: AssignedPartition) => owned.push(partition)
    await process.subscribe({ group: 'g', topics: ['spans'], assigned, revoked: async () => {} })
    expect(await process.lag('g', 'spans')).toMatchObject([{ lag: 0n }, { lag: 0n }])
    const waiting = pollFor(owned[0]!, 2)
    const ingest = await openIngest()
    await ingest.ensureTopics(topics)
    await ingest.produce('spans', [aRecord('a'), aRecord('b')])
    expect(texts(await waiting)).toEqual(['a', 'b'])
    await owned[0]!.commit({ offset: 1n, metadata: 'intent' })
    expect(await ingest.committed('g', 'spans', 0)).toEqual({ offset: 1n, metadata: 'intent' })
    expect(await ingest.lag('g', 'spans')).toMatchObject([{ committed: 1n, lag: 1n }, { lag: 0n }])
    await process.produce('verdicts', [aRecord('v')])
    expect(texts(await fetchAll(ingest, 'verdicts'))).toEqual(['v'])
  })

  it('waits for a writer that has yet to say how far its log goes after a loss of power', async () => {
    const before = await log.open()
    await before.ensureTopics(topics)
    for (let index = 0; index < 3; index += 1) await before.produce('spans', [aRecord(`${index}`)])
    const consumed: AssignedPartition[] = []
    const assigned = (partition: AssignedPartition) => consumed.push(partition)
    await before.subscribe({ group: 'g', topics: ['spans'], assigned, revoked: async () => {} })
    await consumed[0]!.commit({ offset: 3n, metadata: '' })
    await before.close()
    // The file of ends is never flushed: all that a loss of power keeps for certain is its name.
    truncateSync(join(log.directory, 'spans', 'ends'), 0)
    const process = await openProcess()
    await process.ensureTopics(topics)
    await process.subscribe({ group: 'g', topics: ['spans'], assigned, revoked: async () => {} })
    const [, , again] = consumed
    expect(await again!.poll({ max_bytes: 1, max_wait_ms: 20 })).toEqual([])
    const ingest = await openIngest()
    await ingest.ensureTopics(topics)
    await ingest.produce('spans', [aRecord('3')])
    expect(texts(await pollFor(again!, 1))).toEqual(['3'])
  })

  it('refuses to write what belongs to another process, and to subscribe without the commits', async () => {
    const ingest = await openIngest()
    await (await openProcess()).ensureTopics(topics)
    await ingest.ensureTopics(topics)
    await expect(ingest.produce('verdicts', [aRecord('v')])).rejects.toMatchObject({ code: 'TOPIC_READ_ONLY' })
    await expect(
      ingest.subscribe({ group: 'g', topics: ['spans'], assigned: () => {}, revoked: async () => {} }),
    ).rejects.toMatchObject({ code: 'TOPIC_READ_ONLY', message: expect.stringContaining('commits') })
  })

  it('keeps for a group what another process must not delete', async () => {
    const process = await openProcess()
    await process.ensureTopics(topics)
    await process.subscribe({ group: 'g', topics: ['spans'], assigned: () => {}, revoked: async () => {} })
    const ingest = await log.open({ writes: ['spans'], segment_bytes: 1024, retention_bytes: 8192 })
    await ingest.ensureTopics(topics)
    const send = () => ingest.produce('spans', [aRecord(Buffer.alloc(900), { key: Buffer.from('k') })])
    for (let index = 0; index < 8; index += 1) await send()
    await expect(send()).rejects.toMatchObject({ code: 'LOG_FULL' })
  })

  it('opens a directory only to read it, and changes nothing there', async () => {
    const ingest = await openIngest()
    await ingest.ensureTopics(topics)
    await ingest.produce('spans', [aRecord('a')])
    const reader = await log.open({ writes: [] })
    expect(texts(await fetchAll(reader, 'spans'))).toEqual(['a'])
    await expect(reader.offsets('verdicts')).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' })
    await expect(reader.produce('spans', [aRecord('x')])).rejects.toMatchObject({ code: 'TOPIC_READ_ONLY' })
  })

  it('bounds what waits: a full queue answers TOO_MANY_REQUESTS, a large record RECORD_INVALID', async () => {
    const broker = await log.open({ max_record_bytes: 5000, flush: { max_waiting_bytes: 8000 } })
    await broker.ensureTopics([aTopic('t')])
    const sent = Array.from({ length: 5 }, () => broker.produce('t', [aRecord(Buffer.alloc(3000))]))
    const results = await Promise.allSettled(sent)
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(2)
    expect(results.at(-1)).toMatchObject({ reason: { code: 'TOO_MANY_REQUESTS', retry: 'later' } })
    await expect(broker.produce('t', [aRecord(Buffer.alloc(5000))])).rejects.toMatchObject({ code: 'RECORD_INVALID' })
    expect(await fetchAll(broker, 't')).toHaveLength(2)
  })

  it('seeks far into a large segment without going through it each time', async () => {
    let bytesRead = 0
    const counting: FileSystem = {
      ...nodeFileSystem,
      async open(path, mode) {
        const file = await nodeFileSystem.open(path, mode)
        const read: LogFile['read'] = (buffer, position) => {
          bytesRead += buffer.length
          return file.read(buffer, position)
        }
        return { ...file, read }
      },
    }
    const broker = await log.open({ fileSystem: counting })
    await broker.ensureTopics([aTopic('t')])
    const value = Buffer.alloc(1 << 20, 'x')
    for (let index = 0; index < 64; index += 1) await broker.produce('t', [aRecord(value), aRecord(`${index}`)])
    const far = () => broker.fetch('t', 0, 101n, { end: 102n, max_bytes: 100 })
    expect(texts(await far())).toEqual(['50'])
    bytesRead = 0
    for (let offset = 1n; offset < 101n; offset += 2n) {
      expect(texts(await broker.fetch('t', 0, offset, { end: offset + 1n, max_bytes: 1 }))).toEqual([`${offset >> 1n}`])
    }
    expect(bytesRead / 50).toBeLessThan(2.2 * (1 << 20))
  })
})
