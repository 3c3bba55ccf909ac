import type { z } from 'zod'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Judge, Scanned, SpanInput, Verdicts } from '../judge.ts'
import { PASS } from '../verdicts.ts'
import { createLimits, limit, limitsConfig, overLimit, shown } from './operations.ts'
import { createRuleJudge } from './rule-judge.ts'

export const COST_LABELS = ['expensive'] as const

export const costConfig = limitsConfig([], {
  max_cost_usd: limit(10, 'Label `expensive` above, for one call.'),
})

export type CostConfig = z.infer<typeof costConfig>

/** Our price, or the sender's where the model is not on our list. */
export const costOf = ({ cost_usd, reported_cost_usd }: LlmSpan) => cost_usd ?? reported_cost_usd

/** What one call cost. What agents and chains report of their children is no cost of theirs; calls without a known cost are not judged. */
export function createCostJudge(config: CostConfig): Judge {
  const { severity, max_cost_usd } = config
  const limitsOf = createLimits(config, { max_cost_usd })

  function judge({ input: { span } }: Scanned<SpanInput>): Verdicts {
    const cost = costOf(span) ?? 0
    const most = limitsOf(span).max_cost_usd
    if (most === null || cost <= most) return PASS
    const explanation = `The call cost ${shown(cost)} USD; the limit is ${shown(most)} USD.`
    return [overLimit('expensive', explanation, { times: cost / most, severity })]
  }

  return createRuleJudge({
    name: 'cost',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.is_call && costOf(span) !== null,
    judge,
  })
}
