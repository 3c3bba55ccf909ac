import { copyFileSync, cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { aRecord, fetchAll, texts } from '../contract-bench.ts'
import { giveUpMissingEnd, missingEnd } from './missing-end.ts'
import { aTopic, createTestLog, settableClock, type TestLog } from './test-log.ts'

describe('recovery', () => {
  let log: TestLog
  const ends = () => join(log.directory, 't', 'ends')
  const saved = () => join(log.directory, 'saved')
  beforeEach(() => {
    log = createTestLog()
  })
  afterEach(() => log.remove())

  /** Writes the texts in one session and closes. */
  async function write(...values: string[]) {
    const broker = await log.open()
    await broker.ensureTopics([aTopic('t')])
    for (const value of values) await broker.produce('t', [aRecord(value, { headers: { h: 'x' } })])
    await broker.close()
  }

  /** As if the process had died before it published the last record: everything but the ends is newer. */
  async function writeUnpublished(value: string) {
    copyFileSync(ends(), saved())
    await write(value)
    copyFileSync(saved(), ends())
  }

  it.each(['published', 'unknown'])('cuts off a tail torn at any byte; the durable end before is %s', async (known) => {
    await write('one', 'two')
    const intact = statSync(log.segment('t')).size
    await writeUnpublished('three')
    const whole = readFileSync(log.segment('t'))
    for (let size = intact; size <= whole.length; size += 1) {
      copyFileSync(saved(), ends())
      if (known === 'unknown') rmSync(ends())
      writeFileSync(log.segment('t'), whole.subarray(0, size))
      const broker = await log.open()
      const [position] = await broker.produce('t', [aRecord('next')])
      const survivors = size === whole.length ? ['one', 'two', 'three'] : ['one', 'two']
      expect(position!.offset).toBe(BigInt(survivors.length))
      expect(texts(await fetchAll(broker, 't'))).toEqual([...survivors, 'next'])
      await broker.close()
    }
  })

  it('cuts off a tail with any flipped byte', async () => {
    await write('one')
    const intact = statSync(log.segment('t')).size
    await writeUnpublished('two')
    const whole = readFileSync(log.segment('t'))
    for (let index = intact; index < whole.length; index += 1) {
      copyFileSync(saved(), ends())
      const damaged = Buffer.from(whole)
      damaged[index]! ^= 0x10
      writeFileSync(log.segment('t'), damaged)
      const broker = await log.open()
      expect(texts(await fetchAll(broker, 't')), `byte ${index}`).toEqual(['one'])
      await broker.close()
      expect(statSync(log.segment('t')).size).toBe(intact)
    }
  })

  it('refuses to open when acknowledged bytes are gone, and changes nothing', async () => {
    await write('one', 'two')
    const { size } = statSync(log.segment('t'))
    truncateSync(log.segment('t'), size - 1)
    await expect(log.open()).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining(`byte ${size - 1} of ${log.segment('t')}`),
    })
    expect(statSync(log.segment('t')).size).toBe(size - 1)
    rmSync(log.segment('t'))
    await expect(log.open()).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  })

  it.each(['cut', 'removed'])('goes on behind an end that is %s, once it is given up', async (how) => {
    await write()
    expect(await missingEnd({ directory: log.directory, topic: 't', partition: 0, clock: systemClock })).toBeNull()
    await write('one', 'two', 'three')
    const { size } = statSync(log.segment('t'))
    const place = { directory: log.directory, topic: 't', partition: 0, clock: systemClock }
    expect(await missingEnd(place)).toBeNull()
    if (how === 'cut') truncateSync(log.segment('t'), size - 1)
    else rmSync(log.segment('t'))
    expect(await missingEnd(place)).toBe(3n)
    await giveUpMissingEnd({ ...place, end: 3n })
    expect(await missingEnd(place)).toBeNull()
    const broker = await log.open()
    const [position] = await broker.produce('t', [aRecord('four')])
    expect(position!.offset).toBe(3n)
    expect(texts(await broker.fetch('t', 0, 3n, { max_bytes: 1000 }))).toEqual(['four'])
    if (how === 'cut') expect(texts(await broker.fetch('t', 0, 0n, { max_bytes: 1000 }))).toEqual(['one', 'two'])
    if (how === 'cut')
      await expect(broker.fetch('t', 0, 2n, { max_bytes: 1 })).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  })

  it('reports a flipped bit below the durable end with file and byte, and never skips the record', async () => {
    await write('one', 'two', 'three')
    const bytes = readFileSync(log.segment('t'))
    bytes[bytes.indexOf('two')]! ^= 1
    writeFileSync(log.segment('t'), bytes)
    const broker = await log.open()
    expect(texts(await broker.fetch('t', 0, 0n, { end: 1n, max_bytes: 10 }))).toEqual(['one'])
    const start = bytes.readUInt32LE(0) + 8
    expect(texts(await broker.fetch('t', 0, 0n, { max_bytes: 1000 }))).toEqual(['one'])
    await expect(broker.fetch('t', 0, 1n, { max_bytes: 1000 })).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringContaining(`byte ${start} of ${log.segment('t')}`),
    })
    expect(texts(await broker.fetch('t', 0, 2n, { max_bytes: 1000 }))).toEqual(['three'])
  })

  it('finds a record behind damage that hides where it begins', async () => {
    const values = ['one', 'two', 'x'.repeat(3 << 20), 'four']
    await write(...values)
    const whole = readFileSync(log.segment('t'))
    const second = whole.readUInt32LE(0) + 8
    for (let index = second; index < second + 16; index += 1) {
      const bytes = Buffer.from(whole)
      bytes[index]! ^= 0x55
      writeFileSync(log.segment('t'), bytes)
      const broker = await log.open()
      const behind = await broker.fetch('t', 0, 2n, { max_bytes: 8 << 20 })
      expect(texts(behind).join() === values.slice(2).join(), `byte ${index}`).toBe(true)
      expect(texts(await broker.fetch('t', 0, 3n, { max_bytes: 1000 }))).toEqual(['four'])
      await expect(broker.fetch('t', 0, 1n, { max_bytes: 1000 })).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
      await broker.close()
    }
  })

  it('goes on after a crash between the steps of a roll', async () => {
    await write('one', 'two')
    // The next segment was created, nothing was written to it, and its start was not published.
    writeFileSync(log.segment('t', 2), '')
    const broker = await log.open()
    const [position] = await broker.produce('t', [aRecord('three')])
    expect(position!.offset).toBe(2n)
    expect(statSync(log.segment('t', 2)).size).toBeGreaterThan(0)
    expect(texts(await fetchAll(broker, 't'))).toEqual(['one', 'two', 'three'])
  })

  it('goes on when the first record of a new segment was torn', async () => {
    await write('one')
    cpSync(log.segment('t'), log.segment('t', 1))
    const broker = await log.open()
    expect(texts(await fetchAll(broker, 't'))).toEqual(['one'])
    expect(statSync(log.segment('t', 1)).size).toBe(0)
  })

  it('keeps times from decreasing when the clock went back, also without published ends and with an empty segment', async () => {
    const clock = settableClock(5_000_000)
    const first = await log.open({ clock })
    await first.ensureTopics([aTopic('t')])
    await first.produce('t', [aRecord('late')])
    await first.close()
    clock.set(4_900_000)
    const prepare = [
      () => {},
      () => rmSync(ends()),
      () => {
        rmSync(ends())
        writeFileSync(log.segment('t', 3), '')
      },
    ]
    for (const damage of prepare) {
      damage()
      const broker = await log.open({ clock })
      const [position] = await broker.produce('t', [aRecord('early')])
      expect(position!.timestamp_ms).toBe(5_000_000)
      await broker.close()
    }
  })
})
