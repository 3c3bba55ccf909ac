import { CodedError } from '../../core/errors.ts'
import {
  type LlmSpan,
  type Message,
  type MessagePart,
  NO_PARAMETERS,
  type RetrievedDocument,
  TOKEN_COUNTS,
} from '../../schemas/llm-span.ts'
import type { Store } from './store.ts'

/** Which spans: all of these, wherever they start between two hours. Ids of several projects may be mixed. */
export interface SpanSelection {
  readonly projects: readonly string[]
  readonly trace_ids: readonly string[]
  /** Only these; [] for all of the traces. */
  readonly span_ids: readonly string[]
  /** Seconds since 1970, both inclusive. */
  readonly first_hour: number
  readonly last_hour: number
  /** Kinds of spans whose texts are read as well; those of the others stay empty. */
  readonly texts_of: readonly LlmSpan['kind'][] | 'all'
  /** Of each trace, in the order of their start. */
  readonly max_per_trace: number
}

/** Columns that are read as they stand; the others are put together below. */
const PLAIN = [
  'project',
  'trace_id',
  'span_id',
  'parent_span_id',
  'dialect',
  'name',
  'kind',
  'operation',
  'is_call',
  'scope_name',
  'scope_version',
  'sdk_language',
  'service_name',
  'environment',
  'release',
  'time_inferred',
  'time_to_first_token_ms',
  'provider',
  'request_model',
  'response_model',
  'response_id',
  'finish_reasons',
  'input_captured',
  'output_captured',
  'cost_usd',
  'reported_cost_usd',
  'price_version',
  'status',
  'error_type',
  'error_message',
  'session_id',
  'user_id',
  'agent_name',
  'workflow_name',
  'tool_name',
  'tool_call_id',
  'prompt_name',
  'prompt_version',
  'tags',
] as const satisfies readonly (keyof LlmSpan)[]

const COUNTS = [
  ...TOKEN_COUNTS,
  'reported_input_tokens',
  'reported_output_tokens',
] as const satisfies readonly (keyof LlmSpan)[]

type SpanRow = Pick<LlmSpan, (typeof PLAIN)[number]> &
  Readonly<Record<(typeof COUNTS)[number], string | null>> & {
    readonly version: string
    readonly received_at_ms: string
    readonly start_ns: string
    readonly end_ns: string
    readonly parameters: string
  }

interface TextRow {
  readonly trace_id: string
  readonly span_id: string
  readonly project: string
  readonly system_instructions: string
  readonly input_messages: string
  readonly output_messages: string
  readonly tool_definitions: string
  readonly query: string
  readonly documents: string
  readonly attributes: Readonly<Record<string, string>>
}

const WHERE = `project IN {projects:Array(String)} AND trace_id IN {trace_ids:Array(String)}
  AND hour >= toDateTime({first_hour:UInt32}, 'UTC') AND hour <= toDateTime({last_hour:UInt32}, 'UTC')`

/**
 * Reads spans back as they were judged, in the order of project, trace and start; one whose JSON is damaged is left out.
 * What other systems said of them is not part of it: that stands in view evaluations. `shorten` is given every span that has
 * texts, in this order, before the next ones are read, and may make it smaller.
 */
export async function readStoredSpans(
  store: Pick<Store, 'query'>,
  selection: SpanSelection,
  shorten: (span: LlmSpan) => LlmSpan = (span) => span,
): Promise<LlmSpan[]> {
  if (selection.trace_ids.length === 0) return []
  const rows = await readRows(store, selection)
  const wanted = rows.filter(({ kind }) => selection.texts_of === 'all' || selection.texts_of.includes(kind))
  const withTexts = new Map<SpanRow, LlmSpan | null>()
  for (let from = 0; from < wanted.length; from += IDS_PER_QUERY)
    for await (const part of inParts(wanted.slice(from, from + IDS_PER_QUERY), readTextsOf(store, selection)))
      for (const { item, answer } of part) {
        const span = readable(item, answer)
        withTexts.set(item, span && shorten(span))
      }
  return rows.flatMap((row) => {
    const known = withTexts.get(row)
    const span = known === undefined ? readable(row) : known
    return span === null ? [] : [span]
  })
}

const keyOf = (row: { project: string; trace_id: string; span_id: string }) =>
  `${row.project}/${row.trace_id}/${row.span_id}`

const IDS_PER_QUERY = 2_000
/** Where all rows are more than one query may answer. */
const ROWS_PER_PAGE = 500

async function readRows(store: Pick<Store, 'query'>, selection: SpanSelection): Promise<readonly SpanRow[]> {
  const { projects, trace_ids, span_ids, first_hour, last_hour, max_per_trace } = selection
  const params = { projects, trace_ids, span_ids, first_hour, last_hour, max_per_trace }
  const spans = span_ids.length === 0 ? '' : 'AND span_id IN {span_ids:Array(String)}'
  const sql = `SELECT ${PLAIN.join(', ')}, ${COUNTS.join(', ')}, parameters, toString(version) AS version,
       toString(toUnixTimestamp64Milli(received_at)) AS received_at_ms,
       toString(toUnixTimestamp64Nano(start_time)) AS start_ns, toString(toUnixTimestamp64Nano(end_time)) AS end_ns
     FROM spans WHERE ${WHERE} ${spans} ORDER BY project, trace_id, start_time, span_id
     LIMIT {max_per_trace:UInt32} BY project, trace_id`
  try {
    return await store.query<SpanRow>(sql, { params })
  } catch (error) {
    if (!isTooLarge(error)) throw error
  }
  // What comes in meanwhile moves rows to later pages: they are met twice then, never not at all.
  const rows = new Map<string, SpanRow>()
  for (let offset = 0; ; offset += ROWS_PER_PAGE) {
    const page = await store.query<SpanRow>(`${sql} LIMIT ${ROWS_PER_PAGE} OFFSET {offset:UInt32}`, {
      params: { ...params, offset },
    })
    for (const row of page) if (!rows.has(keyOf(row))) rows.set(keyOf(row), row)
    if (page.length < ROWS_PER_PAGE) return [...rows.values()]
  }
}

const isTooLarge = (error: unknown) => error instanceof CodedError && error.code === 'QUERY_TOO_LARGE'

/** Asks about all at once; where that is more than one query may answer, about the one half and then the other. */
async function* inParts<Item, Answer>(
  items: readonly Item[],
  ask: (items: readonly Item[]) => Promise<readonly Answer[]>,
): AsyncGenerator<readonly { readonly item: Item; readonly answer: Answer }[]> {
  let answers: readonly Answer[]
  try {
    answers = await ask(items)
  } catch (error) {
    if (!isTooLarge(error) || items.length < 2) throw error
    const middle = items.length >> 1
    yield* inParts(items.slice(0, middle), ask)
    yield* inParts(items.slice(middle), ask)
    return
  }
  yield items.map((item, index) => ({ item, answer: answers[index]! }))
}

/** The texts of each of the spans, undefined where it has none. */
const readTextsOf =
  (store: Pick<Store, 'query'>, { projects, first_hour, last_hour }: SpanSelection) =>
  async (spans: readonly SpanRow[]): Promise<readonly (TextRow | undefined)[]> => {
    const trace_ids = [...new Set(spans.map(({ trace_id }) => trace_id))]
    const span_ids = spans.map(({ span_id }) => span_id)
    const rows = await store.query<TextRow>(
      `SELECT project, trace_id, span_id, system_instructions, input_messages, output_messages, tool_definitions, query,
         documents, attributes
       FROM span_texts WHERE ${WHERE} AND span_id IN {span_ids:Array(String)}`,
      { params: { projects, trace_ids, first_hour, last_hour, span_ids } },
    )
    const texts = new Map(rows.map((row) => [keyOf(row), row]))
    return spans.map((span) => texts.get(keyOf(span)))
  }

/** null where its JSON is damaged. */
function readable(row: SpanRow, text?: TextRow): LlmSpan | null {
  try {
    return spanOf(row, text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

function spanOf({ version, received_at_ms, start_ns, end_ns, parameters, ...row }: SpanRow, text?: TextRow): LlmSpan {
  return {
    ...row,
    version: BigInt(version),
    received_at: Number(received_at_ms),
    start_time: BigInt(start_ns),
    end_time: BigInt(end_ns),
    parameters: { ...NO_PARAMETERS, ...(parameters === '' ? {} : (JSON.parse(parameters) as object)) },
    input_tokens: countOf(row.input_tokens),
    output_tokens: countOf(row.output_tokens),
    cache_read_input_tokens: countOf(row.cache_read_input_tokens),
    cache_write_input_tokens: countOf(row.cache_write_input_tokens),
    reasoning_output_tokens: countOf(row.reasoning_output_tokens),
    reported_input_tokens: countOf(row.reported_input_tokens),
    reported_output_tokens: countOf(row.reported_output_tokens),
    system_instructions: text?.system_instructions ?? '',
    input_messages: messagesOf(text?.input_messages),
    output_messages: messagesOf(text?.output_messages),
    tool_definitions: text?.tool_definitions ?? '',
    query: text?.query ?? '',
    documents: listOf<RetrievedDocument>(text?.documents),
    reported_evaluations: [],
    attributes: text ? new Map(Object.entries(text.attributes)) : NO_ATTRIBUTES,
  }
}

const NO_PART: Omit<MessagePart, 'type'> = { content: '', id: '', name: '', mime_type: '', uri: '' }

const countOf = (value: string | null) => (value === null ? null : Number(value))

function listOf<Item>(json: string | undefined): readonly Item[] {
  return json ? (JSON.parse(json) as Item[]) : []
}

/** Absent members were left out when the row was written (sinks/clickhouse/span-json.ts). */
function messagesOf(json: string | undefined): readonly Message[] {
  return listOf<Partial<Message>>(json).map(({ role = '', name = '', parts = [], finish_reason = '' }) => ({
    role,
    name,
    parts: parts.map((part) => ({ ...NO_PART, ...part })),
    finish_reason,
  }))
}
