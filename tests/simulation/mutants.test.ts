import { describe, expect, it } from 'vitest'
import { makeSchedule } from './generators/catalogue.ts'
import { KNOWN_BUGS, type KnownBug } from './mutants.ts'
import { createProgram } from './program.ts'
import { type Result, runSchedule } from './run-schedule.ts'
import { shrink } from './shrink.ts'

/** A bug must show within so many schedules of the kinds it belongs to. */
const MOST_SCHEDULES = 24
const TIMEOUT_MS = 300_000

const program = createProgram()

async function find(mutant: KnownBug): Promise<Result | null> {
  for (let seed = 0; seed < MOST_SCHEDULES; seed++) {
    const name = mutant.generators[seed % mutant.generators.length]!
    const result = await runSchedule(makeSchedule(seed, name), { program, mutant })
    if (result.breaches.length > 0) return result
  }
  return null
}

describe('the simulation finds a pipeline that', () => {
  it.each(KNOWN_BUGS)(
    '$name',
    async (mutant) => {
      const found = await find(mutant)
      expect(found?.breaches ?? []).not.toEqual([])
      // The schedule is not what breaks it: without the bug every promise is kept.
      expect((await runSchedule(found!.schedule, { program })).breaches).toEqual([])
    },
    TIMEOUT_MS,
  )
})

it(
  'shrinks a schedule to what is needed to show a bug',
  async () => {
    const mutant = KNOWN_BUGS.find(({ name }) => name === 'does not flush the log')!
    const found = await find(mutant)
    const least = await shrink(found!.schedule, { program, mutant })
    expect((await runSchedule(least, { program, mutant })).breaches).not.toEqual([])
    expect(least.faults.length).toBeLessThanOrEqual(1)
    expect(least.requests.length).toBeLessThanOrEqual(found!.schedule.requests.length)
    expect((await runSchedule({ ...least, requests: [] }, { program, mutant })).breaches).toEqual([])
  },
  TIMEOUT_MS,
)
