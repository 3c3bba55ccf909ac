import type { Random } from '../../../core/random.ts'
import type { PlannedRequest } from '../schedule.ts'
import { faultsOfAllKinds } from './all-kinds.ts'
import { type Generator, generator, killAt, times } from './generator.ts'
import { between, chance, DAY_MS, HOUR_MS, pick } from './parts.ts'

/** A request with a span on each of so many days, and one of 1970. */
function manyDays(random: Random, days: number): PlannedRequest {
  const spans = Array.from({ length: days }, (_, day) => ({
    trace: 900,
    span: 90_000 + day,
    parent: 0,
    start_ms: -day * DAY_MS,
    is_finished: true,
  }))
  const old = { ...spans[0]!, span: 99_999, start_ms: -Date.UTC(2026, 0, 1) }
  return {
    at_ms: random(2_000),
    spans: [...spans, old],
    kind: 'protobuf',
    lost_answers: random(2),
    repeat_after_ms: 500,
  }
}

/** What senders, operators and clocks do. */
export const REQUEST_FAULTS: readonly Generator[] = [
  generator('poison among many', {
    load: (random) => ({ requests: between(random, 20, 60), hostile: 10, most_spans: 2 }),
    faults: () => [],
  }),
  generator('the same request twice, also across midnight', {
    shape: (random) => ({ start_ms: Date.UTC(2026, 10, 21) - random(4_000) }),
    load: () => ({ lost_answers: 40, repeats: 60 }),
    faults: (random) => (chance(random, 50) ? [{ kind: 'clock_jump', by_ms: between(random, 1, 30) * HOUR_MS }] : []),
  }),
  generator('many days in one request, and 1970', {
    more: (random) => [manyDays(random, between(random, 60, 80))],
    faults: (random) =>
      chance(random, 60)
        ? [killAt(random, 'insert', 'after'), { kind: 'insert', table: 'spans_rows', fate: 'partial', delay_ms: 0 }]
        : [],
  }),
  generator('clock jump', {
    faults: (random) => [
      ...times(
        between(random, 1, 3),
        () =>
          ({
            kind: 'clock_jump',
            by_ms: pick(random, [-1, 1]) * random(pick(random, [60_000, 2 * HOUR_MS, 2 * DAY_MS])),
          }) as const,
      ),
      ...(chance(random, 50) ? [{ kind: 'kill', role: pick(random, ['ingest', 'process'] as const) } as const] : []),
    ],
  }),
  generator('the clock goes forward and back before a kill', {
    load: (random) => ({ requests: 14, for_ms: between(random, 25_000, 40_000), age_ms: (draw) => draw(2) * HOUR_MS }),
    faults: (random) => {
      const by_ms = between(random, 1, 20) * HOUR_MS
      return [
        { kind: 'clock_jump', by_ms, at_ms: between(random, 1_000, 9_000) },
        { kind: 'clock_jump', by_ms: -by_ms, at_ms: between(random, 13_000, 19_000) },
        { kind: 'kill', role: 'process', at_ms: between(random, 20_000, 40_000) },
      ]
    },
    weight: 1,
  }),
  generator('an operator looks while it runs', {
    faults: (random) => [
      ...times(between(random, 2, 6), () => ({ kind: 'reconcile' }) as const),
      faultsOfAllKinds(random),
    ],
    weight: 1,
  }),
  generator('everything at once', {
    faults: (random) => times(between(random, 2, 6), () => faultsOfAllKinds(random)),
    weight: 20,
  }),
]
