import type { Clock } from '../../core/clock.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { Scanned, TraceInput, TraceJudge } from '../../judges/judge.ts'
import { isWanted } from '../../judges/trace-wants.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import { evaluate, evaluationOf, failure } from './ask.ts'
import { createTally } from './tally.ts'

export interface JudgeTracesOptions {
  /** Rule judges of whole traces: they answer synchronously. Names are unique. */
  readonly judges: readonly TraceJudge[]
  readonly metrics: Pick<Metrics, 'judgeDuration' | 'evaluations'>
  readonly clock: Clock
  /** Bounds the values of the label `project`. */
  readonly projectLabel: (project: string) => string
}

/** An evaluation of each judge that applies, in their order; [] where none does. */
export type JudgeTraces = (trace: TraceInput) => readonly Evaluation[]

/**
 * Tier 1 on a whole trace. A judge that throws, answers late or answers too little gives an error verdict; input and
 * judges alone decide what comes out.
 */
export function createJudgeTraces({ judges, metrics, clock, projectLabel }: JudgeTracesOptions): JudgeTraces {
  const tally = createTally(metrics.evaluations, projectLabel)
  const { signal } = new AbortController()

  function judgeWith(judge: TraceJudge, input: TraceInput): Evaluation | null {
    const since = clock.monotonic()
    try {
      if (!isWanted(judge.wants, input.spans) || !judge.applies(input)) return null
    } catch (error) {
      return evaluationOf(judge, failure(judge, error))
    }
    const scanned: Scanned<TraceInput> = { input, hits: [], cut: input.cut }
    const verdicts = evaluate(judge, [scanned], signal)[0]!
    metrics.judgeDuration.observe({ judge: judge.name }, (clock.monotonic() - since) / 1000)
    return verdicts.length === 0 ? null : evaluationOf(judge, verdicts)
  }

  return function judgeTrace(input) {
    const evaluations = judges.map((judge) => judgeWith(judge, input)).filter((evaluation) => evaluation !== null)
    tally.add(input.project, evaluations)
    tally.flush()
    return evaluations
  }
}
