import { z } from 'zod'
import { SEVERITIES, type Severity } from '../../schemas/evaluation.ts'
import type { LlmSpan, SpanKind } from '../../schemas/llm-span.ts'
import type { Judge, Pattern, Scanned, SpanInput, TextField, TraceInput, TraceJudge, Verdicts } from '../judge.ts'
import { TEXT_FIELDS } from '../judge.ts'
import { patternProblem } from '../pattern-set.ts'
import type { TraceWants } from '../trace-wants.ts'
import { judgeVersion, withSeverities } from '../verdicts.ts'
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

/** By label: how bad a finding is, whatever the judge itself would say. The same for every judge. */
export const severitiesConfig = <const Labels extends readonly string[]>(labels: Labels) =>
  z
    .partialRecord(z.enum(labels), z.enum(SEVERITIES))
    .default({})
    .describe('Severity by label, before all other settings of severity; `none` reports nothing.')

/** For judges that leave it to `createRuleJudge`: to be added to their configuration. */
export const severities = (labels: readonly string[]) => ({ severities: severitiesConfig(labels) })

interface CommonRuleJudge {
  readonly name: string
  /** Raised by hand with every change of the code or its tables that could change a verdict. */
  readonly code_version: string
  readonly config: { readonly where: Where; readonly severities?: Readonly<Partial<Record<string, Severity>>> }
}

export interface RuleJudge extends CommonRuleJudge {
  /** The judge reads `config.severities` itself, and knows findings for which they do not hold. */
  readonly sets_severities?: boolean
  readonly patterns?: readonly Pattern[]
  /** On top of `where`: whether the judge has anything to say about this span. */
  readonly concerns?: (input: SpanInput) => boolean
  readonly judge: (scanned: Scanned<SpanInput>) => Verdicts
}

/** Which traces a judge of traces is asked about: the others are never read back from the store. */
export const tracesConfig = z
  .enum(['agents', 'all'])
  .default('agents')
  .describe(
    '`agents`: traces with agents or tools in them. `all`: the others too; to read a trace back from the store costs.',
  )

export interface RuleTraceJudge extends CommonRuleJudge {
  readonly wants: TraceWants
  /** `isSelected` says which spans `where` names. */
  readonly judge: (trace: TraceInput, isSelected: (span: LlmSpan) => boolean) => Verdicts
}

export function createRuleJudge(rule: RuleJudge): Judge {
  const { name, code_version, config, patterns = [], concerns } = rule
  const isSelected = createSelector(config.where)
  const judge = rule.sets_severities ? rule.judge : judgeWithSeverities(rule.judge, config.severities)
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

/** Applies to a trace where `where` selects at least one of its spans. */
export function createRuleTraceJudge(rule: RuleTraceJudge): TraceJudge {
  const { name, code_version, config, wants } = rule
  const isSelected = createSelector(config.where)
  const judge = judgeWithSeverities(
    ({ input }: Scanned<TraceInput>) => rule.judge(input, isSelected),
    config.severities,
  )
  return {
    name,
    version: judgeVersion(code_version, config),
    tier: 'rule',
    unit: 'trace',
    wants,
    applies: ({ spans }) => spans.some(isSelected),
    evaluate: (inputs) => inputs.map(judge),
  }
}

function judgeWithSeverities<Input>(
  judge: (scanned: Scanned<Input>) => Verdicts,
  severities: CommonRuleJudge['config']['severities'] = {},
): (scanned: Scanned<Input>) => Verdicts {
  if (Object.keys(severities).length === 0) return judge
  return (scanned) => withSeverities(judge(scanned), severities)
}
