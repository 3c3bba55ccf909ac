import { expect, it } from 'vitest'
import type { Store } from '../../adapters/store/store.ts'
import type { Clock } from '../../core/clock.ts'
import { createSpansHourly } from './spans-hourly.ts'

const LONG_MS = 30_000

/** How long it waits before each of its first three turns, when rolling up takes LONG_MS and ends like this. */
async function waits(execute: () => Promise<void>): Promise<number[]> {
  let now = 0
  const slept: number[] = []
  const ended = new AbortController()
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    async sleep(ms) {
      slept.push(ms)
      now += ms
      if (slept.length === 3) ended.abort()
    },
  }
  const store: Store = {
    insert: async () => {},
    query: async <Row>() => [{ hour: 'shop/3600' }] as Row[],
    async execute() {
      now += LONG_MS
      await execute()
    },
    health: async () => ({ healthy: true, reason: '', engine_version: '' }),
    close: async () => {},
  }
  await createSpansHourly({ store, clock }).run(ended.signal, () => {})
  return slept
}

it('tries a rollup that failed again soon: waiting for a store that is away is no work', async () => {
  expect(await waits(() => Promise.reject(new Error('away')))).toEqual([10_000, 10_000, 10_000])
})

it('spends a twentieth of the time on rolling up at most', async () => {
  expect((await waits(async () => {}))[1]).toBe(LONG_MS * 20)
})
