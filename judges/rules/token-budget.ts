import type { z } from 'zod'
import type { Judge, Scanned, SpanInput, Verdict, Verdicts } from '../judge.ts'
import { PASS } from '../verdicts.ts'
import { createLimits, limit, limitsConfig, overLimit, shown } from './operations.ts'
import { createRuleJudge } from './rule-judge.ts'

export const TOKEN_BUDGET_LABELS = ['too_many_input_tokens', 'too_many_output_tokens', 'near_max_tokens'] as const

export const tokenBudgetConfig = limitsConfig(['llm', 'embedding', 'rerank'], {
  max_input_tokens: limit(1_000_000, 'Label `too_many_input_tokens` above; cached ones count.'),
  max_output_tokens: limit(100_000, 'Label `too_many_output_tokens` above; reasoning counts.'),
  max_share_of_max_tokens: limit(
    null,
    'Label `near_max_tokens` above: output tokens as a share of the `max_tokens` asked for, such as 0.9.',
  ),
})

export type TokenBudgetConfig = z.infer<typeof tokenBudgetConfig>

/** How many tokens a call used. An answer that was cut at its limit is the business of the truncation judge. */
export function createTokenBudgetJudge(config: TokenBudgetConfig): Judge {
  const { severity, max_input_tokens, max_output_tokens, max_share_of_max_tokens } = config
  const limitsOf = createLimits(config, { max_input_tokens, max_output_tokens, max_share_of_max_tokens })

  function judge({ input: { span } }: Scanned<SpanInput>): Verdicts {
    const { input_tokens, output_tokens, parameters } = span
    const limits = limitsOf(span)
    const found: Verdict[] = []
    if (limits.max_input_tokens !== null && input_tokens !== null && input_tokens > limits.max_input_tokens) {
      const explanation = `The call read ${shown(input_tokens)} tokens; the budget is ${shown(limits.max_input_tokens)}.`
      found.push(
        overLimit('too_many_input_tokens', explanation, { times: input_tokens / limits.max_input_tokens, severity }),
      )
    }
    if (limits.max_output_tokens !== null && output_tokens !== null && output_tokens > limits.max_output_tokens) {
      const explanation = `The call wrote ${shown(output_tokens)} tokens; the budget is ${shown(limits.max_output_tokens)}.`
      found.push(
        overLimit('too_many_output_tokens', explanation, { times: output_tokens / limits.max_output_tokens, severity }),
      )
    }
    const most = limits.max_share_of_max_tokens
    const asked = parameters.max_tokens
    if (most !== null && asked !== null && asked > 0 && output_tokens !== null && output_tokens > most * asked) {
      const explanation = `The answer used ${shown((100 * output_tokens) / asked)} % of the ${shown(asked)} tokens allowed.`
      found.push(overLimit('near_max_tokens', explanation, { times: output_tokens / (most * asked), severity }))
    }
    return found.length === 0 ? PASS : found
  }

  return createRuleJudge({
    name: 'token_budget',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.input_tokens !== null || span.output_tokens !== null,
    judge,
  })
}
