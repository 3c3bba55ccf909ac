import { type RunOptions, runSchedule } from './run-schedule.ts'
import type { Schedule } from './schedule.ts'

const MOST_RUNS = 150

/** A smaller schedule that still breaks a promise: without the faults and requests that do not matter. */
export async function shrink(schedule: Schedule, options: RunOptions): Promise<Schedule> {
  let least = schedule
  let runs = 0

  async function stillFails(candidate: Schedule): Promise<boolean> {
    runs += 1
    const { breaches } = await runSchedule(candidate, options)
    return breaches.length > 0
  }

  /** Leaves out halves, then quarters, down to single items, as long as it still fails. */
  async function reduce(part: 'faults' | 'requests'): Promise<void> {
    for (let size = Math.ceil(least[part].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < least[part].length && runs < MOST_RUNS; ) {
        const kept = [...least[part].slice(0, from), ...least[part].slice(from + size)]
        const candidate = { ...least, [part]: kept }
        if (await stillFails(candidate)) least = candidate
        else from += size
      }
    }
  }

  await reduce('faults')
  await reduce('requests')
  return least
}
