import { describe, expect, it } from 'vitest'
import { aManualClock } from './clock.samples.ts'
import { createPaceWatch } from './pace.ts'

const limits = { body_timeout_ms: 10_000, body_grace_ms: 2000, min_body_bytes_per_second: 100 }

describe('createPaceWatch', () => {
  it('leaves a body alone that keeps up, until it takes too long', async () => {
    const { clock, pass } = aManualClock()
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
    const { clock, pass } = aManualClock()
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
    const { clock, pass, sleeping } = aManualClock()
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
