import { systemClock } from '../../../core/clock.ts'
import { makeSchedule } from '../generators/catalogue.ts'
import { createProgram, type Program } from '../program.ts'
import { type Result, runSchedule } from '../run-schedule.ts'
import { shrink } from '../shrink.ts'
import type { Layer, LayerReport } from './layer.ts'

const MINUTE_MS = 60_000
const PROGRESS_MS = 10_000
/** Shrinking takes a while; one bug tends to break many schedules. */
const MOST_SHRUNK = 5

export const simulationLayer: Layer = {
  name: 'simulation',
  summary: 'Seeded schedules of the pipeline in one process, on virtual time, disk, network and store.',
  async run({ seed, minutes, schedules, onProgress }) {
    const program = createProgram()
    const tally = createTally()
    const until = systemClock.monotonic() + minutes * MINUTE_MS
    let told_at = systemClock.monotonic()
    for (let index = 0; schedules === 0 || index < schedules; index++) {
      const now = systemClock.monotonic()
      if (now >= until) break
      if (now - told_at >= PROGRESS_MS) {
        told_at = now
        const { schedules: done, schedules_per_minute, failures } = tally.report()
        onProgress(`${done} schedules, ${schedules_per_minute} a minute, ${failures.length} failed`)
      }
      const result = await runSchedule(makeSchedule(seed + index), { program })
      tally.add(result)
      if (result.breaches.length > 0) await tally.fail(result, program)
      // Signals and the terminal get their turn.
      await systemClock.sleep(0)
    }
    return tally.report()
  },
  async replay(seed, onEvent) {
    const program = createProgram()
    const tally = createTally()
    const result = await runSchedule(makeSchedule(seed), { program, onEvent })
    tally.add(result)
    if (result.breaches.length > 0) await tally.fail(result, program)
    return tally.report()
  },
}

function createTally() {
  const began = systemClock.monotonic()
  const faults: Record<string, number> = {}
  const totals = { sent: 0, acknowledged: 0, stored: 0, dead_lettered: 0, collapsed: 0, lost: 0, duplicated: 0 }
  const failures: LayerReport['failures'][number][] = []
  let schedules = 0

  return {
    add(result: Result): void {
      schedules += 1
      for (const { kind } of result.schedule.faults) faults[kind] = (faults[kind] ?? 0) + 1
      totals.lost += result.lost
      totals.duplicated += result.duplicated
      for (const name of ['sent', 'acknowledged', 'stored', 'dead_lettered', 'collapsed'] as const)
        totals[name] += result.totals?.[name] ?? 0
    },
    async fail({ schedule, breaches }: Result, program: Program): Promise<void> {
      const least = failures.length < MOST_SHRUNK ? await shrink(schedule, { program }) : schedule
      failures.push({ seed: schedule.seed, name: schedule.name, breaches, schedule: JSON.stringify(least) })
    },
    report(): LayerReport {
      const minutes = (systemClock.monotonic() - began) / MINUTE_MS
      return { schedules, schedules_per_minute: Math.round(schedules / minutes), faults, ...totals, failures }
    },
  }
}
