import type { Judge, Scanned, Verdicts } from '../../judges/judge.ts'
import { errorVerdicts } from '../../judges/verdicts.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'

type Named = Pick<Judge, 'name' | 'version' | 'tier'>

export function evaluationOf({ name, version, tier }: Named, verdicts: Verdicts): Evaluation {
  return { judge: name, judge_version: version, tier, track: 'live', verdicts }
}

/** The whole batch at once; where that fails span by span, so that one span's trouble stays its own. */
export function evaluate<Input>(
  judge: Judge<Input>,
  inputs: readonly Scanned<Input>[],
  signal: AbortSignal,
): readonly Verdicts[] {
  try {
    return ask(judge, inputs, signal)
  } catch {
    return inputs.map((input) => {
      try {
        return ask(judge, [input], signal)[0]!
      } catch (error) {
        return failure(judge, error)
      }
    })
  }
}

function ask<Input>(judge: Judge<Input>, inputs: readonly Scanned<Input>[], signal: AbortSignal): readonly Verdicts[] {
  const answers: unknown = judge.evaluate(inputs, signal)
  if (!Array.isArray(answers) || answers.length !== inputs.length || !answers.every(Array.isArray)) {
    if (answers instanceof Promise) answers.catch(() => undefined)
    throw new TypeError('A rule judge answers at once, with one list of verdicts per input.')
  }
  return answers
}

/** Names the kind of error only: its message may quote the text. */
export function failure(judge: Named, error: unknown): Verdicts {
  const kind = error instanceof Error ? error.name : typeof error
  return errorVerdicts(`UNEXPECTED: the judge ${judge.name} failed with a ${kind}.`)
}
