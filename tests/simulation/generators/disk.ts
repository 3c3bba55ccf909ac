import { type Generator, generator, times } from './generator.ts'
import { between, chance, pick } from './parts.ts'

/** Disks that are full, slow, damaged, or lose what they were not made to keep. */
export const DISK_FAULTS: readonly Generator[] = [
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
  generator('killed at a new segment, then the power goes', {
    shape: () => ({ segment_bytes: 3_000 }),
    load: (random) => ({ requests: between(random, 14, 20) }),
    faults: (random) => [
      { kind: 'kill_at', role: 'ingest', step: 'syncdir otlp_spans', nth: between(random, 1, 4), moment: 'before' },
      { kind: 'power_loss' },
    ],
  }),
  generator('killed at its first start, then the power goes', {
    faults: (random) => [
      {
        kind: 'kill_at',
        role: pick(random, ['ingest', 'process']),
        step: '',
        nth: between(random, 1, 80),
        moment: 'before',
        at_ms: 0,
      },
      { kind: 'power_loss' },
    ],
  }),
  generator('the power goes', {
    faults: (random) => times(between(random, 1, 2), () => ({ kind: 'power_loss' })),
    weight: 4,
  }),
  generator('the log is full', {
    shape: (random) => ({
      retention_bytes: between(random, 12_000, 30_000),
      segment_bytes: 3_000,
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
  generator('a bit flips on the disk', {
    faults: (random) => [
      { kind: 'flip_bit', for_ms: between(random, 500, 5_000) },
      ...(chance(random, 50) ? [{ kind: 'kill', role: pick(random, ['ingest', 'process'] as const) } as const] : []),
    ],
    weight: 1,
  }),
]
