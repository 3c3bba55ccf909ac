import { createHash } from 'node:crypto'
import type { Evaluation, Tier, Verdict } from '../../schemas/evaluation.ts'
import type { EvaluationRecord } from '../../schemas/evaluation-record.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { UnitEvaluation } from '../../schemas/judged-unit.ts'
import type { Column } from './columns.ts'
import type { RowWriter } from './row-writer.ts'
import { hourOf } from './span-hour.ts'
import { SEVERITY } from './verdict-columns.ts'

const UNIT = { span: 1, trace: 2, session: 3 } as const
const TRACK = { live: 1, shadow: 2 } as const

/** One row of evaluations_rows: an evaluation that stands on no span's row, and what it is about. */
export interface EvaluationRow
  extends Pick<
    EvaluationRecord,
    'project' | 'unit' | 'session_id' | 'trace_id' | 'span_id' | 'start_time' | 'version' | 'sampling_probability'
  > {
  readonly evaluation: Evaluation
}

/** architecture.md, "Tables": the first 32 hex digits of SHA-256; view all_evaluations makes the same of a span's own. */
export function evaluationId({ project, unit, session_id, trace_id, span_id, evaluation }: EvaluationRow): string {
  const { judge, judge_version, track } = evaluation
  const session = unit === 'session' ? session_id : ''
  const named = [project, unit, session, trace_id, span_id, judge, judge_version, track]
  return createHash('sha256').update(named.join('\0')).digest('hex').slice(0, 32)
}

function verdicts(name: string, write: (writer: RowWriter, verdict: Verdict) => void): Column<EvaluationRow> {
  return {
    names: [`verdicts.${name}`],
    write: (writer, { evaluation }) => writer.array(evaluation.verdicts, (verdict) => write(writer, verdict)),
  }
}

/** Table evaluations_rows. */
export const EVALUATION_COLUMNS: readonly Column<EvaluationRow>[] = [
  { names: ['project'], write: (writer, row) => writer.string(row.project) },
  { names: ['hour'], write: (writer, row) => writer.u32(hourOf(row)) },
  { names: ['unit'], write: (writer, row) => writer.u8(UNIT[row.unit]) },
  { names: ['session_id'], write: (writer, row) => writer.string(row.session_id) },
  { names: ['trace_id'], write: (writer, row) => writer.string(row.trace_id) },
  { names: ['span_id'], write: (writer, row) => writer.string(row.span_id) },
  { names: ['start_time'], write: (writer, row) => writer.i64(row.start_time) },
  { names: ['evaluation_id'], write: (writer, row) => writer.raw(Buffer.from(evaluationId(row), 'latin1')) },
  { names: ['version'], write: (writer, row) => writer.u64(row.version) },
  { names: ['judge'], write: (writer, row) => writer.string(row.evaluation.judge) },
  { names: ['judge_version'], write: (writer, row) => writer.string(row.evaluation.judge_version) },
  { names: ['tier'], write: (writer, row) => writer.string(row.evaluation.tier satisfies Tier) },
  { names: ['track'], write: (writer, row) => writer.u8(TRACK[row.evaluation.track]) },
  { names: ['config_version'], write: (writer, _row, context) => writer.u64(context.config_version) },
  { names: ['sampling_probability'], write: (writer, row) => writer.nullableF64(row.sampling_probability) },
  { names: ['duration_ms'], write: (writer) => writer.nullableF64(null) },
  verdicts('label', (writer, verdict) => writer.string(verdict.label)),
  verdicts('score', (writer, verdict) => writer.nullableF64(verdict.score)),
  verdicts('passed', (writer, verdict) => writer.nullableBool(verdict.passed)),
  verdicts('severity', (writer, verdict) => writer.u8(SEVERITY[verdict.severity])),
  verdicts('confidence', (writer, verdict) => writer.nullableF64(verdict.confidence)),
  verdicts('explanation', (writer, verdict) => writer.string(verdict.explanation)),
  verdicts('evidence', (writer, verdict) =>
    writer.array(verdict.evidence, (evidence) => {
      writer.string(evidence.path)
      writer.u32(evidence.start)
      writer.u32(evidence.end)
    }),
  ),
  verdicts('cost_usd', (writer, verdict) => writer.nullableF64(verdict.cost_usd)),
  verdicts('error', (writer, verdict) => writer.string(verdict.error)),
]

/** What other systems said about a span; its own tier-1 evaluations stand on its row. */
export function* reportedRows({ span }: JudgedSpan): Generator<EvaluationRow> {
  const { project, session_id, trace_id, span_id, start_time, version } = span
  for (const evaluation of span.reported_evaluations)
    yield {
      project,
      unit: 'span',
      session_id,
      trace_id,
      span_id,
      start_time,
      version,
      sampling_probability: null,
      evaluation,
    }
}

export function* recordRows({ evaluations, ...record }: UnitEvaluation): Generator<EvaluationRow> {
  for (const evaluation of evaluations) yield { ...record, evaluation }
}
