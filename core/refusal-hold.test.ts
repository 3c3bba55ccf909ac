import { describe, expect, it } from 'vitest'
import { aManualClock } from './clock.samples.ts'
import { createRefusalHold } from './refusal-hold.ts'

function aHold() {
  const { clock, pass } = aManualClock()
  const holdRefusal = createRefusalHold(clock)
  const { signal } = new AbortController()
  return { clock, pass, hold: (sender: string) => holdRefusal(sender, signal) }
}

describe('createRefusalHold', () => {
  it('answers a few refusals at once, then so many a second, whatever the number of connections', async () => {
    const { clock, pass, hold } = aHold()
    expect(Array.from({ length: 20 }, () => hold('noisy'))).toEqual(Array(20).fill(null))
    const answered_at: number[] = []
    for (let n = 0; n < 2; n++) void hold('noisy')?.then(() => answered_at.push(clock.monotonic()))
    expect(hold('quiet')).toBeNull()
    const began = clock.monotonic()
    await pass(60)
    expect(answered_at.map((at) => at - began)).toEqual([20, 40])
    let answered = 0
    const connection = async () => {
      for (;;) {
        await hold('noisy')
        answered++
      }
    }
    for (let n = 0; n < 64; n++) void connection()
    await pass(10_000)
    expect(answered).toBeGreaterThan(490)
    expect(answered).toBeLessThanOrEqual(510)
  })

  it('keeps nobody longer than an exporter waits, and forgives in time', async () => {
    const { pass, hold } = aHold()
    let answered = 0
    for (let n = 0; n < 3000; n++) void Promise.resolve(hold('noisy')).then(() => answered++)
    await pass(3990)
    expect(answered).toBeLessThan(300)
    await pass(20)
    expect(answered).toBe(3000)
    await pass(1000)
    expect(hold('noisy')).toBeNull()
  })

  it('keeps only so many back, because each costs memory', async () => {
    const { pass, hold } = aHold()
    const held = () => Array.from({ length: 10_000 }, () => hold('noisy')).filter((one) => one !== null).length
    expect(held()).toBe(4096)
    expect(held()).toBe(0)
    await pass(4000)
    expect(held()).toBe(4096)
  })
})
