import { z } from 'zod'
import type { SpanKind } from '../../schemas/llm-span.ts'
import type { Judge, Pattern, Scanned, SpanInput, TextField, Verdicts } from '../judge.ts'
import { TEXT_FIELDS } from '../judge.ts'
import { patternProblem } from '../pattern-set.ts'
import { judgeVersion } from '../verdicts.ts'
import { createSelector, type Where, whereConfig } from '../where.ts'

/** What every rule judge can be told: whether it runs, on which spans, on which texts. */
export const commonConfig = (kinds: readonly SpanKind[], fields: readonly TextField[]) => ({
  enabled: z.boolean().default(true),
  where: whereConfig(kinds).prefault({}),
  /** The texts it looks at. */
  fields: z
    .array(z.enum(TEXT_FIELDS))
    .min(1)
    .default([...fields]),
})

/** A pattern of the user's own, in RE2 syntax. */
export const patternSource = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((source, context) => {
    const problem = patternProblem(source)
    if (problem !== '') context.addIssue({ code: 'custom', message: problem })
  })

export interface RuleJudge {
  readonly name: string
  /** Raised by hand with every change of the code or its tables that could change a verdict. */
  readonly code_version: string
  readonly config: { readonly where: Where }
  readonly patterns?: readonly Pattern[]
  /** On top of `where`: whether the judge has anything to say about this span. */
  readonly concerns?: (input: SpanInput) => boolean
  readonly judge: (scanned: Scanned<SpanInput>) => Verdicts
}

export function createRuleJudge({ name, code_version, config, patterns = [], concerns, judge }: RuleJudge): Judge {
  const isSelected = createSelector(config.where)
  return {
    name,
    version: judgeVersion(code_version, config),
    tier: 'rule',
    unit: 'span',
    patterns,
    applies: (input) => isSelected(input.span) && (concerns === undefined || concerns(input)),
    evaluate: (inputs) => inputs.map(judge),
  }
}
