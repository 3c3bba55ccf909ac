import { createRandom, type Random } from '../../../core/random.ts'
import type { PlannedRequest, Schedule, Shape } from '../schedule.ts'
import { faultsOfAllKinds } from './all-kinds.ts'
import { aLoad, aShape, between, chance, DAY_MS, type FaultKind, HOUR_MS, type Load, pick, within } from './parts.ts'

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

function generator(name: string, plan: Plan): Generator {
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

const TABLES = ['spans_rows', 'span_texts_rows', 'span_facts_rows', 'ledger_rows'] as const
const times = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make)

function killAt(random: Random, step: string, moment: 'before' | 'after'): FaultKind {
  return { kind: 'kill_at', role: 'process', step, nth: between(random, 1, 4), moment }
}

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

export const GENERATORS: readonly Generator[] = [
  generator('quiet', { faults: () => [], weight: 1 }),
  generator('kill between insert and commit', {
    faults: (random) => times(between(random, 1, 3), () => killAt(random, `insert ${pick(random, TABLES)}`, 'after')),
  }),
  generator('kill at the commit', {
    faults: (random) =>
      times(between(random, 1, 3), () =>
        killAt(
          random,
          pick(random, ['write commits', 'sync commits', 'publish commits']),
          pick(random, ['before', 'after']),
        ),
      ),
  }),
  generator('kill between two deliveries', {
    shape: () => ({ deliver_spans: true }),
    faults: (random) => [
      killAt(
        random,
        pick(random, ['insert spans_rows', 'sync llm_spans', 'write llm_spans', 'insert ledger_rows']),
        pick(random, ['before', 'after']),
      ),
    ],
  }),
  generator('kill -9 at any moment', {
    faults: (random) =>
      times(between(random, 1, 5), () => ({
        kind: 'kill_at',
        role: pick(random, ['ingest', 'process']),
        step: '',
        nth: between(random, 1, 700),
        moment: pick(random, ['before', 'after']),
      })),
  }),
  generator('kill the collector at a write', {
    faults: (random) =>
      times(
        between(random, 1, 3),
        () =>
          ({
            ...killAt(
              random,
              pick(random, ['write', 'sync', 'publish', 'open', 'syncdir']),
              pick(random, ['before', 'after']),
            ),
            role: 'ingest',
          }) as FaultKind,
      ),
  }),
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
  generator('poison among many', {
    load: (random) => ({ requests: between(random, 20, 60), hostile: 10, most_spans: 2 }),
    faults: () => [],
  }),
  generator('rebalance storm', {
    shape: () => ({ partitions: 3 }),
    faults: (random) => [
      ...times(between(random, 3, 10), () => ({ kind: 'member', joins: chance(random, 60) }) as const),
      ...(chance(random, 30) ? [{ kind: 'store_hangs', for_ms: 15_000 } as const] : []),
    ],
  }),
  generator('a zombie wakes', {
    faults: (random) => [
      { kind: 'halt', role: pick(random, ['process', 'ingest']), for_ms: between(random, 100, 20_000) },
      ...(chance(random, 50) ? [{ kind: 'member', joins: true } as const] : []),
    ],
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
  generator('another version in the middle of a range', {
    faults: (random) =>
      times(between(random, 1, 3), () => ({
        kind: 'deploy',
        version: random(3),
        config: random(2),
        drain: chance(random, 40),
      })),
  }),
  generator('another configuration while it runs', {
    faults: (random) => [
      ...times(between(random, 1, 4), () => ({ kind: 'configure', config: random(2) }) as const),
      ...(chance(random, 50) ? [killAt(random, 'insert', 'after')] : []),
    ],
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
  generator('disk full', {
    faults: (random) => [
      { kind: 'disk_full', for_ms: between(random, 200, 8_000) },
      ...(chance(random, 40) ? [{ kind: 'kill', role: pick(random, ['ingest', 'process'] as const) } as const] : []),
    ],
  }),
  generator('a short write', {
    faults: (random) =>
      times(between(random, 1, 3), () => ({
        kind: 'short_write',
        topic: pick(random, ['otlp_spans', 'commits', 'dead_letters']),
      })),
  }),
  generator('a flush fails', {
    faults: (random) => [
      { kind: 'fail_sync', topic: pick(random, ['otlp_spans', 'otlp_spans', 'commits', 'llm_spans']) },
    ],
  }),
  generator('a flush fails, then the power goes', {
    faults: () => [{ kind: 'fail_sync', topic: 'otlp_spans' }, { kind: 'power_loss' }],
  }),
  generator('an operator looks while it runs', {
    faults: (random) => [
      ...times(between(random, 2, 6), () => ({ kind: 'reconcile' }) as const),
      faultsOfAllKinds(random),
    ],
    weight: 1,
  }),
  generator('the power goes', {
    faults: (random) => times(between(random, 1, 2), () => ({ kind: 'power_loss' })),
    weight: 4,
  }),
  generator('the log is full', {
    shape: (random) => ({
      retention_bytes: between(random, 12_000, 30_000),
      segment_bytes: 3_000,
      deliver_spans: false,
    }),
    load: () => ({ requests: 40, for_ms: 4_000, hostile: 0 }),
    faults: (random) => (chance(random, 60) ? [{ kind: 'store_refuses', for_ms: 5_000 }] : []),
  }),
  generator('old segments go', {
    shape: (random) => ({ retention_ms: between(random, 5_000, 60_000), segment_bytes: 3_000 }),
    load: (random) => ({ requests: 10, for_ms: between(random, 10_000, 100_000), hostile: 0 }),
    faults: (random) => [
      { kind: 'store_hangs', for_ms: between(random, 1_000, 20_000) },
      { kind: 'clock_jump', by_ms: 600_000 },
    ],
    weight: 1,
  }),
  generator('one slow partition', {
    shape: () => ({ partitions: 3 }),
    faults: (random) => [
      {
        kind: 'slow',
        path: `/otlp_spans/${random(3)}/`,
        factor: between(random, 50, 3_000),
        for_ms: between(random, 1_000, 10_000),
      },
    ],
  }),
  generator('more inserts than tokens are remembered', {
    shape: (random) => ({ token_window: between(random, 0, 3), max_items: 3 }),
    faults: (random) => [
      ...times(between(random, 1, 3), () => killAt(random, 'insert', 'after')),
      { kind: 'insert', table: 'spans_rows', fate: 'lose_answer', delay_ms: 0 },
    ],
  }),
  generator('a bit flips on the disk', {
    faults: (random) => [
      { kind: 'flip_bit', for_ms: between(random, 500, 5_000) },
      ...(chance(random, 50) ? [{ kind: 'kill', role: pick(random, ['ingest', 'process'] as const) } as const] : []),
    ],
    weight: 1,
  }),
  generator('everything at once', {
    faults: (random) => times(between(random, 2, 6), () => faultsOfAllKinds(random)),
    weight: 20,
  }),
]

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
