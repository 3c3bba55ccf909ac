import type { EvaluationRecord } from '../../schemas/evaluation-record.ts'
import type { EnclosingCall } from '../../schemas/judged-unit.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Column } from './columns.ts'
import { hourOf } from './span-hour.ts'

export interface SpanFact {
  readonly project: string
  /** Days since 1970. */
  readonly day: number
  readonly trace_id: string
  readonly span_id: string
}

/** Table span_facts_rows. */
export const FACT_COLUMNS: readonly Column<SpanFact>[] = [
  { names: ['project'], write: (writer, fact) => writer.string(fact.project) },
  { names: ['day'], write: (writer, fact) => writer.u16(fact.day) },
  { names: ['trace_id'], write: (writer, fact) => writer.string(fact.trace_id) },
  { names: ['span_id'], write: (writer, fact) => writer.string(fact.span_id) },
  { names: ['has_call_inside'], write: (writer) => writer.u8(1) },
]

const HOURS_PER_DAY = 24

/**
 * A model call tells its parent that a call lies inside it; in the first hour of a day also under the day before, since
 * the parent may have started there (architecture.md, "More than one span").
 */
export function factsOf(span: LlmSpan): readonly SpanFact[] {
  // A span that names itself as its parent encloses nothing.
  if (!span.is_call || span.parent_span_id === '' || span.parent_span_id === span.span_id) return []
  const hours = hourOf(span) / 3600
  const day = Math.floor(hours / HOURS_PER_DAY)
  const { project, trace_id, parent_span_id } = span
  const fact = { project, day, trace_id, span_id: parent_span_id }
  return hours % HOURS_PER_DAY === 0 ? [fact, { ...fact, day: day - 1 }] : [fact]
}

/** Calls inside which another call lies deeper than directly; their own start is known, and with it their day. */
export function enclosingFacts(
  { project, trace_id }: Pick<EvaluationRecord, 'project' | 'trace_id'>,
  calls: readonly EnclosingCall[],
): readonly SpanFact[] {
  return calls.map((call) => ({
    project,
    day: Math.floor(hourOf(call) / 3600 / HOURS_PER_DAY),
    trace_id,
    span_id: call.span_id,
  }))
}
