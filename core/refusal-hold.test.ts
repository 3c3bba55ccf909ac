import { describe, expect, it } from 'vitest'
import { aManualClock } from './clock.samples.ts'
import { createRefusalHold } from './refusal-hold.ts'

describe('createRefusalHold', () => {
  it('answers a few refusals at once, then so many a second, whatever the number of connections', async () => {
    const { clock, pass } = aManualClock()
    const hold = createRefusalHold(clock)
    expect(Array.from({ length: 20 }, () => hold('noisy'))).toEqual(Array(20).fill(0))
    expect([hold('noisy'), hold('noisy'), hold('quiet')]).toEqual([20, 40, 0])
    let answered = 0
    const connection = async () => {
      for (;;) {
        await clock.sleep(hold('noisy'))
        answered++
      }
    }
    for (let n = 0; n < 64; n++) void connection()
    await pass(10_000)
    expect(answered).toBeGreaterThan(490)
    expect(answered).toBeLessThanOrEqual(500)
  })

  it('keeps nobody longer than an exporter waits, and forgives in time', async () => {
    const { clock, pass } = aManualClock()
    const hold = createRefusalHold(clock)
    const holds = Array.from({ length: 5000 }, () => hold('noisy'))
    expect(Math.max(...holds)).toBe(4000)
    await pass(5000)
    expect(hold('noisy')).toBe(0)
  })
})
