import type { Clock } from './clock.ts'

/** A clock for tests: time passes only in `pass`, from one sleeper to the next. */
export function aManualClock() {
  let now = 0
  let sleepers: { at: number; wake: () => void }[] = []
  const settled = () => new Promise(setImmediate)
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake })),
  }
  async function pass(ms: number): Promise<void> {
    const end = now + ms
    for (;;) {
      await settled()
      const next = Math.min(...sleepers.map(({ at }) => at))
      if (next > end) break
      now = next
      const due = sleepers.filter(({ at }) => at <= now)
      sleepers = sleepers.filter(({ at }) => at > now)
      for (const { wake } of due) wake()
    }
    now = end
  }
  return { clock, pass, sleeping: () => sleepers.length }
}
