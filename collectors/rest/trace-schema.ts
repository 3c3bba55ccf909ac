import { z } from 'zod'
import { SPAN_KINDS } from '../../schemas/llm-span.ts'
import { parseTime, TIME_FORMS, timeOf } from './times.ts'

/**
 * The simple JSON of POST /api/v1/traces, for programs without OpenTelemetry. The OpenAPI document is made from it, so
 * descriptions are written for people who send traces. null is the same as absent everywhere.
 */

const text = (max: number, description: string) =>
  z
    .string({ error: 'must be text' })
    .max(max, { error: `must have at most ${max} characters` })
    .nullish()
    .describe(description)

const word = (description: string) => text(1000, description)

const number = (description: string) => z.number({ error: 'must be a number' }).nullish().describe(description)

const count = (description: string) =>
  z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be negative' }).nullish().describe(description)

const time = (description: string) =>
  z
    .union([z.string(), z.number()], { error: `must be ${TIME_FORMS}` })
    .refine((value) => parseTime(value) !== undefined, { error: `must be ${TIME_FORMS}`, abort: true })
    .nullish()
    .describe(`${description} ${TIME_FORMS[0]!.toUpperCase()}${TIME_FORMS.slice(1)}.`)

const content = (description: string) => z.unknown().superRefine(checkMessages).optional().describe(description)

const list = <T extends z.ZodType>(item: T, max: number, description: string) =>
  z
    .array(item, { error: 'must be a list' })
    .max(max, { error: `must have at most ${max} entries` })
    .nullish()
    .describe(description)

/** An array whose entries have roles is messages, and then all must be; any other JSON is content as it stands. */
function checkMessages(value: unknown, context: z.RefinementCtx): void {
  const messages = isMessages(value) ? value : []
  for (const [index, message] of messages.entries()) {
    const role = isObject(message) ? message.role : undefined
    if (typeof role === 'string' && role !== '') continue
    const path = isObject(message) ? [index, 'role'] : [index]
    context.addIssue({ code: 'custom', path, message: 'every message must be an object with a role' })
  }
}

export function isMessages(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.some((item) => isObject(item) && item.role !== undefined)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const details = (key: string, of: string) =>
  z.looseObject({ [key]: count(of) }, { error: 'must be an object' }).nullish()

export const usageSchema = z
  .looseObject(
    {
      input_tokens: count('All input tokens, cached ones included.'),
      output_tokens: count('All output tokens, reasoning included.'),
      cache_read_input_tokens: count('Input tokens read from a cache.'),
      cache_write_input_tokens: count('Input tokens written to a cache.'),
      reasoning_output_tokens: count('Output tokens spent on reasoning.'),
      prompt_tokens: count('As in OpenAI Chat Completions: input_tokens.'),
      completion_tokens: count('As in OpenAI Chat Completions: output_tokens.'),
      prompt_tokens_details: details('cached_tokens', 'Cached input tokens.'),
      completion_tokens_details: details('reasoning_tokens', 'Reasoning tokens.'),
      input_tokens_details: details('cached_tokens', 'Cached input tokens.'),
      output_tokens_details: details('reasoning_tokens', 'Reasoning tokens.'),
      cache_creation_input_tokens: count(
        'As in Anthropic Messages. Where it is given, input_tokens is without cached tokens, as Anthropic counts.',
      ),
    },
    { error: 'must be an object' },
  )
  .describe('Tokens. The usage object of OpenAI or Anthropic can be sent as it is; other members are ignored.')

const parametersSchema = z
  .strictObject(
    {
      temperature: number('Sampling temperature.'),
      top_p: number('Nucleus sampling.'),
      top_k: number('Top-k sampling.'),
      max_tokens: count('Most tokens of the answer.'),
      seed: number('Seed of sampling.'),
      frequency_penalty: number('Frequency penalty.'),
      presence_penalty: number('Presence penalty.'),
      choice_count: count('Answers asked for.'),
      stop_sequences: list(z.string({ error: 'must be text' }), 64, 'Texts that end the answer.'),
      stream: z.boolean({ error: 'must be true or false' }).nullish().describe('Whether the answer was streamed.'),
      output_type: word('text, json, image or speech. For json the answer is checked to be JSON.'),
    },
    { error: 'must be an object' },
  )
  .describe('Parameters of the request to the model.')

const errorSchema = z
  .union(
    [
      z.string().max(100_000),
      z.strictObject({ type: word('Class or code of the error.'), message: text(100_000, 'What it said.') }),
    ],
    { error: 'must be text, or an object of type and message' },
  )
  .describe('Why it failed: text, or {type, message}. Its presence makes the span a failed one.')

const documentSchema = z
  .union(
    [
      z.string(),
      z.looseObject({
        id: z.union([z.string(), z.number()]).nullish(),
        content: z.string(),
        score: z.number().nullish(),
      }),
    ],
    { error: 'must be text, or an object of content, id and score' },
  )
  .describe('A document that was found: its text, or {id, content, score}.')

const toolCallSchema = z
  .strictObject(
    {
      id: word('Id of the call.'),
      name: z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' }).max(1000),
      arguments: z.unknown().optional().describe('Arguments: JSON, or JSON as text.'),
    },
    { error: 'must be an object' },
  )
  .describe('A tool that the model called.')

const promptSchema = z
  .strictObject(
    { name: word('Name of the prompt.'), version: z.union([z.string().max(1000), z.number()]).nullish() },
    { error: 'must be an object of name and version' },
  )
  .describe('The managed prompt that was used.')

const spanMembers = {
  id: word(
    'Your own id; else it is derived from what is sent. Hex digits as in OpenTelemetry (32 for a trace, 16 for a span) or a UUID (trace) stay as they are; any other text is hashed.',
  ),
  name: word('What it is called; else its kind and model.'),
  kind: z
    .enum(SPAN_KINDS, { error: `must be one of ${SPAN_KINDS.join(', ')}` })
    .nullish()
    .describe(
      'What it is. Without it: llm, or retrieval where there are documents, or chain where there are spans inside and no model.',
    ),
  input: content(
    'What went in: text, one message, or messages as in OpenAI Chat Completions ([{role, content}]). Of a tool: its arguments. Of a retrieval: the query. Any other JSON is kept as JSON text.',
  ),
  output: content(
    'What came out: text, one message, or messages. Of a tool: its result. Any other JSON is kept as JSON text.',
  ),
  system_instructions: text(10_000_000, 'The system prompt, where it is no message of `input`.'),
  model: word('The model that was asked for.'),
  response_model: word('The model that answered, where it says so.'),
  response_id: word('Id of the answer.'),
  provider: word('Who serves the model: openai, anthropic, aws.bedrock, ...; else told from the model.'),
  start_time: time('When it began.'),
  end_time: time('When it ended; without it the span is unfinished, and may be sent again.'),
  time_to_first_token_ms: number('Milliseconds from start_time to the first token.'),
  usage: usageSchema.nullish(),
  cost_usd: number('What it cost as you know it; kept beside the cost by our prices.'),
  parameters: parametersSchema.nullish(),
  finish_reason: word('Why the answer ended: stop, length, tool_calls, content_filter, ...'),
  error: errorSchema.nullish(),
  prompt: promptSchema.nullish(),
  tools: list(z.unknown(), 1000, 'Definitions of the tools offered to the model.'),
  tool_calls: list(toolCallSchema, 1000, 'Tools that the model called, beside an `output` that is text.'),
  tool_call_id: word('Of a tool: id of the call that it answers.'),
  documents: list(documentSchema, 1000, 'Documents that were found, or that the answer is to be based on.'),
  user_id: word('Your user; spans inside have the same unless they say otherwise.'),
  session_id: word('The conversation; spans inside have the same unless they say otherwise.'),
  metadata: z
    .record(z.string(), z.unknown(), { error: 'must be an object' })
    .nullish()
    .describe('Anything else; column `attributes` has it under `metadata.<key>`.'),
} as const

type SpanMembers = z.infer<z.ZodObject<typeof spanMembers>>

export interface SpanInput extends SpanMembers {
  readonly spans?: readonly SpanInput[] | null | undefined
}

type InnerSpans = z.ZodType<readonly SpanInput[] | null | undefined>

const innerSpans = (description: string): InnerSpans =>
  z.array(spanSchema, { error: 'must be a list of spans' }).nullish().describe(description)

export const spanSchema: z.ZodType<SpanInput> = z
  .strictObject(
    {
      ...spanMembers,
      get spans(): InnerSpans {
        return innerSpans('Spans inside this one.')
      },
    },
    { error: 'must be an object' },
  )
  .superRefine(checkTimes)

const traceMembers = {
  ...spanMembers,
  spans: innerSpans('The steps inside, to any depth.'),
  tags: list(z.string({ error: 'must be text' }).max(1000), 100, 'Tags of the whole trace.'),
  environment: word('production, staging, ...'),
  release: word('Version of your program.'),
  service_name: word('Name of your program.'),
} as const

export const traceSchema = z.strictObject(traceMembers, { error: 'must be an object' }).superRefine(checkTimes)

export type TraceInput = z.infer<typeof traceSchema>

function checkTimes({ start_time, end_time }: SpanMembers, context: z.RefinementCtx): void {
  if (timeOf(start_time) > timeOf(end_time) && timeOf(end_time) !== 0n) {
    context.addIssue({ code: 'custom', path: ['end_time'], message: 'must not be before start_time' })
  }
}

/** Only that there is a list: each trace is checked on its own. */
export const batchSchema = z.strictObject(
  { traces: z.array(z.unknown(), { error: 'must be a list of traces' }) },
  { error: 'must be an object with a list of traces' },
)

/** To tell a misspelt member. */
export const MEMBERS: ReadonlySet<string> = new Set([
  ...Object.keys(traceMembers),
  ...Object.keys(usageSchema.shape),
  ...Object.keys(parametersSchema.shape),
])
