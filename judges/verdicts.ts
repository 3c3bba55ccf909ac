import { createHash } from 'node:crypto'
import { SEVERITIES } from '../schemas/evaluation.ts'
import type { Evidence, Hit, Severity, Verdict, Verdicts } from './judge.ts'

const MAX_EVIDENCE = 20

const NOTHING_FOUND: Verdict = {
  label: '',
  score: 1,
  passed: true,
  severity: 'none',
  confidence: null,
  explanation: '',
  evidence: Object.freeze([]),
  cost_usd: null,
  error: '',
}

/** The one answer of every judge that found nothing: shared, so that passing costs no memory. */
export const PASS: Verdicts = Object.freeze([Object.freeze(NOTHING_FOUND)])
export const PASS_CUT: Verdicts = Object.freeze([
  Object.freeze({ ...NOTHING_FOUND, explanation: 'Only the first 262144 characters of a longer text were looked at.' }),
])

/** `CODE: sentence`; never quotes customer text. */
export function errorVerdicts(error: string): Verdicts {
  return [{ ...NOTHING_FOUND, score: null, passed: null, error }]
}

const SCORE_OF: Readonly<Record<Severity, number>> = { none: 1, low: 0.75, medium: 0.5, high: 0.25, critical: 0 }

export interface Finding {
  readonly label: string
  readonly severity: Severity
  readonly explanation: string
  readonly evidence: readonly Evidence[]
  readonly confidence?: number
  /** Default: by severity, from 1 (none) to 0 (critical). */
  readonly score?: number
  /** Default: false, unless the severity is `none`. */
  readonly passed?: boolean | null
}

export function verdictOf(finding: Finding): Verdict {
  return {
    label: finding.label,
    score: finding.score ?? SCORE_OF[finding.severity],
    passed: finding.passed === undefined ? finding.severity === 'none' : finding.passed,
    severity: finding.severity,
    confidence: finding.confidence ?? null,
    explanation: finding.explanation,
    evidence: finding.evidence.slice(0, MAX_EVIDENCE),
    cost_usd: null,
    error: '',
  }
}

/** The same findings with other severities; `none` takes a finding out. A score that came from the severity changes with it. */
export function withSeverities(verdicts: Verdicts, by_label: Readonly<Partial<Record<string, Severity>>>): Verdicts {
  if (verdicts === PASS || verdicts === PASS_CUT) return verdicts
  const changed = verdicts.flatMap((verdict): Verdicts => {
    const severity = Object.hasOwn(by_label, verdict.label) ? by_label[verdict.label] : undefined
    if (severity === undefined || verdict.error !== '') return [verdict]
    if (severity === 'none') return []
    const score = verdict.score === SCORE_OF[verdict.severity] ? SCORE_OF[severity] : verdict.score
    return [{ ...verdict, severity, score, passed: verdict.passed === null ? null : false }]
  })
  return changed.length === 0 ? PASS : changed
}

/** The place alone: a hit also holds the text, which must not travel further. */
export const placeOf = ({ path, start, end }: Hit): Evidence => ({ path, start, end })

export const severityRank = (severity: Severity) => SEVERITIES.indexOf(severity)

/** First and last character of a value of at least 8, so that a person can recognise it and nobody can use it. */
export function masked(value: string): string {
  const characters = Array.from(value)
  return characters.length < 8 ? '***' : `${characters[0]}***${characters.at(-1)}`
}

/** Code version and a digest of the configuration: both can change verdicts. */
export function judgeVersion(code: string, config: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 8)
  return `${code}+${digest}`
}
