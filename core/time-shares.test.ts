import { describe, expect, it } from 'vitest'
import { aManualClock } from './clock.samples.ts'
import { createTimeShares } from './time-shares.ts'

const REQUEST_MS = 1

function open(max_share = 0.5) {
  const { clock, pass } = aManualClock()
  const shares = createTimeShares({ clock, max_share })
  /** As many connections as that: each asks again as soon as it had its turn. */
  function flood(project: string, connections: number) {
    const done = { turns: 0, stopped: false }
    async function connection() {
      while (!done.stopped) {
        await shares.turn(project, REQUEST_MS)
        done.turns++
        await clock.sleep(0.1)
      }
    }
    for (let n = 0; n < connections; n++) void connection()
    return done
  }
  return { shares, pass, flood, clock }
}

describe('createTimeShares', () => {
  it('makes nobody wait who is alone', () => {
    const { shares } = open()
    for (let n = 0; n < 1000; n++) expect(shares.turn('a', REQUEST_MS)).toBe(null)
    shares.spent('a', 10_000)
    expect(shares.turn('a', REQUEST_MS)).toBe(null)
  })

  it.each([1, 16, 256])(
    'gives a flood of %i connections half of the time, and the other project its turn at once',
    async (connections) => {
      const { shares, pass, flood } = open()
      expect(shares.turn('quiet', REQUEST_MS)).toBe(null)
      const noisy = flood('noisy', connections)
      for (let n = 0; n < 100; n++) {
        await pass(10)
        expect(shares.turn('quiet', REQUEST_MS)).toBe(null)
      }
      noisy.stopped = true
      // Half of a second, what may come at once, and a tick.
      expect(noisy.turns).toBeLessThanOrEqual(500 + 25 + 2)
      expect(noisy.turns).toBeGreaterThan(450)
    },
  )

  it('divides the time by the number of those who send', async () => {
    const { pass, flood } = open(0.9)
    const all = ['a', 'b', 'c', 'd'].map((project) => flood(project, 16))
    await pass(1000)
    for (const { turns } of all) {
      expect(turns).toBeGreaterThan(220)
      expect(turns).toBeLessThan(290)
    }
  })

  it('counts what a request turned out to take', async () => {
    const { shares, pass, flood } = open()
    shares.turn('quiet', REQUEST_MS)
    shares.turn('noisy', REQUEST_MS)
    shares.spent('noisy', 124)
    const noisy = flood('noisy', 4)
    await pass(150)
    shares.turn('quiet', REQUEST_MS)
    expect(noisy.turns).toBe(0)
    await pass(100)
    expect(noisy.turns).toBeGreaterThan(0)
    noisy.stopped = true
  })

  it('lets all go on when the others have stopped, in the order they asked, and forgets the others', async () => {
    const { shares, pass } = open()
    shares.turn('quiet', REQUEST_MS)
    const order: number[] = []
    for (let n = 0; n < 500; n++) void (shares.turn('noisy', 20) ?? Promise.resolve()).then(() => order.push(n))
    await pass(1000)
    expect(order.length).toBeLessThan(50)
    await pass(2000)
    expect(order).toEqual(Array.from({ length: 500 }, (_, n) => n))
    expect(shares.waiting()).toBe(0)
  })
})
