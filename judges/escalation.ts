import { z } from 'zod'
import { type Evaluation, SEVERITIES, type Severity } from '../schemas/evaluation.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import type { TraceInput } from './judge.ts'
import { severityRank } from './verdicts.ts'
import { createSelector, whereConfig } from './where.ts'

const MAX_RULES = 200
const FAILING = SEVERITIES.slice(1) as [Severity, ...Severity[]]

/** As judges and alerts are named in tables and metrics. */
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'small letters, digits, - and _, at most 64, a letter first.')

const escalationRule = z
  .strictObject({
    when: z
      .strictObject({
        judge: name.optional().describe('Whose verdict; by default any judge.'),
        label: z.string().min(1).max(64).optional().describe('Which finding; by default any.'),
        severity: z.enum(FAILING).default('low').describe('At least so bad.'),
        where: whereConfig([]).prefault({}),
      })
      .prefault({}),
    judges: z.array(name).max(20).default([]).describe('Who else is to look at this span or trace.'),
    alert: name.optional().describe('The alert to raise.'),
  })
  .refine(({ judges, alert }) => judges.length > 0 || alert !== undefined, 'needs `judges`, `alert` or both.')

/** The `judges.escalation` section: what follows from a failed verdict. */
export const escalationConfig = z
  .array(escalationRule)
  .max(MAX_RULES)
  .default([])
  .describe('What follows from a failed verdict. Every rule that fits counts.')

/** The `judges.external_judges` section: judges that are run by others, so that rules may name them. */
export const externalJudgesConfig = z
  .array(name)
  .max(MAX_RULES)
  .default([])
  .describe('Judges that run elsewhere and that `escalation` may name.')

export type EscalationRule = z.infer<typeof escalationRule>

export interface EscalationProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** Names and labels that nobody has. `known`: the labels of each judge, null where they are the user's own. */
export function escalationProblems(
  rules: readonly EscalationRule[],
  known: ReadonlyMap<string, readonly string[] | null>,
): readonly EscalationProblem[] {
  const unknown = 'is no judge: neither shipped, nor in `custom`, nor in `external_judges`.'
  return rules.flatMap(({ when, judges }, index) => {
    const problems: EscalationProblem[] = []
    const labels = when.judge === undefined ? null : known.get(when.judge)
    if (labels === undefined) problems.push({ path: [index, 'when', 'judge'], message: unknown })
    if (when.label !== undefined && labels && !labels.includes(when.label)) {
      const message = `is no label of ${when.judge}: it has ${labels.join(', ')}.`
      problems.push({ path: [index, 'when', 'label'], message })
    }
    for (const [at, judge] of judges.entries()) {
      if (!known.has(judge)) problems.push({ path: [index, 'judges', at], message: unknown })
    }
    return problems
  })
}

/** What follows from the verdicts on one span or trace: names, each once, in the order of the rules. */
export interface Escalations {
  readonly judges: readonly string[]
  readonly alerts: readonly string[]
}

export const NO_ESCALATIONS: Escalations = Object.freeze({ judges: Object.freeze([]), alerts: Object.freeze([]) })

export interface Escalate {
  /** Nothing follows from a span that passed: then this costs nothing. */
  ofSpan(judged: Pick<JudgedSpan, 'span' | 'evaluations' | 'outcome'>): Escalations
  /** `where` fits a trace where it fits one of its spans. */
  ofTrace(trace: Pick<TraceInput, 'spans'>, evaluations: readonly Evaluation[]): Escalations
}

/** A pure function of the rules and the verdicts; verdicts of the shadow track lead to nothing. */
export function createEscalate(rules: readonly EscalationRule[]): Escalate {
  const compiled = rules.map(({ when, judges, alert }) => ({
    ...when,
    rank: severityRank(when.severity),
    isSelected: createSelector(when.where),
    judges,
    alert,
  }))

  function follow(evaluations: readonly Evaluation[], spans: readonly LlmSpan[]): Escalations {
    const failed = evaluations.filter(({ track, verdicts }) => track === 'live' && verdicts.some(isFailure))
    if (failed.length === 0) return NO_ESCALATIONS
    const fitting = compiled.filter(
      ({ judge, label, rank, isSelected }) =>
        failed.some(
          (evaluation) =>
            (judge === undefined || evaluation.judge === judge) &&
            evaluation.verdicts.some(
              (verdict) =>
                isFailure(verdict) &&
                (label === undefined || verdict.label === label) &&
                severityRank(verdict.severity) >= rank,
            ),
        ) && spans.some(isSelected),
    )
    if (fitting.length === 0) return NO_ESCALATIONS
    return {
      judges: [...new Set(fitting.flatMap(({ judges }) => judges))],
      alerts: [...new Set(fitting.flatMap(({ alert }) => (alert === undefined ? [] : [alert])))],
    }
  }

  return {
    ofSpan({ span, evaluations, outcome }) {
      if (outcome.passed !== false || compiled.length === 0) return NO_ESCALATIONS
      return follow(evaluations, [span])
    },
    ofTrace: ({ spans }, evaluations) => (compiled.length === 0 ? NO_ESCALATIONS : follow(evaluations, spans)),
  }
}

const isFailure = ({ passed }: Evaluation['verdicts'][number]) => passed === false
