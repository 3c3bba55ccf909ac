import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Column } from './columns.ts'
import { hourOf } from './span-hour.ts'
import { messagesJson, parametersJson } from './span-json.ts'
import { createRuleColumns, OUTCOME_COLUMNS } from './verdict-columns.ts'

const STATUS = { unset: 0, ok: 1, error: 2 } as const

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
