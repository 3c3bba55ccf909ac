import { createRandom, type Random } from '../../../core/random.ts'
import type { Schedule } from '../schedule.ts'
import { DISK_FAULTS } from './disk.ts'
import type { Generator } from './generator.ts'
import { pick } from './parts.ts'
import { PROCESS_FAULTS } from './processes.ts'
import { REQUEST_FAULTS } from './requests.ts'
import { STORE_FAULTS } from './store.ts'

/** The fault catalogue of guarantees.md, as far as one machine can meet it. */
export const GENERATORS: readonly Generator[] = [...PROCESS_FAULTS, ...STORE_FAULTS, ...DISK_FAULTS, ...REQUEST_FAULTS]

/** The schedule of a seed: a generator of the catalogue, chosen by the seed, or the named one. */
export function makeSchedule(seed: number, name?: string): Schedule {
  const random = createRandom(seed)
  const chosen = name === undefined ? choose(random) : GENERATORS.find((one) => one.name === name)
  if (!chosen) throw new RangeError(`there is no generator ${name}`)
  return { seed, name: chosen.name, ...chosen.make(random) }
}

function choose(random: Random): Generator {
  const drawn = GENERATORS.flatMap((one) => new Array<Generator>(one.weight).fill(one))
  return pick(random, drawn)
}
