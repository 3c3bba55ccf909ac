import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { createEmbeddedBroker } from './embedded-broker.ts'

const NOW = 1_790_000_000_000
const YEAR_MS = 365 * 86_400_000
const directories: string[] = []

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** Appends one record at each reading of the clock, with a reopen in between where `null` stands. */
async function appendTimes(readings: readonly (number | null)[]): Promise<number[]> {
  const directory = await mkdtemp(join(tmpdir(), 'evalforge-times-'))
  directories.push(directory)
  let now = NOW
  const open = async () => {
    const clock = { ...systemClock, now: () => now }
    const broker = await createEmbeddedBroker({ directory, writes: 'all', clock, on_fatal: () => {} })
    await broker.ensureTopics([{ name: 't', partitions: 1, cleanup: 'delete', summary: '' }])
    return broker
  }
  let broker = await open()
  const times: number[] = []
  for (const reading of readings) {
    if (reading === null) {
      await broker.close()
      broker = await open()
      continue
    }
    now = reading
    const [position] = await broker.produce('t', [{ key: null, value: Buffer.from('x'), headers: {} }])
    times.push(position!.timestamp_ms - NOW)
  }
  await broker.close()
  return times
}

it('does not let time run backwards over a small step of the clock, or a restart', async () => {
  expect(await appendTimes([NOW, NOW - 5_000, null, NOW - 4_000, NOW + 10])).toEqual([0, 0, 0, 10])
})

it('takes the time of a clock that was corrected', async () => {
  expect(await appendTimes([NOW, NOW + YEAR_MS, NOW + 20, null, NOW + 30])).toEqual([0, YEAR_MS, 20, 30])
  expect(await appendTimes([NOW + YEAR_MS, null, NOW + 20])).toEqual([YEAR_MS, 20])
})
