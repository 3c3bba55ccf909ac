import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Broker, LogRecord } from '../broker.ts'
import { aRecord, fetchAll } from '../contract-bench.ts'
import { aTopic, createTestLog, type TestLog } from './test-log.ts'

const TOPIC = aTopic('configs', { cleanup: 'compact' })

describe('compaction', () => {
  let log: TestLog
  beforeEach(() => {
    log = createTestLog()
  })
  afterEach(() => log.remove())

  const open = async () => {
    const broker = await log.open({ segment_bytes: 512 })
    await broker.ensureTopics([TOPIC])
    return broker
  }
  const put = (broker: Broker, key: string, value: string | null) =>
    broker.produce(TOPIC.name, [aRecord(value, { key: Buffer.from(key) })])
  const files = () => readdirSync(join(log.directory, TOPIC.name, '0'))

  function fold(records: readonly LogRecord[]): Map<string, string> {
    const values = new Map<string, string>()
    for (const { key, value } of records) {
      if (value === null) values.delete(String(key))
      else values.set(String(key), String(value))
    }
    return values
  }

  it('keeps the last value of each key with its offset, drops tombstones, and stays small', async () => {
    let broker = await open()
    const [kept] = await put(broker, 'rare', 'still here')
    await put(broker, 'gone', 'soon deleted')
    await put(broker, 'gone', null)
    for (let index = 0; index < 500; index += 1) await put(broker, 'busy', `version ${index}`)
    await broker.close()
    expect(files().length).toBeLessThan(6)
    broker = await open()
    const records = await fetchAll(broker, TOPIC.name, 0, 0n)
    expect(records.length).toBeLessThan(30)
    expect(records[0]).toMatchObject({ offset: kept!.offset, value: Buffer.from('still here') })
    expect(records.some((record) => record.key?.toString() === 'gone')).toBe(false)
    expect(fold(records).get('busy')).toBe('version 499')
    expect((await broker.offsets(TOPIC.name))[0]!.end).toBe(503n)
  })

  it('reads on across the gaps from any offset, while it goes on', async () => {
    const broker = await open()
    await put(broker, 'rare', 'still here')
    for (let index = 1; index < 300; index += 1) {
      await put(broker, `key ${index % 3}`, `${index}`)
      const [next] = await broker.fetch(TOPIC.name, 0, BigInt(index >> 1), { max_bytes: 1 })
      expect(Number(next!.offset)).toBeGreaterThanOrEqual(index >> 1)
    }
  })

  it('means the same as the uncompacted log, whatever was written', async () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.string({ maxLength: 80 })))
    const broker = await open()
    const model = new Map<string, string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        for (const [key, value] of steps) {
          await put(broker, key, value)
          if (value === null) model.delete(key)
          else model.set(key, value)
        }
        expect(fold(await fetchAll(broker, TOPIC.name, 0, 0n))).toEqual(model)
      }),
      { numRuns: 50 },
    )
  })

  it('removes what an interrupted compaction left behind', async () => {
    const first = await open()
    await put(first, 'a', '1')
    await first.close()
    writeFileSync(join(log.directory, TOPIC.name, '0', '00000000000000000000.log.tmp'), 'half')
    const broker = await open()
    expect(fold(await fetchAll(broker, TOPIC.name))).toEqual(new Map([['a', '1']]))
    expect(files()).toEqual(['00000000000000000000.log'])
  })

  it('refuses a record without a key', async () => {
    const broker = await open()
    await expect(broker.produce(TOPIC.name, [aRecord('x')])).rejects.toMatchObject({ code: 'RECORD_INVALID' })
  })
})
