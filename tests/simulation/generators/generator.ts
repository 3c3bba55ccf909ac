import type { Random } from '../../../core/random.ts'
import type { PlannedRequest, Schedule, Shape } from '../schedule.ts'
import { aLoad, aShape, between, type FaultKind, type Load, pick, within } from './parts.ts'

/** Makes a schedule around one entry of the fault catalogue (guarantees.md). */
export interface Generator {
  readonly name: string
  /** How often it is chosen, beside the others. */
  readonly weight: number
  make(random: Random): Pick<Schedule, 'shape' | 'requests' | 'faults'>
}

interface Plan {
  readonly shape?: (random: Random) => Partial<Shape>
  readonly load?: (random: Random) => Partial<Load>
  readonly faults: (random: Random) => readonly FaultKind[]
  readonly more?: (random: Random) => readonly PlannedRequest[]
  readonly weight?: number
}

export function generator(name: string, plan: Plan): Generator {
  return {
    name,
    weight: plan.weight ?? 2,
    make(random) {
      const load: Load = {
        requests: between(random, 4, 14),
        for_ms: between(random, 500, 6_000),
        ...plan.load?.(random),
      }
      return {
        shape: aShape(random, plan.shape?.(random)),
        requests: [...aLoad(random, load), ...(plan.more?.(random) ?? [])],
        faults: within(random, load.for_ms, plan.faults(random)),
      }
    },
  }
}

export const TABLES = ['spans_rows', 'span_texts_rows', 'span_facts_rows', 'ledger_rows'] as const

export const times = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make)

/** A kill of the judging process at one of the next few times that it is at this step. */
export function killAt(random: Random, step: string, moment: 'before' | 'after'): FaultKind {
  return { kind: 'kill_at', role: 'process', step, nth: between(random, 1, 4), moment }
}

export const anyMoment = (random: Random) => pick(random, ['before', 'after'] as const)
