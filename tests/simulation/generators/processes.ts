import { type Generator, generator, killAt, TABLES, times } from './generator.ts'
import { between, chance, type FaultKind, pick } from './parts.ts'

/** Processes that die, halt, change hands or are replaced. */
export const PROCESS_FAULTS: readonly Generator[] = [
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
]
