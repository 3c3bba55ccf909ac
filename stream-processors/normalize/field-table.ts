import type { OtlpScopeSpans, OtlpSpan } from '../../schemas/otlp/otlp.ts'
import type { ContentFormat } from './content.ts'
import * as readers from './readers.ts'

/** Readers by the name the tables use. `drop` takes an attribute that says nothing: totals, vectors, headers. */
export const READERS = {
  text: readers.text,
  number: readers.number,
  count: readers.count,
  seconds: readers.seconds,
  milliseconds: readers.milliseconds,
  boolean: readers.boolean,
  list: readers.list,
  tags: readers.tags,
  object: readers.object,
  iso_time: readers.iso_time,
  vercel_provider: readers.vercel_provider,
  name_in_json: readers.name_in_json,
  version_in_json: readers.version_in_json,
  total_cost: readers.total_cost,
  detail_cache_read: readers.detail_cache_read,
  detail_cache_creation: readers.detail_cache_creation,
  detail_reasoning: readers.detail_reasoning,
  event_list: readers.event_list,
  logfire_kind: readers.logfire_kind,
  json_text: readers.json_text,
  thread_id: readers.thread_id,
  token_object: readers.token_object,
  any_text: readers.any_text,
  first_token_of: readers.first_token_of,
  group_id: readers.group_id,
  cost_of: readers.cost_of,
  whole_milliseconds: readers.whole_milliseconds,
  flue_task: readers.flue_task,
  flue_workflow: readers.flue_workflow,
  type_in_json: readers.type_in_json,
  haystack_kind: readers.haystack_kind,
  first_token_among: readers.first_token_among,
} as const

/** Every field a table may fill, with the reader it uses where an entry names none. */
export const FIELDS = {
  operation: 'text',
  provider: 'text',
  request_model: 'text',
  response_model: 'text',
  response_id: 'text',
  system_instructions: 'content',
  input: 'content',
  output: 'content',
  output_tool_calls: 'content',
  output_reasoning: 'content',
  tool_arguments: 'content',
  tool_result: 'content',
  query: 'content',
  documents: 'content',
  /** Scores of documents by their place in another list (Vercel's rerank). */
  ranking: 'content',
  tool_definitions: 'content',
  input_tokens: 'count',
  output_tokens: 'count',
  cache_read_input_tokens: 'count',
  cache_write_input_tokens: 'count',
  reasoning_output_tokens: 'count',
  reported_input_tokens: 'count',
  reported_output_tokens: 'count',
  reported_cost_usd: 'number',
  /** `{input, output, ...}` in Langfuse's exclusive counting, or a provider's own usage object. */
  usage_details: 'object',
  /** Counted beside the input, not within it: Claude Code passes on what Anthropic's API counts. */
  extra_cache_read_tokens: 'count',
  extra_cache_write_tokens: 'count',
  extra_reasoning_tokens: 'count',
  /** Cache writes by how long they live. */
  cache_write_5m_tokens: 'count',
  cache_write_1h_tokens: 'count',
  /** A provider's own usage object, in its own words; asked where no count has an attribute. */
  token_usage: 'token_object',
  input_cost_usd: 'number',
  output_cost_usd: 'number',
  /** The Vercel SDK's providerMetadata: cache counts that have no attribute of their own. */
  provider_metadata: 'object',
  /** One name for the model, where the SDK does not say whether it was asked for or answered. */
  model_name: 'text',
  /** All request parameters in one JSON object. */
  parameters: 'object',
  finish_reasons: 'list',
  temperature: 'number',
  top_p: 'number',
  top_k: 'number',
  max_tokens: 'count',
  seed: 'number',
  frequency_penalty: 'number',
  presence_penalty: 'number',
  choice_count: 'count',
  stop_sequences: 'list',
  stream: 'boolean',
  output_type: 'text',
  time_to_first_token_ms: 'milliseconds',
  first_token_at: 'iso_time',
  error_type: 'text',
  error_message: 'text',
  session_id: 'text',
  user_id: 'text',
  agent_name: 'text',
  workflow_name: 'text',
  tool_name: 'text',
  tool_call_id: 'text',
  prompt_name: 'text',
  prompt_version: 'text',
  tags: 'tags',
  environment: 'text',
  release: 'text',
  /** Pydantic AI's parameters of a request, with the tools. */
  model_request: 'object',
  /** JSON object of free metadata; read for a provider or session, and kept among the attributes. */
  metadata: 'object',
  /** What the span calls its task, tool or agent. */
  entity_name: 'text',
  /** A bare `name`, which only spans that print themselves use for the same. */
  printed_name: 'text',
  langfuse_type: 'text',
  openinference_kind: 'text',
  /** What a step of a graph is called; an agent's name where the step is one. */
  node_name: 'text',
  langsmith_kind: 'text',
  genkit_kind: 'text',
  /** What a Genkit action is called: the model, where the action is one. */
  genkit_name: 'text',
  vercel_operation: 'text',
  request_type: 'text',
  traceloop_kind: 'text',
  other_kind: 'text',
  level: 'text',
  log_level: 'number',
  tool_status: 'text',
  succeeded: 'boolean',
  has_error: 'boolean',
  mcp_method: 'text',
  log_span: 'text',
  http_status: 'number',
  /** Logfire keeps span events as a JSON list in an attribute. */
  event_list: 'event_list',
  /** Logfire's feedback: the name under which the span holds the value, and what was said besides. */
  feedback_name: 'text',
  feedback_comment: 'text',
  /** Lists of `{evaluation: {...}}` or `{annotation: {...}}` (OpenInference). */
  evaluations: 'content',
  annotations: 'content',
  trace_evaluations: 'content',
  session_evaluations: 'content',
  drop: 'text',
} as const

/** Fields whose attribute also stays among the span's attributes, because a field takes only a part of it. */
export const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'metadata',
  'parameters',
  'model_request',
  'log_level',
  'http_status',
  'mcp_method',
  'printed_name',
  'node_name',
  'genkit_name',
  'has_error',
  'succeeded',
])

export type Field = keyof typeof FIELDS
export type ReaderName = keyof typeof READERS

/**
 * Where a field is found: an attribute name, or `[reader, name]`. A name that ends with `.<i>` is a family of indexed
 * attributes; one that ends with `.*` any attribute with this prefix (only to drop it).
 */
export type Entry = string | readonly [ReaderName | ContentFormat, string]

export type FieldTable = Readonly<Partial<Record<Field, readonly Entry[]>>>

/** One SDK family's habit: how to recognise it, and which attribute fills which field, best name first. */
export interface Dialect {
  readonly name: string
  readonly summary: string
  /** Its names are too plain to mean the same on the spans of others. */
  readonly ownNamesOnly?: boolean
  matches(span: OtlpSpan, scope: OtlpScopeSpans): boolean
  readonly fields: FieldTable
}
