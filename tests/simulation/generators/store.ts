import { type Generator, generator, killAt, TABLES, times } from './generator.ts'
import { between, chance, DAY_MS, pick } from './parts.ts'

/** A store that is away, slow, forgetful or half done. */
export const STORE_FAULTS: readonly Generator[] = [
  generator('answer lost after the insert', {
    faults: (random) =>
      times(between(random, 1, 4), () => ({
        kind: 'insert',
        table: pick(random, TABLES),
        fate: 'lose_answer',
        delay_ms: 0,
      })),
  }),
  generator('part of an insert fails', {
    load: () => ({ age_ms: (random) => random(3) * DAY_MS }),
    faults: (random) =>
      times(between(random, 1, 4), () => ({
        kind: 'insert',
        table: pick(random, TABLES),
        fate: 'partial',
        delay_ms: 0,
      })),
  }),
  generator('an insert that was given up is done later', {
    faults: (random) => [
      { kind: 'insert', table: pick(random, TABLES), fate: 'late', delay_ms: between(random, 100, 8_000) },
      ...(chance(random, 60) ? [{ kind: 'kill', role: 'process' } as const] : []),
      ...(chance(random, 40) ? [{ kind: 'deploy', version: 1, config: random(2), drain: false } as const] : []),
    ],
  }),
  generator('the store refuses for minutes', {
    faults: (random) => [{ kind: 'store_refuses', for_ms: between(random, 1_000, 150_000) }],
  }),
  generator('the store hangs', {
    faults: (random) => [
      { kind: 'store_hangs', for_ms: between(random, 500, 40_000) },
      ...(chance(random, 50) ? [{ kind: 'kill', role: 'process' } as const] : []),
    ],
  }),
  generator('the store crashes', {
    faults: (random) =>
      times(between(random, 1, 2), () => ({ kind: 'store_crash', for_ms: between(random, 100, 5_000) })),
  }),
  generator('more inserts than tokens are remembered', {
    shape: (random) => ({ token_window: between(random, 0, 3), max_items: 3 }),
    faults: (random) => [
      ...times(between(random, 1, 3), () => killAt(random, 'insert', 'after')),
      { kind: 'insert', table: 'spans_rows', fate: 'lose_answer', delay_ms: 0 },
    ],
  }),
]
