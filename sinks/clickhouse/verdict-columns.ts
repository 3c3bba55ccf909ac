import { evaluationOutcome } from '../../judges/outcome.ts'
import type { Evaluation, EvaluationOutcome, Severity, Verdict } from '../../schemas/evaluation.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { Column, RowContext } from './columns.ts'
import { createRowWriter, type RowWriter } from './row-writer.ts'

export const SEVERITY: Readonly<Record<Severity, number>> = { none: 0, low: 1, medium: 2, high: 3, critical: 4 }
const OUTCOME: Readonly<Record<EvaluationOutcome, number>> = { passed: 1, failed: 2, error: 3, undecided: 4 }

/** A verdict that says no more than "passed": it costs no array entry. */
function isPlainPass(verdict: Verdict): boolean {
  return (
    verdict.passed === true &&
    verdict.label === '' &&
    (verdict.score === 1 || verdict.score === null) &&
    verdict.explanation === '' &&
    verdict.evidence.length === 0
  )
}

interface JudgedVerdict extends Verdict {
  readonly judge: string
}

const NO_VERDICTS: readonly JudgedVerdict[] = []

/** Nine columns ask for the same list in turn: the last answer is kept. */
function createSpokenVerdicts(): (evaluations: readonly Evaluation[]) => readonly JudgedVerdict[] {
  let lastAsked: readonly Evaluation[] | undefined
  let lastAnswer = NO_VERDICTS
  return (evaluations) => {
    if (evaluations === lastAsked) return lastAnswer
    let spoken: JudgedVerdict[] | undefined
    for (const { judge, verdicts } of evaluations)
      for (const verdict of verdicts) {
        if (isPlainPass(verdict)) continue
        spoken ??= []
        spoken.push({ ...verdict, judge })
      }
    lastAsked = evaluations
    lastAnswer = spoken ?? NO_VERDICTS
    return lastAnswer
  }
}

const spokenVerdicts = createSpokenVerdicts()

/** Verdict arrays share one list per row; each column writes one member of it. */
function verdictColumn(name: string, write: (writer: RowWriter, verdict: JudgedVerdict) => void): Column<JudgedSpan> {
  return {
    names: [`verdicts.${name}`],
    write: (writer, { evaluations }) => {
      const spoken = spokenVerdicts(evaluations)
      writer.varint(spoken.length)
      for (const verdict of spoken) write(writer, verdict)
    },
  }
}

const VERDICT_COLUMNS: readonly Column<JudgedSpan>[] = [
  verdictColumn('judge', (writer, verdict) => writer.string(verdict.judge)),
  verdictColumn('label', (writer, verdict) => writer.string(verdict.label)),
  verdictColumn('score', (writer, verdict) => writer.nullableF64(verdict.score)),
  verdictColumn('passed', (writer, verdict) => writer.nullableBool(verdict.passed)),
  verdictColumn('severity', (writer, verdict) => writer.u8(SEVERITY[verdict.severity])),
  verdictColumn('confidence', (writer, verdict) => writer.nullableF64(verdict.confidence)),
  verdictColumn('explanation', (writer, verdict) => writer.string(verdict.explanation)),
  verdictColumn('evidence', (writer, verdict) =>
    writer.array(verdict.evidence, (evidence) => {
      writer.string(evidence.path)
      writer.u32(evidence.start)
      writer.u32(evidence.end)
    }),
  ),
  verdictColumn('error', (writer, verdict) => writer.string(verdict.error)),
]

const RULE_COLUMNS: readonly Column<JudgedSpan>[] = [
  {
    names: ['rule_evaluations.judge'],
    write: (writer, { evaluations }) => writer.array(evaluations, ({ judge }) => writer.string(judge)),
  },
  {
    names: ['rule_evaluations.judge_version'],
    write: (writer, { evaluations }) =>
      writer.array(evaluations, (evaluation) => writer.string(evaluation.judge_version)),
  },
  {
    names: ['rule_evaluations.outcome'],
    write: (writer, { evaluations }) =>
      writer.array(evaluations, (evaluation) => writer.u8(OUTCOME[evaluationOutcome(evaluation)])),
  },
  ...VERDICT_COLUMNS,
]

/**
 * Spans that passed the same judges share one frozen list of evaluations (judge-rules): its bytes are written once and
 * copied from then on.
 */
export function createRuleColumns(): Column<JudgedSpan> {
  const written = new WeakMap<readonly Evaluation[], Uint8Array>()

  function writeAll(writer: RowWriter, item: JudgedSpan, context: RowContext): void {
    for (const column of RULE_COLUMNS) column.write(writer, item, context)
  }

  return {
    names: RULE_COLUMNS.flatMap(({ names }) => names),
    write(writer, item, context) {
      if (!Object.isFrozen(item.evaluations)) {
        writeAll(writer, item, context)
        return
      }
      let bytes = written.get(item.evaluations)
      if (bytes === undefined) {
        const once = createRowWriter(4096)
        writeAll(once, item, context)
        bytes = Buffer.concat(once.chunks())
        written.set(item.evaluations, bytes)
      }
      writer.raw(bytes)
    },
  }
}

export const OUTCOME_COLUMNS: readonly Column<JudgedSpan>[] = [
  { names: ['passed'], write: (writer, { outcome }) => writer.nullableBool(outcome.passed) },
  { names: ['severity'], write: (writer, { outcome }) => writer.u8(SEVERITY[outcome.severity]) },
  { names: ['quality_score'], write: (writer, { outcome }) => writer.nullableF64(outcome.quality_score) },
  { names: ['deciding_judges'], write: (writer, { outcome }) => writer.strings(outcome.deciding_judges) },
]
