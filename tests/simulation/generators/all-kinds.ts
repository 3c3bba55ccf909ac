import type { Random } from '../../../core/random.ts'
import { between, chance, type FaultKind, HOUR_MS, pick } from './parts.ts'

const STEPS = [
  'insert spans_rows',
  'insert ledger_rows',
  'write commits',
  'sync commits',
  'publish commits',
  'rename commits',
  'sync otlp_spans',
  'write otlp_spans',
  'open otlp_spans',
  'syncdir otlp_spans',
  'publish otlp_spans',
  'sync dead_letters',
  'list',
  'query',
]

/** One fault of any kind that a single machine can meet and survive. */
export function faultsOfAllKinds(random: Random): FaultKind {
  const role = pick(random, ['ingest', 'process'] as const)
  switch (random(18)) {
    case 0:
      return {
        kind: 'kill_at',
        role,
        step: '',
        nth: between(random, 1, 700),
        moment: pick(random, ['before', 'after']),
      }
    case 1:
      return { kind: 'restart', role }
    case 2:
    case 3: {
      const step = pick(random, STEPS)
      return { kind: 'kill_at', role, step, nth: between(random, 1, 6), moment: pick(random, ['before', 'after']) }
    }
    case 4:
      return { kind: 'power_loss' }
    case 5:
      return { kind: 'halt', role, for_ms: between(random, 50, 15_000) }
    case 6:
      return { kind: 'deploy', version: random(3), config: random(2), drain: chance(random, 50) }
    case 7:
      return { kind: 'configure', config: random(2) }
    case 8:
      return { kind: 'clock_jump', by_ms: pick(random, [-1, 1]) * random(3 * HOUR_MS) }
    case 9:
      return {
        kind: pick(random, ['store_refuses', 'store_hangs', 'store_crash']),
        for_ms: between(random, 100, 30_000),
      }
    case 10: {
      const fate = pick(random, ['lose_answer', 'partial', 'late', 'refuse'] as const)
      const table = pick(random, ['spans_rows', 'span_texts_rows', 'span_facts_rows', 'ledger_rows'])
      return { kind: 'insert', table, fate, delay_ms: fate === 'late' ? between(random, 100, 5_000) : 0 }
    }
    case 11:
      return { kind: 'disk_full', for_ms: between(random, 100, 5_000) }
    case 12:
    case 13:
      return { kind: 'reconcile' }
    case 14:
      return { kind: 'fail_sync', topic: pick(random, ['otlp_spans', 'commits', 'dead_letters', 'project_configs']) }
    case 15:
      return {
        kind: 'slow',
        path: `/${pick(random, ['otlp_spans', 'commits'])}/`,
        factor: between(random, 5, 200),
        for_ms: 3_000,
      }
    case 16:
      return { kind: 'short_write', topic: pick(random, ['otlp_spans', 'commits']) }
    default:
      return { kind: 'member', joins: chance(random, 60) }
  }
}
