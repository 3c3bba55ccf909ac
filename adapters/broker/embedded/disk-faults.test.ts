import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aRecord, fetchAll, texts } from '../contract-bench.ts'
import { type FileSystem, type LogFile, nodeFileSystem } from './file-system.ts'
import { aTopic, createTestLog, type TestLog } from './test-log.ts'

interface Faults {
  /** What to do instead, for a segment of the topic `t`. */
  write?: (file: LogFile, buffers: readonly Buffer[], position: number) => Promise<number>
  datasync?: () => Promise<void>
  truncate?: () => Promise<void>
  create?: () => Promise<never>
  syncDirectory?: () => Promise<void>
  publish?: () => never
}

/** The real file system, with faults that a test switches on for the segments of topic `t`. */
function faultyFileSystem(faults: Faults): FileSystem {
  const isOurs = (path: string) => path.includes('/t/')
  return {
    ...nodeFileSystem,
    async open(path, mode) {
      if (isOurs(path) && mode === 'create' && faults.create) return faults.create()
      const file = await nodeFileSystem.open(path, mode)
      if (!isOurs(path)) return file
      return {
        ...file,
        write: (buffers, position) => (faults.write ?? writeThrough)(file, buffers, position),
        datasync: () => faults.datasync?.() ?? file.datasync(),
        truncate: (size) => faults.truncate?.() ?? file.truncate(size),
      }
    },
    openSmall(path, mode) {
      const file = nodeFileSystem.openSmall(path, mode)
      if (file === null || !isOurs(path)) return file
      return { ...file, write: (buffer, position) => (faults.publish ?? file.write)(buffer, position) }
    },
    syncDirectory: (path) => (isOurs(path) && faults.syncDirectory?.()) || nodeFileSystem.syncDirectory(path),
  }
}

const writeThrough: NonNullable<Faults['write']> = (file, buffers, position) => file.write(buffers, position)

function failure(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(`${code}: as the test wants it`), { code }))
}

describe('disk faults', () => {
  let log: TestLog
  let faults: Faults
  const open = () => log.open({ fileSystem: faultyFileSystem(faults), segment_bytes: 4096 })
  beforeEach(() => {
    log = createTestLog()
    faults = {}
  })
  afterEach(() => log.remove())

  async function openWith(...values: string[]) {
    const broker = await open()
    await broker.ensureTopics([aTopic('t'), aTopic('other')])
    for (const value of values) await broker.produce('t', [aRecord(value)])
    return broker
  }

  it('stops for good at the first failed flush, tells once, and does not flush again', async () => {
    const broker = await openWith('kept')
    let flushes = 0
    const sent: Promise<unknown>[] = []
    const send = (value: string) => sent.push(broker.produce('t', [aRecord(value)]).catch((error: unknown) => error))
    faults.datasync = () => {
      flushes += 1
      send('waits for its turn while the flush fails')
      return failure('EIO')
    }
    send('lost')
    await vi.waitFor(() => expect(sent).toHaveLength(2))
    for (const one of sent) expect(await one).toMatchObject({ code: 'BROKER_FAILED', retry: 'later' })
    faults = {}
    await expect(broker.produce('t', [aRecord('x')])).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    await expect(broker.produce('other', [aRecord('x')])).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    await expect(broker.offsets('t')).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    expect(flushes).toBe(1)
    expect(log.fatal.map((error) => error.code)).toEqual(['BROKER_FAILED'])
    expect(await broker.health()).toMatchObject({ healthy: false, reason: expect.stringContaining('t/0') })
    await broker.close()
    expect(texts(await fetchAll(await open(), 't'))[0]).toBe('kept')
  })

  it('shows a record to no reader, here or in another process, before its flush is done', async () => {
    const broker = await openWith('durable')
    const other = await log.open({ writes: [] })
    let flushed = () => {}
    const flushing = new Promise<void>((started) => {
      faults.datasync = () => {
        started()
        return new Promise((resolve) => {
          flushed = resolve
        })
      }
    })
    const sent = broker.produce('t', [aRecord('waiting')])
    await flushing
    for (const reader of [broker, other]) {
      expect(texts(await fetchAll(reader, 't'))).toEqual(['durable'])
      await expect(reader.fetch('t', 0, 2n, { max_bytes: 1 })).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    }
    flushed()
    await sent
    for (const reader of [broker, other]) expect(texts(await fetchAll(reader, 't'))).toEqual(['durable', 'waiting'])
  })

  it('ends waiting polls when a flush fails', async () => {
    const broker = await openWith()
    const polls: Promise<unknown>[] = []
    await broker.subscribe({
      group: 'g',
      topics: ['t'],
      assigned: (partition) => polls.push(partition.poll({ max_bytes: 1, max_wait_ms: 60_000 })),
      revoked: async () => {},
    })
    const poll = expect(polls[0]).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    faults.datasync = () => failure('EIO')
    await expect(broker.produce('t', [aRecord('x')])).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    await poll
  })

  it.each([
    ['refuses', () => failure('ENOSPC')],
    ['takes only half', (file: LogFile, buffers: readonly Buffer[], position: number) => half(file, buffers, position)],
  ])('keeps what was acknowledged and goes on when a full disk %s the write', async (_, write) => {
    const broker = await openWith('a', 'b')
    faults.write = write
    await expect(broker.produce('t', [aRecord('c'), aRecord('d')])).rejects.toMatchObject({
      code: 'LOG_WRITE_FAILED',
      retry: 'later',
    })
    expect(texts(await fetchAll(broker, 't'))).toEqual(['a', 'b'])
    delete faults.write
    expect((await broker.produce('t', [aRecord('e')]))[0]!.offset).toBe(2n)
    await broker.close()
    expect(texts(await fetchAll(await open(), 't'))).toEqual(['a', 'b', 'e'])
    expect(log.fatal).toEqual([])
  })

  it('stops when a failed write cannot be cut off again', async () => {
    const broker = await openWith('a')
    faults.write = half
    faults.truncate = () => failure('EIO')
    await expect(broker.produce('t', [aRecord('b')])).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    await broker.close()
    faults = {}
    expect(texts(await fetchAll(await open(), 't'))).toEqual(['a'])
  })

  it('stops when the durable end cannot be published, and finds the record again', async () => {
    const broker = await openWith('a')
    faults.publish = () => {
      throw new Error('as the test wants it')
    }
    await expect(broker.produce('t', [aRecord('b')])).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    await broker.close()
    faults = {}
    expect(texts(await fetchAll(await open(), 't'))).toEqual(['a', 'b'])
  })

  it('keeps the old segment when a new one cannot be created, and rolls later', async () => {
    const broker = await openWith('a')
    const big = aRecord(Buffer.alloc(4060, 'b'))
    faults.create = () => failure('ENOSPC')
    await expect(broker.produce('t', [big])).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' })
    delete faults.create
    await broker.produce('t', [big])
    expect((await fetchAll(broker, 't')).map((record) => record.value?.length)).toEqual([1, 4060])
  })

  it('stops when the directory of a new segment cannot be flushed', async () => {
    const broker = await openWith('a')
    faults.syncDirectory = () => failure('EIO')
    await expect(broker.produce('t', [aRecord(Buffer.alloc(4060))])).rejects.toMatchObject({ code: 'BROKER_FAILED' })
    expect(log.fatal).toHaveLength(1)
  })
})

async function half(file: LogFile, buffers: readonly Buffer[], position: number): Promise<number> {
  const all = Buffer.concat([...buffers])
  return file.write([all.subarray(0, all.length / 2)], position)
}
