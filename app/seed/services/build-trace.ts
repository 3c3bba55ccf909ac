import type { Random } from '../../../core/random.ts'
import type { FaultName } from '../faults.ts'
import type { Trace } from '../trace.ts'
import { chance, skewed } from '../words.ts'

/** What a service is asked to make: one trace, at its time, with the faults that are in force then. */
export interface TraceGiven {
  readonly random: Random
  readonly trace_id: string
  readonly start_ms: number
  readonly active: (fault: FaultName) => boolean
  /** Counts spans that a fault made what they are. */
  readonly hit: (fault: FaultName, spans?: number) => void
}

export type BuildTrace = (given: TraceGiven) => Trace

export interface Visitor {
  readonly user: string
  readonly session: string
  /** One of the accounts that were made for the injection wave. */
  readonly attacker: boolean
}

const DAY_MS = 86_400_000
const ATTACKERS = 40
const ATTACKS_PERCENT = 20

/** Who asks: some come often, most come seldom. A session is a visitor's day. */
export function visitorOf({ random, start_ms, active }: TraceGiven, prefix: string): Visitor {
  const attacker = prefix === 'user' && active('injection_wave') && chance(random, ATTACKS_PERCENT)
  const user = attacker ? `trial-${10_000 + random(ATTACKERS)}` : `${prefix}-${1_000 + skewed(random, 0, 4_000)}`
  return { user, session: `${user}-${Math.floor(start_ms / DAY_MS)}`, attacker }
}
