import type { Metrics } from '../../core/metrics.ts'
import { evaluationOutcome } from '../../judges/outcome.ts'
import type { Evaluation, EvaluationOutcome } from '../../schemas/evaluation.ts'

/** Counts evaluations and tells the counter once a batch: a labelled counter costs more than a passing judge. */
export function createTally(counter: Metrics['evaluations'], label: (project: string) => string) {
  /** By project, then by the list of evaluations: spans that passed share their list. */
  let counts = new Map<string, Map<readonly Evaluation[], number>>()

  function add(project: string, evaluations: readonly Evaluation[]): void {
    let ofProject = counts.get(project)
    if (ofProject === undefined) {
      ofProject = new Map()
      counts.set(project, ofProject)
    }
    ofProject.set(evaluations, (ofProject.get(evaluations) ?? 0) + 1)
  }

  function flush(): void {
    for (const [project, lists] of counts) {
      const outcomes = new Map<string, { evaluation: Evaluation; outcome: EvaluationOutcome; count: number }>()
      for (const [evaluations, count] of lists) {
        for (const evaluation of evaluations) {
          const outcome = evaluationOutcome(evaluation)
          const key = `${evaluation.judge} ${outcome}`
          const known = outcomes.get(key)
          if (known === undefined) outcomes.set(key, { evaluation, outcome, count })
          else known.count += count
        }
      }
      for (const { evaluation, outcome, count } of outcomes.values()) {
        counter.inc({ project: label(project), judge: evaluation.judge, tier: evaluation.tier, outcome }, count)
      }
    }
    counts = new Map()
  }

  return { add, flush }
}
