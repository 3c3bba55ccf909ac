export const SEVERITIES = ['none', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
export const TIERS = ['rule', 'model', 'llm', 'human', 'external'] as const
export type Tier = (typeof TIERS)[number]

/**
 * Where in the span's text a verdict points. `path` is `system`, `query`, `input/<message>/<part>`,
 * `output/<message>/<part>` or `document/<index>`; `start` and `end` are Unicode code points into that text (as Python
 * and ClickHouse's substringUTF8 count), end exclusive.
 */
export interface Evidence {
  readonly path: string
  readonly start: number
  readonly end: number
}

export interface Verdict {
  /** A closed set per judge, snake_case, e.g. `credit_card`, `truncated`; '' for a plain pass. */
  readonly label: string
  /** [0, 1], 1 is good; null on error or where the judge gives none. */
  readonly score: number | null
  /** null: not decided (an error, or a score without a threshold). */
  readonly passed: boolean | null
  readonly severity: Severity
  /** [0, 1]; null where the judge gives none. */
  readonly confidence: number | null
  /** For a person; never repeats a secret or personal data. */
  readonly explanation: string
  readonly evidence: readonly Evidence[]
  readonly cost_usd: number | null
  /** '' or `CODE: sentence`: the judgement failed; counted, never a pass. */
  readonly error: string
}

/** One judge's list of verdicts on one unit, and where they came from. */
export interface Evaluation {
  /** gen_ai.evaluation.name */
  readonly judge: string
  readonly judge_version: string
  readonly tier: Tier
  readonly track: 'live' | 'shadow'
  readonly verdicts: readonly Verdict[]
}

export type EvaluationOutcome = 'passed' | 'failed' | 'error' | 'undecided'

/** All tier-1 evaluations of a span as one answer. */
export interface SpanOutcome {
  /** true: every judge that ran passed; false: at least one failed; null: an error and no failure, or nothing ran. */
  readonly passed: boolean | null
  /** The worst severity among failures, `none` without one. */
  readonly severity: Severity
  /** The lowest score, null without any. */
  readonly quality_score: number | null
  /** Judges whose failure or error decided, worst first. */
  readonly deciding_judges: readonly string[]
}
