import type { Clock } from './clock.ts'

/** A project that asked for nothing this long makes nobody wait. */
const ACTIVE_MS = 2000
const SWEEP_MS = 500
const TICK_MS = 2
/** What may come at once after a pause; large enough for a batch of an SDK's exporters, too short to be felt by others. */
const BURST_MS = 25
/** While nobody else sends, work is counted and waits for nothing: this much of it is remembered when somebody does. */
const MAX_DEBT_MS = 250

/** Divides the time of one thread among projects, by what their requests are expected to take and turned out to take. */
export interface TimeShares {
  /** Asks for `ms` of work. null where it can be done at once; else resolves when it is the project's turn. */
  turn(project: string, ms: number): Promise<void> | null
  /** Work that was done beyond what was asked for. */
  spent(project: string, ms: number): void
  /** Turns that are waited for. */
  waiting(): number
}

interface Share {
  level_ms: number
  filled_at: number
  asked_at: number
  readonly queue: { readonly ms: number; wake(): void }[]
}

/**
 * Alone, a project never waits. While others send as well, each has an equal part of the time, at most `max_share` of it
 * (in (0, 1]), and its requests take turns in their order; so what others find in front of them is a few milliseconds, however
 * many connections it has.
 */
export function createTimeShares({ clock, max_share }: { clock: Clock; max_share: number }): TimeShares {
  const shares = new Map<string, Share>()
  let swept_at = clock.monotonic()
  let waiting = 0
  let ticking = false

  function sweep(now: number): void {
    if (now - swept_at < SWEEP_MS) return
    swept_at = now
    for (const [project, { asked_at, queue }] of shares)
      if (queue.length === 0 && now - asked_at > ACTIVE_MS) shares.delete(project)
  }

  function fill(share: Share, now: number): void {
    const rate = Math.min(max_share, 1 / shares.size)
    share.level_ms = Math.min(BURST_MS, share.level_ms + rate * (now - share.filled_at))
    share.filled_at = now
  }

  function take(share: Share, ms: number): void {
    share.level_ms = Math.max(-MAX_DEBT_MS, share.level_ms - ms)
  }

  function serve(share: Share, now: number): void {
    fill(share, now)
    while (share.queue.length > 0 && (share.level_ms > 0 || shares.size === 1)) {
      const { ms, wake } = share.queue.shift()!
      waiting--
      take(share, ms)
      wake()
    }
  }

  async function tick(): Promise<void> {
    ticking = true
    while (waiting > 0) {
      await clock.sleep(TICK_MS)
      const now = clock.monotonic()
      sweep(now)
      for (const share of shares.values()) if (share.queue.length > 0) serve(share, now)
    }
    ticking = false
  }

  return {
    turn(project, ms) {
      const now = clock.monotonic()
      sweep(now)
      const share = shares.get(project) ?? { level_ms: BURST_MS, filled_at: now, asked_at: now, queue: [] }
      shares.set(project, share)
      share.asked_at = now
      fill(share, now)
      if (share.queue.length === 0 && (share.level_ms > 0 || shares.size === 1)) {
        take(share, ms)
        return null
      }
      waiting++
      const turn = new Promise<void>((wake) => share.queue.push({ ms, wake }))
      if (!ticking) void tick()
      return turn
    },
    spent(project, ms) {
      const share = shares.get(project)
      if (share !== undefined) take(share, ms)
    },
    waiting: () => waiting,
  }
}
