import type { z } from 'zod'
import type { Judge, Scanned, SpanInput, Verdict, Verdicts } from '../judge.ts'
import { PASS } from '../verdicts.ts'
import { createLimits, durationMs, limit, limitsConfig, overLimit, shown } from './operations.ts'
import { createRuleJudge } from './rule-judge.ts'

export const LATENCY_LABELS = ['slow', 'slow_first_token', 'slow_output'] as const

export const latencyConfig = limitsConfig(['llm', 'embedding', 'retrieval', 'rerank'], {
  max_duration_ms: limit(600_000, 'Label `slow` above; ms.'),
  max_time_to_first_token_ms: limit(120_000, 'Label `slow_first_token` above; ms.'),
  min_tokens_per_second: limit(1, 'Label `slow_output` below: output tokens a second after the first one.'),
})

export type LatencyConfig = z.infer<typeof latencyConfig>

/** Fewer say nothing about speed. */
const MIN_TOKENS = 20

/** How long a call took, until the first token and altogether. Spans whose times were inferred or are unknown are not judged. */
export function createLatencyJudge(config: LatencyConfig): Judge {
  const { severity, max_duration_ms, max_time_to_first_token_ms, min_tokens_per_second } = config
  const limitsOf = createLimits(config, { max_duration_ms, max_time_to_first_token_ms, min_tokens_per_second })

  function judge({ input: { span } }: Scanned<SpanInput>): Verdicts {
    const limits = limitsOf(span)
    const duration = durationMs(span)
    const first = span.time_to_first_token_ms
    const found: Verdict[] = []
    if (limits.max_duration_ms !== null && duration > limits.max_duration_ms) {
      const explanation = `The call took ${shown(duration)} ms; the limit is ${shown(limits.max_duration_ms)} ms.`
      found.push(overLimit('slow', explanation, { times: duration / limits.max_duration_ms, severity }))
    }
    const firstLimit = limits.max_time_to_first_token_ms
    if (first !== null && firstLimit !== null && first > firstLimit) {
      const explanation = `The first token came after ${shown(first)} ms; the limit is ${shown(firstLimit)} ms.`
      found.push(overLimit('slow_first_token', explanation, { times: first / firstLimit, severity }))
    }
    const tokens = span.output_tokens
    if (limits.min_tokens_per_second !== null && tokens !== null && tokens >= MIN_TOKENS && duration > 0) {
      const writing = first !== null && first < duration ? duration - first : duration
      const speed = tokens / (writing / 1000)
      if (speed < limits.min_tokens_per_second) {
        const explanation = `The answer came at ${shown(speed)} tokens a second; at least ${shown(limits.min_tokens_per_second)} are wanted.`
        found.push(overLimit('slow_output', explanation, { times: limits.min_tokens_per_second / speed, severity }))
      }
    }
    return found.length === 0 ? PASS : found
  }

  return createRuleJudge({
    name: 'latency',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) =>
      (!span.time_inferred && span.end_time > span.start_time) || span.time_to_first_token_ms !== null,
    judge,
  })
}
