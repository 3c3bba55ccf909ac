import type { Evaluation } from '../../schemas/evaluation.ts'
import type { Slots } from './collect.ts'
import type { Content } from './content.ts'
import { unflatten } from './indexed.ts'
import { isList, toJson } from './json.ts'
import { mergeEvaluations, readAnnotations } from './reported-evaluation.ts'
import type { EventFindings } from './span-events.ts'

const NONE: readonly Evaluation[] = []

/** What other systems said about this span, in its events and among its attributes. */
export function reportedEvaluations(slots: Slots, events: EventFindings): readonly Evaluation[] {
  const { evaluations, annotations, trace_evaluations, session_evaluations } = slots
  if (!(evaluations || annotations || trace_evaluations || session_evaluations)) {
    return events.reported_evaluations.length > 0 ? mergeEvaluations(events.reported_evaluations) : NONE
  }
  return mergeEvaluations([
    ...events.reported_evaluations,
    ...listed(evaluations),
    ...listed(annotations),
    ...listed(trace_evaluations, 'trace.'),
    ...listed(session_evaluations, 'session.'),
  ])
}

function listed(source: Content | undefined, scope = ''): readonly Evaluation[] {
  if (!source) return NONE
  const json = source.entries ? unflatten(source.entries) : toJson(source.value)
  return isList(json) ? readAnnotations(json, scope) : NONE
}
