import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { aRecord } from '../contract-bench.ts'
import { salvage } from './salvage.ts'
import { aTopic, createTestLog, type TestLog } from './test-log.ts'

let log: TestLog
beforeEach(() => {
  log = createTestLog()
})
afterEach(() => log.remove())

async function write(values: readonly string[], segment_bytes: number) {
  const broker = await log.open({ segment_bytes })
  await broker.ensureTopics([aTopic('t')])
  for (const value of values) await broker.produce('t', [aRecord(value, { headers: { h: value } })])
  await broker.close()
}

/** Whole records as their text, stretches that are gone as [start, end). */
async function salvaged(from: bigint, to: bigint): Promise<unknown[]> {
  const { directory } = log
  const place = { directory, topic: 't', partition: 0, partitions: 1, from, to, clock: systemClock }
  const all: unknown[] = []
  for await (const part of salvage(place))
    all.push('record' in part ? part.record.value!.toString() : [part.damaged.start, part.damaged.end])
  return all
}

it('gives every whole record, wherever a byte is wrong', async () => {
  await write(['zero', 'one', 'two', 'three'], 1 << 20)
  const whole = readFileSync(log.segment('t'))
  const first = whole.readUInt32LE(0) + 8
  const second = first + whole.readUInt32LE(first) + 8
  for (let index = first; index < second; index += 1) {
    const damaged = Buffer.from(whole)
    damaged[index]! ^= 0x11
    writeFileSync(log.segment('t'), damaged)
    expect(await salvaged(0n, 10n), `byte ${index}`).toEqual(['zero', [1n, 2n], 'two', 'three'])
  }
  expect(await salvaged(2n, 3n)).toEqual(['two'])
  expect(await salvaged(1n, 2n)).toEqual([[1n, 2n]])
})

it('goes from segment to segment, and says what an empty one held', async () => {
  await write(
    Array.from({ length: 6 }, (_, index) => `value ${index}`.padEnd(100)),
    600,
  )
  expect(await salvaged(0n, 6n)).toHaveLength(6)
  writeFileSync(log.segment('t', 2), '')
  const texts = (await salvaged(0n, 6n)).map((part) => (typeof part === 'string' ? part.trim() : part))
  expect(texts).toEqual(['value 0', 'value 1', [2n, 4n], 'value 4', 'value 5'])
})
