import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { TraceInput, TraceJudge, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { hasFailed } from './errors.ts'
import { createRuleTraceJudge, tracesConfig } from './rule-judge.ts'
import { callName, inputKey, spanIds } from './trace-calls.ts'

export const RETRIES_LABELS = ['retried', 'gave_up'] as const

export const retriesConfig = z.strictObject({
  enabled: z.boolean().default(true),
  traces: tracesConfig,
  where: whereConfig(['llm', 'embedding', 'rerank', 'retrieval', 'tool']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Of `gave_up`; `retried` is one step milder.'),
  max_failed_attempts: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .describe('So often may the same call fail in a trace.'),
})

export type RetriesConfig = z.infer<typeof retriesConfig>

/** HTTP clients count how often they sent a request again (OpenTelemetry's HTTP conventions, both spellings). */
const RESEND_COUNTS = ['http.request.resend_count', 'http.resend_count']
const MAX_RESENDS = 10_000

/** Failures of the same call, one after the other. */
interface Run {
  readonly failed: LlmSpan[]
  failures: number
  worked: boolean
}

/**
 * The same call that fails again and again in one trace: `retried` where it worked in the end, `gave_up` where it did not.
 * The same call: same name and input; where the input was not captured, under the same parent. What HTTP clients say
 * about requests they sent again counts as well.
 */
export function createRetriesJudge(config: RetriesConfig): TraceJudge {
  const { severity, max_failed_attempts } = config
  const milder = SEVERITIES[Math.min(SEVERITIES.indexOf(severity), Math.max(1, SEVERITIES.indexOf(severity) - 1))]!

  function judge({ spans }: TraceInput, isSelected: (span: LlmSpan) => boolean): Verdicts {
    const open = new Map<string, Run>()
    const tooMany: Run[] = []
    for (const span of spans) {
      if (!isSelected(span)) continue
      const failed = hasFailed(span)
      const failures = (failed ? 1 : 0) + resendsOf(span)
      const key = attemptKey(span)
      let run = open.get(key)
      if (run === undefined) {
        if (failures === 0) continue
        run = { failed: [], failures: 0, worked: false }
        open.set(key, run)
      }
      const before = run.failures
      run.failures += failures
      if (failures > 0) run.failed.push(span)
      if (before <= max_failed_attempts && run.failures > max_failed_attempts) tooMany.push(run)
      if (failed) continue
      run.worked = true
      open.delete(key)
    }
    if (tooMany.length === 0) return PASS
    return [
      verdictFor(
        'gave_up',
        tooMany.filter(({ worked }) => !worked),
      ),
      verdictFor(
        'retried',
        tooMany.filter(({ worked }) => worked),
      ),
    ].filter((verdict) => verdict !== null)
  }

  function verdictFor(label: (typeof RETRIES_LABELS)[number], runs: readonly Run[]): Verdict | null {
    if (runs.length === 0) return null
    const worst = runs.reduce((most, one) => (one.failures > most.failures ? one : most))
    const end = label === 'gave_up' ? 'and never worked' : 'before it worked'
    const more = runs.length > 1 ? `, and ${runs.length - 1} more` : ''
    return verdictOf({
      label,
      severity: label === 'gave_up' ? severity : milder,
      confidence: 0.9,
      explanation: `The same call failed ${worst.failures} times ${end}: ${spanIds(worst.failed)}${more}.`,
      evidence: [],
    })
  }

  const wants = { traces: config.traces, from: { failed_spans: 1 } }
  return createRuleTraceJudge({ name: 'retries', code_version: '1.0.0', config, wants, judge })
}

function attemptKey(span: LlmSpan): string {
  const input = inputKey(span)
  return `${span.kind} ${callName(span)} ${input === '' ? `under ${span.parent_span_id}` : input}`
}

function resendsOf({ attributes }: LlmSpan): number {
  if (attributes.size === 0) return 0
  for (const name of RESEND_COUNTS) {
    const count = Number(attributes.get(name))
    if (Number.isInteger(count) && count > 0) return Math.min(count, MAX_RESENDS)
  }
  return 0
}
