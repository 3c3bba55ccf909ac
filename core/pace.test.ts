import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import { createPaceWatch } from './pace.ts'

/** Time passes only in `pass`. */
function manualClock() {
  let now = 0
  let sleepers: { at: number; wake: () => void }[] = []
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake })),
  }
  async function pass(ms: number) {
    for (const end = now + ms; now < end; ) {
      now += 100
      const due = sleepers.filter(({ at }) => at <= now)
      sleepers = sleepers.filter(({ at }) => at > now)
      for (const { wake } of due) wake()
      await new Promise(setImmediate)
    }
  }
  return { clock, pass, sleeping: () => sleepers.length }
}

const limits = { body_timeout_ms: 10_000, body_grace_ms: 2000, min_body_bytes_per_second: 100 }

describe('createPaceWatch', () => {
  it('leaves a body alone that keeps up, until it takes too long', async () => {
    const { clock, pass } = manualClock()
    let slow = 0
    const body = createPaceWatch(limits, clock)(() => slow++)
    body.progress(1000)
    await pass(9900)
    expect(slow).toBe(0)
    await pass(1000)
    expect(slow).toBe(1)
    await pass(20_000)
    expect(slow).toBe(1)
  })

  it('finds one that falls behind after the grace time, and only this one', async () => {
    const { clock, pass } = manualClock()
    const slow: string[] = []
    const watch = createPaceWatch(limits, clock)
    watch(() => slow.push('behind')).progress(199)
    watch(() => slow.push('ahead')).progress(1000)
    await pass(1900)
    expect(slow).toEqual([])
    await pass(700)
    expect(slow).toEqual(['behind'])
  })

  it('forgets a body that is done, and sleeps only while there are bodies', async () => {
    const { clock, pass, sleeping } = manualClock()
    let slow = 0
    const watch = createPaceWatch(limits, clock)
    watch(() => slow++).done()
    await pass(20_000)
    expect(slow).toBe(0)
    expect(sleeping()).toBe(0)
    watch(() => slow++)
    await pass(3000)
    expect(slow).toBe(1)
  })
})
