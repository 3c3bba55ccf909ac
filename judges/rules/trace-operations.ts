import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { TraceInput, TraceJudge, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { costOf } from './cost.ts'
import { hasFailed } from './errors.ts'
import { limit, overLimit, shown } from './operations.ts'
import { createRuleTraceJudge, tracesConfig } from './rule-judge.ts'
import { spanIds } from './trace-calls.ts'
import { traceTree } from './trace-tree.ts'

export const TRACE_OPERATIONS_LABELS = [
  'slow',
  'expensive',
  'too_many_tokens',
  'too_many_model_calls',
  'too_many_tool_calls',
  'too_many_errors',
  'too_deep',
  'cyclic_parents',
] as const
type TraceOperationsLabel = (typeof TRACE_OPERATIONS_LABELS)[number]

export const traceOperationsConfig = z.strictObject({
  enabled: z.boolean().default(true),
  traces: tracesConfig,
  where: whereConfig([]).prefault({}),
  severity: z.enum(SEVERITIES).default('medium'),
  min_spans: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(20)
    .describe('Smaller traces are left to the judges of their spans.'),
  max_duration_ms: limit(6 * 3_600_000, 'Label `slow` above: from the first start to the last end; ms.'),
  max_cost_usd: limit(100, 'Label `expensive` above: the sum of all calls.'),
  max_tokens: limit(20_000_000, 'Label `too_many_tokens` above: input and output of all calls.'),
  max_model_calls: limit(1000, 'Label `too_many_model_calls` above.'),
  max_tool_calls: limit(2000, 'Label `too_many_tool_calls` above: spans of tools.'),
  max_errors: limit(50, 'Label `too_many_errors` above: failed spans without a failed span inside them.'),
  max_depth: limit(100, 'Label `too_deep` above: spans from the root to the deepest one.'),
})

export type TraceOperationsConfig = z.infer<typeof traceOperationsConfig>

/** What a whole trace took: time, money, tokens, calls, errors, depth; and parents that lead back to themselves. */
export function createTraceOperationsJudge(config: TraceOperationsConfig): TraceJudge {
  const { severity } = config

  function judge({ spans, span_count, cut }: TraceInput): Verdicts {
    const { depth, cyclic, calls } = traceTree(spans)
    const measures: readonly (readonly [TraceOperationsLabel, number, number | null, string])[] = [
      ['slow', durationMs(spans), config.max_duration_ms, 'The trace took # ms'],
      ['expensive', sum(calls, (call) => costOf(call)), config.max_cost_usd, 'Its calls cost # USD'],
      ['too_many_tokens', sum(calls, tokensOf), config.max_tokens, 'Its calls used # tokens'],
      ['too_many_model_calls', calls.length, config.max_model_calls, 'The trace holds # calls of models'],
      [
        'too_many_tool_calls',
        count(spans, ({ kind }) => kind === 'tool'),
        config.max_tool_calls,
        'The trace holds # calls of tools',
      ],
      ['too_many_errors', innerFailures(spans), config.max_errors, '# of its spans failed'],
      ['too_deep', depth, config.max_depth, 'Its spans lie # levels deep'],
    ]
    const seen = cut ? ` (${spans.length} of ${span_count} spans were looked at)` : ''
    const found: Verdict[] = measures.flatMap(([label, value, most, sentence]) => {
      if (most === null || value <= most) return []
      const explanation = `${sentence.replace('#', shown(value))}; the limit is ${shown(most)}${seen}.`
      return [overLimit(label, explanation, { times: value / most, severity })]
    })
    if (cyclic.length > 0) {
      const explanation = `The parents of ${cyclic.length} span${cyclic.length === 1 ? '' : 's'} lead back to themselves: ${spanIds(cyclic)}.`
      found.push(verdictOf({ label: 'cyclic_parents', severity, confidence: 1, explanation, evidence: [] }))
    }
    return found.length === 0 ? PASS : found
  }

  const wants = { traces: config.traces, from: { spans: config.min_spans } }
  return createRuleTraceJudge({ name: 'trace_operations', code_version: '1.0.0', config, wants, judge })
}

type Spans = TraceInput['spans']

function sum(spans: Spans, measure: (span: Spans[number]) => number | null): number {
  let total = 0
  for (const span of spans) total += measure(span) ?? 0
  return total
}

function count(spans: Spans, fits: (span: Spans[number]) => boolean): number {
  let total = 0
  for (const span of spans) if (fits(span)) total++
  return total
}

const tokensOf = ({ input_tokens, output_tokens }: Spans[number]) => (input_tokens ?? 0) + (output_tokens ?? 0)

/** Times that were inferred say when a record came, not when something happened. */
function durationMs(spans: Spans): number {
  let first: bigint | undefined
  let last = 0n
  for (const { start_time, end_time, time_inferred } of spans) {
    if (time_inferred) continue
    if (first === undefined || start_time < first) first = start_time
    if (end_time > last) last = end_time
  }
  return first === undefined ? 0 : Number(last - first) / 1e6
}

/** A failure that a child reports is its parents' failure too, and one event. */
function innerFailures(spans: Spans): number {
  const failed = spans.filter(hasFailed)
  const parents = new Set(failed.map(({ parent_span_id }) => parent_span_id))
  return count(failed, ({ span_id }) => !parents.has(span_id))
}
