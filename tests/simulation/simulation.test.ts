import { describe, expect, it } from 'vitest'
import { GENERATORS, makeSchedule } from './generators/catalogue.ts'
import { createProgram } from './program.ts'
import { type Result, runSchedule } from './run-schedule.ts'

/** The long lane tries other seeds: `npm run chaos`. */
const FIRST_SEED = 20_261_120
const SCHEDULES_EACH = 3
const MIXED = 60
/** Far more than it takes: what is tested has nothing to do with real time. */
const TIMEOUT_MS = 300_000

const program = createProgram()

function brokenPromises({ schedule, breaches }: Result): object[] {
  return breaches.length === 0 ? [] : [{ seed: schedule.seed, name: schedule.name, breaches }]
}

describe('the pipeline, simulated: nothing lost, nothing twice, nothing without bounds', () => {
  it.each(GENERATORS)(
    'through: $name',
    async ({ name }) => {
      const broken: object[] = []
      let acknowledged = 0
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES_EACH; seed++) {
        const result = await runSchedule(makeSchedule(seed, name), { program })
        broken.push(...brokenPromises(result))
        acknowledged += result.totals?.acknowledged ?? 0
      }
      expect(broken).toEqual([])
      expect(acknowledged).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )

  it(
    `through ${MIXED} schedules of any kind`,
    async () => {
      const broken: object[] = []
      for (let seed = 1; seed <= MIXED; seed++)
        broken.push(...brokenPromises(await runSchedule(makeSchedule(seed), { program })))
      expect(broken).toEqual([])
    },
    TIMEOUT_MS,
  )
})

/** Schedules that once broke a promise, and what was wrong. */
const ONCE_BROKEN = [
  [2, 'the power goes', 'the name of a new log was not on the disk'],
  [0, 'a flush fails, then the power goes', 'a tail that no flush had reached was taken for durable'],
  [62, 'killed at a new segment, then the power goes', 'the name of a segment found at the start was not on the disk'],
  [38, 'killed at its first start, then the power goes', 'the names in a new topic were not on the disk'],
  [3, 'the clock goes forward and back before a kill', 'hours were not rolled up after the clock was set back'],
] as const

it.each(ONCE_BROKEN)(
  'keeps its promises under seed %i of: %s (%s)',
  async (seed, name) => {
    expect(brokenPromises(await runSchedule(makeSchedule(seed, name), { program }))).toEqual([])
  },
  TIMEOUT_MS,
)

describe('a replay', () => {
  it.each([3, 9, 23, 31])('of seed %i does the same again, event by event', async (seed) => {
    const logs = [0, 1].map(() => [] as string[])
    for (const log of logs) await runSchedule(makeSchedule(seed), { program, onEvent: (event) => log.push(event) })
    expect(logs[0]!.length).toBeGreaterThan(500)
    expect(logs[1]).toEqual(logs[0])
  })

  it('of another seed is another story', async () => {
    const events: string[][] = [[], []]
    for (const [seed, log] of events.entries())
      await runSchedule(makeSchedule(seed), { program, onEvent: (event) => log.push(event) })
    expect(events[0]).not.toEqual(events[1])
  })
})
