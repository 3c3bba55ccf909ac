import type { Evaluation, EvaluationOutcome, JudgedSpan, Severity, Verdict } from '../../schemas/evaluation.ts'
import type { LlmSpan, Message, RequestParameters } from '../../schemas/llm-span.ts'
import { createRowWriter, type RowWriter } from './row-writer.ts'

/** What is the same for every row of a range. */
export interface RowContext {
  readonly pipeline_version: string
  readonly config_version: bigint
}

/** One column of a table, or a group of neighbours that is written at once. */
export interface Column<Item> {
  readonly names: readonly string[]
  readonly write: (writer: RowWriter, item: Item, context: RowContext) => void
}

const NS_PER_SECOND = 1_000_000_000n
const STATUS = { unset: 0, ok: 1, error: 2 } as const
const SEVERITY: Readonly<Record<Severity, number>> = { none: 0, low: 1, medium: 2, high: 3, critical: 4 }
const OUTCOME: Readonly<Record<EvaluationOutcome, number>> = { passed: 1, failed: 2, error: 3, undecided: 4 }

/** Start of the span's own hour, in seconds since 1970. */
export function hourOf(span: LlmSpan): number {
  const seconds = Number(span.start_time / NS_PER_SECOND)
  return seconds - (seconds % 3600)
}

/** One judge's verdicts as one word: an error is never a pass. */
export function evaluationOutcome(verdicts: readonly Verdict[]): EvaluationOutcome {
  let undecided = verdicts.length === 0
  let failed = false
  for (const verdict of verdicts) {
    if (verdict.error !== '') return 'error'
    if (verdict.passed === false) failed = true
    else if (verdict.passed === null) undecided = true
  }
  return failed ? 'failed' : undecided ? 'undecided' : 'passed'
}

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

/** `,"name":"value"`, or nothing where there is no value. JSON.stringify escapes lone surrogates, which ClickHouse refuses. */
function member(name: string, value: string): string {
  return value === '' ? '' : `,"${name}":${JSON.stringify(value)}`
}

/** Messages as JSON text with absent members left out; '' for none. Three times as fast as a replacer function. */
export function messagesJson(messages: readonly Message[]): string {
  if (messages.length === 0) return ''
  let json = '['
  for (const { role, name, parts, finish_reason } of messages) {
    json += `${json === '[' ? '' : ','}{"role":${JSON.stringify(role)}${member('name', name)},"parts":[`
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!
      json += `${index > 0 ? ',' : ''}{"type":"${part.type}"${member('content', part.content)}${member('id', part.id)}`
      json += `${member('name', part.name)}${member('mime_type', part.mime_type)}${member('uri', part.uri)}}`
    }
    json += `]${member('finish_reason', finish_reason)}}`
  }
  return `${json}]`
}

function parametersJson(parameters: RequestParameters): string {
  let json = ''
  for (const name in parameters) {
    const value = parameters[name as keyof RequestParameters]
    if (value === null || value === '' || (typeof value === 'object' && value.length === 0)) continue
    json += `${json === '' ? '{' : ','}"${name}":${JSON.stringify(value)}`
  }
  return json === '' ? '' : `${json}}`
}

function text(name: keyof LlmSpan & string): Column<JudgedSpan> {
  return { names: [name], write: (writer, { span }) => writer.string(span[name] as string) }
}

function count(name: keyof LlmSpan & string): Column<JudgedSpan> {
  return { names: [name], write: (writer, { span }) => writer.nullableCount(span[name] as number | null) }
}

function float(name: keyof LlmSpan & string): Column<JudgedSpan> {
  return { names: [name], write: (writer, { span }) => writer.nullableF64(span[name] as number | null) }
}

function bool(name: keyof LlmSpan & string): Column<JudgedSpan> {
  return { names: [name], write: (writer, { span }) => writer.bool(span[name] as boolean) }
}

function list(name: keyof LlmSpan & string): Column<JudgedSpan> {
  return { names: [name], write: (writer, { span }) => writer.strings(span[name] as readonly string[]) }
}

const KEY_COLUMNS: readonly Column<JudgedSpan>[] = [
  text('project'),
  { names: ['hour'], write: (writer, { span }) => writer.u32(hourOf(span)) },
  text('trace_id'),
  text('span_id'),
]

const VERSION_COLUMN: Column<JudgedSpan> = { names: ['version'], write: (writer, { span }) => writer.u64(span.version) }

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
      writer.array(evaluations, ({ verdicts }) => writer.u8(OUTCOME[evaluationOutcome(verdicts)])),
  },
  ...VERDICT_COLUMNS,
]

/**
 * Spans that passed the same judges share one frozen list of evaluations (judge-rules): its bytes are written once and
 * copied from then on.
 */
function createRuleColumns(): Column<JudgedSpan> {
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

const OUTCOME_COLUMNS: readonly Column<JudgedSpan>[] = [
  { names: ['passed'], write: (writer, { outcome }) => writer.nullableBool(outcome.passed) },
  { names: ['severity'], write: (writer, { outcome }) => writer.u8(SEVERITY[outcome.severity]) },
  { names: ['quality_score'], write: (writer, { outcome }) => writer.nullableF64(outcome.quality_score) },
  { names: ['deciding_judges'], write: (writer, { outcome }) => writer.strings(outcome.deciding_judges) },
]

/** Table spans_rows, in the order of its definition. */
export const SPAN_COLUMNS: readonly Column<JudgedSpan>[] = [
  ...KEY_COLUMNS,
  text('parent_span_id'),
  VERSION_COLUMN,
  { names: ['received_at'], write: (writer, { span }) => writer.u64Number(span.received_at) },
  { names: ['start_time'], write: (writer, { span }) => writer.i64(span.start_time) },
  { names: ['end_time'], write: (writer, { span }) => writer.i64(span.end_time) },
  bool('time_inferred'),
  text('name'),
  text('kind'),
  text('operation'),
  text('dialect'),
  bool('is_call'),
  text('scope_name'),
  text('scope_version'),
  text('sdk_language'),
  text('service_name'),
  text('environment'),
  text('release'),
  { names: ['status'], write: (writer, { span }) => writer.u8(STATUS[span.status]) },
  text('error_type'),
  text('error_message'),
  float('time_to_first_token_ms'),
  text('provider'),
  text('request_model'),
  text('response_model'),
  text('response_id'),
  { names: ['parameters'], write: (writer, { span }) => writer.string(parametersJson(span.parameters)) },
  list('finish_reasons'),
  bool('input_captured'),
  bool('output_captured'),
  count('input_tokens'),
  count('output_tokens'),
  count('cache_read_input_tokens'),
  count('cache_write_input_tokens'),
  count('reasoning_output_tokens'),
  count('reported_input_tokens'),
  count('reported_output_tokens'),
  float('cost_usd'),
  float('reported_cost_usd'),
  text('price_version'),
  text('session_id'),
  text('user_id'),
  text('agent_name'),
  text('workflow_name'),
  text('tool_name'),
  text('tool_call_id'),
  text('prompt_name'),
  text('prompt_version'),
  list('tags'),
  createRuleColumns(),
  ...OUTCOME_COLUMNS,
  { names: ['pipeline_version'], write: (writer, _item, context) => writer.string(context.pipeline_version) },
  { names: ['config_version'], write: (writer, _item, context) => writer.u64(context.config_version) },
]

/** Table span_texts_rows. */
export const TEXT_COLUMNS: readonly Column<JudgedSpan>[] = [
  ...KEY_COLUMNS,
  VERSION_COLUMN,
  text('system_instructions'),
  { names: ['input_messages'], write: (writer, { span }) => writer.string(messagesJson(span.input_messages)) },
  { names: ['output_messages'], write: (writer, { span }) => writer.string(messagesJson(span.output_messages)) },
  text('tool_definitions'),
  text('query'),
  {
    names: ['documents'],
    write: (writer, { span }) =>
      writer.string(span.documents.length === 0 ? '' : JSON.stringify(span.documents).toWellFormed()),
  },
  { names: ['attributes'], write: (writer, { span }) => writer.map(span.attributes) },
]

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
  if (!span.is_call || span.parent_span_id === '') return []
  const hours = hourOf(span) / 3600
  const day = Math.floor(hours / HOURS_PER_DAY)
  const { project, trace_id, parent_span_id } = span
  const fact = { project, day, trace_id, span_id: parent_span_id }
  return hours % HOURS_PER_DAY === 0 ? [fact, { ...fact, day: day - 1 }] : [fact]
}
