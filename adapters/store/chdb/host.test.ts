import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel } from '../../../core/channel.ts'
import { createCaller } from '../../../core/channel.ts'
import { systemClock } from '../../../core/clock.ts'
import { uint32 } from '../row-binary.fixture.ts'
import { createChdbStore } from './chdb-store.ts'
import { type ForkedStore, forkStore, temporaryDirectory } from './forked-store.fixture.ts'
import { createSlots } from './slots.ts'
import { createSpool } from './spool.ts'

const directory = temporaryDirectory()
const spool_directory = join(directory.path, 'spool')
let forked: ForkedStore

beforeAll(async () => {
  forked = await forkStore(directory.path)
})
afterAll(async () => {
  await forked.stop()
  await directory[Symbol.asyncDispose]()
})

const storeOn = (connect: () => Channel | null) => createChdbStore({ connect, spool_directory })
const rows = (id: number) => ({ table: 't', columns: ['id'], rows: [uint32(id)], row_count: 1, token: `token-${id}` })

describe('the embedded engine (traps of the datapath notes)', () => {
  it('refuses a second process on its directory', async () => {
    const second = await forkStore(directory.path)
    expect(second.ready).toMatchObject({ ready: false, code: 'DATA_DIRECTORY_LOCKED' })
    expect(second.ready.message).toContain(`Process ${forked.process.pid}`)
  })

  it('refuses to run in a worker thread, before the library is loaded', async () => {
    const engine = fileURLToPath(new URL('./engine.ts', import.meta.url))
    const script = `
      import { isMainThread, Worker } from 'node:worker_threads'
      new Worker(${JSON.stringify(`import(${JSON.stringify(engine)}).then(({ openEngine }) => openEngine('/nowhere')).catch((error) => { console.log(error.code); })`)}, { eval: true })`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    expect(stdout.trim()).toBe('INTERNAL')
  })

  it('closes its settings behind the limits, and needs the guard for what readonly=1 lets through', async () => {
    const store = storeOn(() => forked.channel)
    const [row] = await store.query(
      "SELECT toUInt8(getSetting('readonly')) AS readonly, toUInt8(getSetting('max_threads')) AS threads",
    )
    expect(row).toEqual({ readonly: 1, threads: 2 })
    for (const sql of ['SET readonly = 0', 'SET max_execution_time = 0', 'SELECT 1 SETTINGS max_threads = 9'])
      await expect(store.query(sql)).rejects.toMatchObject({
        code: 'QUERY_FAILED',
        message: expect.stringContaining('164'),
      })
    // When an engine refuses these by itself, the guard has one thing less to do; today it must.
    await expect(store.query("SELECT length(file('/proc/self/stat')) AS n")).resolves.toHaveLength(1)
    await expect(store.query('SELECT * FROM (SELECT 1 SETTINGS max_threads = 9)')).resolves.toHaveLength(1)
    await store.close()
  })

  it('warns when the thread pool is too small for its connections', async () => {
    expect(forked.ready.warnings).toEqual([])
    await using other = temporaryDirectory()
    const small = await forkStore(other.path, { threadpool_size: 4 })
    expect(small.ready).toMatchObject({ ready: true, warnings: [expect.stringContaining('UV_THREADPOOL_SIZE')] })
    await small.stop()
  })

  it('reads rows from its spool directory only', async () => {
    const store = storeOn(() => forked.channel)
    await store.execute('CREATE TABLE IF NOT EXISTS t (id UInt32) ENGINE = MergeTree ORDER BY id')
    const call = createCaller(forked.channel)
    const outside = join(directory.path, 'outside.rowbinary')
    writeFileSync(outside, uint32(1))
    mkdirSync(join(spool_directory, 'deep', 'er'), { recursive: true })
    writeFileSync(join(spool_directory, 'deep', 'er', 'x.rowbinary'), uint32(1))
    const files = [outside, `${spool_directory}/../outside.rowbinary`, `${spool_directory}/deep/er/x.rowbinary`]
    const patterns = [
      `${spool_directory}/deep/*.rowbinary`,
      `${spool_directory}/deep/{a,b}.rowbinary`,
      '/etc/hostname',
      '',
    ]
    for (const file of [...files, ...patterns]) {
      const message = { table: 't', columns: ['id'], file, bytes: 4, row_count: 1, token: 'x' }
      await expect(call('insert', message)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    }
    expect(await store.query('SELECT count() AS n FROM t')).toEqual([{ n: '0' }])
    await store.close()
  })

  it('refuses a row file that is not whole', async () => {
    const call = createCaller(forked.channel)
    mkdirSync(join(spool_directory, 'half'), { recursive: true })
    const file = join(spool_directory, 'half', '0.rowbinary')
    writeFileSync(file, uint32(1))
    const message = { table: 't', columns: ['id'], file, bytes: 8, row_count: 2, token: 'half' }
    await expect(call('insert', message)).rejects.toThrow(/incomplete or gone/)
  })
})

describe('closing', () => {
  it('stops queries and finishes inserts', async () => {
    await using other = temporaryDirectory()
    const keys = { query_key_sha256: null, writer_key_sha256: null }
    const closing = await forkStore(other.path, { door: { keys } })
    const store = createChdbStore({ connect: () => closing.channel, spool_directory: `${other.path}/spool` })
    await store.execute('CREATE TABLE t (id UInt32) ENGINE = MergeTree ORDER BY id')
    const endless = encodeURIComponent('SELECT count() FROM system.numbers WHERE sipHash64(number) = 1')
    const asked = fetch(`http://127.0.0.1:${closing.ready.port}/?query=${endless}`)
    await store.insert(rows(1))
    await systemClock.sleep(100)
    const started = performance.now()
    await Promise.all([closing.stop(), store.close()])
    expect((await asked).status).toBe(503)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('createChdbStore', () => {
  it('says STORE_UNAVAILABLE while the process is down, also to calls in flight, and finds it again', async () => {
    await using other = temporaryDirectory()
    let current: ForkedStore | null = await forkStore(other.path)
    const store = createChdbStore({
      connect: () => current?.channel ?? null,
      spool_directory: `${other.path}/spool`,
    })
    await store.execute('CREATE TABLE t (id UInt32) ENGINE = MergeTree ORDER BY id')
    const died = current
    const flying = expect(store.query('SELECT sleep(3)')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retry: 'later',
    })
    current = null
    await died.kill()
    await flying
    await expect(store.insert(rows(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later' })
    expect(await store.health()).toMatchObject({ healthy: false })
    current = await forkStore(other.path)
    await store.insert(rows(1))
    expect(await store.query('SELECT id FROM t')).toEqual([{ id: 1 }])
    await store.close()
    await current.stop()
  })

  it('gives up on a process that does not answer', async () => {
    const silent: Channel = { send: () => {}, onMessage: () => {}, onClose: () => {} }
    const store = createChdbStore({ connect: () => silent, spool_directory, insert_timeout_ms: 50 })
    await expect(store.insert(rows(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await store.close()
  })

  it('leaves no row file behind, whatever the answer', async () => {
    const store = storeOn(() => forked.channel)
    await store.execute('CREATE TABLE IF NOT EXISTS t (id UInt32) ENGINE = MergeTree ORDER BY id')
    await store.insert(rows(5))
    await expect(store.insert({ ...rows(6), table: 'nowhere' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
    const mine = readdirSync(spool_directory).filter((name) => name.startsWith(`${process.pid}-`))
    expect(mine.flatMap((name) => readdirSync(join(spool_directory, name)))).toEqual([])
    await store.close()
    expect(readdirSync(spool_directory).filter((name) => name.startsWith(`${process.pid}-`))).toEqual([])
  })
})

describe('createSpool', () => {
  it('writes files that only we can read, and removes what dead processes left', async () => {
    await using other = temporaryDirectory()
    const dead = 4_194_000 + 1
    for (const name of [`${dead}-aaaaaa`, `${process.pid}-bbbbbb`, '1-cccccc', `${process.ppid}-dddddd`, 'kept'])
      mkdirSync(join(other.path, name))
    for (const name of [`${process.pid}-bbbbbb`, '1-cccccc']) utimesSync(join(other.path, name), 1, 1)
    const spool = createSpool(other.path, systemClock)
    const file = await spool.write([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')])
    expect([file.bytes, statSync(file.path).size, statSync(file.path).mode & 0o777]).toEqual([3, 3, 0o600])
    expect(
      readdirSync(other.path)
        .filter((name) => !file.path.includes(name))
        .sort(),
    ).toEqual([`${process.ppid}-dddddd`, 'kept'].sort())
    await file.remove()
    spool.close()
  })

  it('refuses a directory whose name is a pattern', () => {
    expect(() => createSpool(join(directory.path, 'a*b'), systemClock)).toThrow(/must not contain/)
  })
})

describe('createSlots', () => {
  it('runs so many at once, in order, and refuses what is too many', async () => {
    const slots = createSlots({ count: 2, max_waiting: 1, name: 'slots' })
    const seen: string[] = []
    const gates: (() => void)[] = []
    const work = (name: string) => () =>
      new Promise<string>((resolve) => {
        seen.push(name)
        gates.push(() => resolve(name))
      })
    const running = ['a', 'b', 'c'].map((name) => slots.run(work(name)))
    await expect(slots.run(work('d'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(seen).toEqual(['a', 'b'])
    gates[0]?.()
    await running[0]
    await Promise.resolve()
    expect(seen).toEqual(['a', 'b', 'c'])
    gates[1]?.()
    gates[2]?.()
    await slots.idle()
    expect(await Promise.all(running)).toEqual(['a', 'b', 'c'])
  })
})
