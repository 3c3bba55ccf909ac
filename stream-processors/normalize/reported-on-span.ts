import type { Evaluation } from '../../schemas/evaluation.ts'
import type { OtlpSpan } from '../../schemas/otlp/otlp.ts'
import type { Collected, Slots } from './collect.ts'
import type { Content } from './content.ts'
import { unflatten } from './indexed.ts'
import { isList, plain, toJson } from './json.ts'
import {
  mergeEvaluations,
  readAnnotation,
  readAnnotations,
  readEvalAttribute,
  readReportedEvaluation,
} from './reported-evaluation.ts'
import type { EventFindings } from './span-events.ts'

const NONE: readonly Evaluation[] = []

/** What other systems said about this span, in its events and among its attributes. */
export function reportedEvaluations(
  { slots, rest }: Collected,
  events: EventFindings,
  span: OtlpSpan,
): readonly Evaluation[] {
  const { evaluations, annotations, trace_evaluations, session_evaluations, feedback_name } = slots
  const named = rest.length > 0 ? inAttributes(rest) : NONE
  const isListed = evaluations || annotations || trace_evaluations || session_evaluations || feedback_name
  if (!isListed && named === NONE) {
    return events.reported_evaluations.length > 0 ? mergeEvaluations(events.reported_evaluations) : NONE
  }
  return mergeEvaluations([
    ...events.reported_evaluations,
    ...listed(evaluations),
    ...listed(annotations),
    ...listed(trace_evaluations, 'trace.'),
    ...listed(session_evaluations, 'session.'),
    ...named,
    ...feedbackOf(slots, span),
  ])
}

function listed(source: Content | undefined, scope = ''): readonly Evaluation[] {
  if (!source) return NONE
  const json = source.entries ? unflatten(source.entries) : toJson(source.value)
  return isList(json) ? readAnnotations(json, scope) : NONE
}

const EITHER = 'gen_ai.eval'
const OTEL = 'gen_ai.evaluation.'
const OPENLIT = 'gen_ai.eval.'

/** `gen_ai.evaluation.*` on the span itself, and OpenLIT's `gen_ai.eval.<name>`, a number each. */
function inAttributes(rest: Collected['rest']): readonly Evaluation[] {
  const said = rest.filter(([name]) => name.startsWith(EITHER))
  if (said.length === 0) return NONE
  const own = said.filter(([name]) => name.startsWith(OTEL))
  const scores = said.filter(([name]) => name.startsWith(OPENLIT))
  return [
    own.length > 0 ? readReportedEvaluation(new Map(own)) : undefined,
    ...scores.map(([name, value]) => readEvalAttribute(name.slice(OPENLIT.length), value)),
  ].filter((one) => one !== undefined)
}

/** Logfire's feedback: the span holds the value under the name that `logfire.feedback.name` gives. */
function feedbackOf({ feedback_name: name, feedback_comment }: Slots, span: OtlpSpan): readonly Evaluation[] {
  if (name === undefined) return NONE
  const value = plain(span.attributes.get(name), 0)
  const said = typeof value === 'string' ? { label: value } : { score: value }
  const read = readAnnotation({ name, explanation: feedback_comment, ...said })
  return read ? [read] : NONE
}
