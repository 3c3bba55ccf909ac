import type { Evaluation, EvaluationOutcome, Severity, SpanOutcome } from '../schemas/evaluation.ts'
import { severityRank } from './verdicts.ts'

export const ALL_PASSED: SpanOutcome = Object.freeze({
  passed: true,
  severity: 'none',
  quality_score: 1,
  deciding_judges: Object.freeze([]),
})
export const NOTHING_RAN: SpanOutcome = Object.freeze({
  passed: null,
  severity: 'none',
  quality_score: null,
  deciding_judges: Object.freeze([]),
})

/** One word for a judge's verdicts: a failure beats an error, an error beats undecided, and only then it is a pass. */
export function evaluationOutcome({ verdicts }: Pick<Evaluation, 'verdicts'>): EvaluationOutcome {
  let outcome: EvaluationOutcome = 'passed'
  for (const { passed, error } of verdicts) {
    if (passed === false) return 'failed'
    if (error !== '') outcome = 'error'
    else if (passed === null && outcome === 'passed') outcome = 'undecided'
  }
  return verdicts.length === 0 ? 'undecided' : outcome
}

/** All evaluations of a span as one answer (schemas/evaluation.ts, SpanOutcome). */
export function combineOutcome(evaluations: readonly Evaluation[]): SpanOutcome {
  if (evaluations.length === 0) return NOTHING_RAN
  const failed: { judge: string; severity: Severity; score: number }[] = []
  const broken: string[] = []
  let isUndecided = false
  let quality: number | null = null
  for (const evaluation of evaluations) {
    const outcome = evaluationOutcome(evaluation)
    let severity: Severity = 'none'
    let lowest: number | null = null
    for (const verdict of evaluation.verdicts) {
      if (verdict.score !== null && (lowest === null || verdict.score < lowest)) lowest = verdict.score
      if (verdict.passed === false && severityRank(verdict.severity) > severityRank(severity)) {
        severity = verdict.severity
      }
    }
    if (lowest !== null && (quality === null || lowest < quality)) quality = lowest
    if (outcome === 'failed') failed.push({ judge: evaluation.judge, severity, score: lowest ?? 0 })
    else if (outcome === 'error') broken.push(evaluation.judge)
    else if (outcome === 'undecided') isUndecided = true
  }
  failed.sort((a, b) => severityRank(b.severity) - severityRank(a.severity) || a.score - b.score)
  const undecided = broken.length > 0 || isUndecided ? null : true
  return {
    passed: failed.length > 0 ? false : undecided,
    severity: failed[0]?.severity ?? 'none',
    quality_score: quality,
    deciding_judges: [...failed.map(({ judge }) => judge), ...broken],
  }
}
