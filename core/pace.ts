import { z } from 'zod'
import type { Clock } from './clock.ts'

const SWEEP_MS = 500

/** Config keys of whatever reads bodies from the network. */
export const paceLimits = {
  body_timeout_ms: z.number().int().positive().default(60_000).describe('Within this a body is complete.'),
  body_grace_ms: z.number().int().min(0).default(5000).describe('After this a body must have kept its pace.'),
  min_body_bytes_per_second: z.number().int().min(0).default(1024).describe('The pace of a body, on average.'),
}

export type PaceLimits = { readonly [Key in keyof typeof paceLimits]: z.infer<(typeof paceLimits)[Key]> }

export interface Pace {
  progress(bytes: number): void
  /** Nothing more is expected. Safe to repeat. */
  done(): void
}

/** Calls `onSlow` once when a body falls behind. */
export type WatchPace = (onSlow: () => void) => Pace

interface Watched {
  readonly started: number
  readonly onSlow: () => void
  bytes: number
}

/** Finds senders that hold memory and a place in the queue by sending next to nothing. One timer serves all bodies. */
export function createPaceWatch(limits: PaceLimits, clock: Clock): WatchPace {
  const bodies = new Set<Watched>()
  let sweeping = false

  function isSlow({ started, bytes }: Watched, now: number): boolean {
    const elapsed = now - started
    if (elapsed >= limits.body_timeout_ms) return true
    return elapsed >= limits.body_grace_ms && bytes < (elapsed / 1000) * limits.min_body_bytes_per_second
  }

  async function sweep() {
    sweeping = true
    while (bodies.size > 0) {
      await clock.sleep(SWEEP_MS)
      const now = clock.monotonic()
      for (const body of bodies) {
        if (!isSlow(body, now)) continue
        bodies.delete(body)
        body.onSlow()
      }
    }
    sweeping = false
  }

  return (onSlow) => {
    const body: Watched = { started: clock.monotonic(), onSlow, bytes: 0 }
    bodies.add(body)
    if (!sweeping) void sweep()
    return {
      progress(bytes) {
        body.bytes += bytes
      },
      done() {
        bodies.delete(body)
      },
    }
  }
}
