import type { Clock } from './clock.ts'

/** Refusals a second that one sender is answered at once, and how many of them in a row. */
const ANSWERS_PER_SECOND = 50
const BURST = 20
/** Well below the 10 s after which exporters give up. */
const MAX_HOLD_MS = 4000
/** Each is some 20 KB over gRPC, where one connection has many calls; beyond this, refusing at once costs less. */
const MAX_HELD = 4096
const SWEEP_MS = 60_000

/**
 * Resolves when the next refusal of `sender` is to be answered, at once when `signal` is aborted; null where it is not kept
 * back at all. Never rejects.
 */
export type HoldRefusal = (sender: string, signal: AbortSignal) => Promise<void> | null

/**
 * Who does not wait for Retry-After is answered later and later, at a steady pace: a sender's connections wait for their
 * answers, and refusing it costs next to nothing however many requests it has. One refusal now and then is answered at once.
 */
export function createRefusalHold(clock: Clock): HoldRefusal {
  const interval_ms = 1000 / ANSWERS_PER_SECOND
  const free_ms = (BURST - 1) * interval_ms
  /** When a sender's next answer would be due if it had been answered at the pace all along. */
  const due = new Map<string, number>()
  let held = 0
  let swept_at = clock.monotonic()

  function sweep(now: number): void {
    if (now - swept_at < SWEEP_MS) return
    swept_at = now
    for (const [sender, at] of due) if (at <= now) due.delete(sender)
  }

  function delayOf(sender: string): number {
    const now = clock.monotonic()
    sweep(now)
    const at = Math.max(due.get(sender) ?? 0, now)
    const hold_ms = Math.max(0, at - now - free_ms)
    if (hold_ms >= MAX_HOLD_MS) return MAX_HOLD_MS
    due.set(sender, at + interval_ms)
    return hold_ms
  }

  return function holdRefusal(sender, signal) {
    const hold_ms = delayOf(sender)
    if (hold_ms === 0 || held >= MAX_HELD) return null
    held++
    const release = () => void held--
    return clock.sleep(hold_ms, signal).then(release, release)
  }
}
