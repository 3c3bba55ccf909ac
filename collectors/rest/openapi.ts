import { z } from 'zod'
import { spanSchema, traceSchema, usageSchema } from './trace-schema.ts'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const place = z.object({
  path: z.string().describe('JSONPath from the root of the body, as $.spans[0].start_time.'),
  message: z.string().describe('What to change.'),
})

const sent = {
  trace_id: z.string().describe('32 hex digits: column trace_id.'),
  span_ids: z
    .array(z.string())
    .describe('16 hex digits each: column span_id. The trace itself first, each span before those inside it.'),
}

const ANSWERS = {
  Problem: z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string().describe('What happened, and what to do.'),
      code: z.string().describe('A code of docs/errors.md.'),
      errors: z.array(place).optional().describe('All that is wrong in the body, at most 100.'),
    })
    .describe('Problem details (RFC 9457).'),
  Accepted: z.object(sent),
  BatchResult: z.object({
    accepted: z.array(z.object({ index: z.int().describe('Place in `traces`.'), ...sent })),
    rejected: z.array(z.object({ index: z.int().describe('Place in `traces`.'), errors: z.array(place) })),
  }),
} as const

const EXAMPLE = {
  name: 'answer',
  model: 'gpt-4o-mini',
  start_time: '2026-11-20T10:00:00Z',
  end_time: '2026-11-20T10:00:01.2Z',
  input: [{ role: 'user', content: 'Where is my parcel?' }],
  output: 'It arrives tomorrow.',
  usage: { input_tokens: 12, output_tokens: 5 },
  session_id: 'chat-17',
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})

const again = (description: string) => ({
  ...problem(description),
  headers: {
    'Retry-After': {
      description: 'Seconds to wait before the same request is sent again.',
      schema: { type: 'integer' },
    },
  },
})

const FAILURES = {
  400: problem('No trace was taken: no JSON, or not of this form. `errors` lists everything that is wrong.'),
  401: problem('No valid API key.'),
  413: problem('Larger than allowed, as sent or inflated, or too many spans.'),
  415: problem('Unknown Content-Encoding.'),
  429: again('Too many requests, spans or bytes.'),
  503: again('Stopping, or the log takes nothing now.'),
}

/** The OpenAPI 3.1 description of this collector, made from the schemas that check what is sent. */
export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'EvalForge: traces in simple JSON',
      version: '1.0.0',
      description:
        'For programs without OpenTelemetry. 2xx means that the traces are on the log, flushed to disk. Bodies may be compressed (gzip, deflate, zstd).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { api_key: [] }, {}],
    paths: {
      '/api/v1/traces': {
        post: operation('sendTrace', 'Send one trace', {
          body: { schema: ref('Trace'), example: EXAMPLE },
          answers: { 200: answer('The trace is on the log.', 'Accepted') },
        }),
      },
      '/api/v1/traces/batch': {
        post: operation('sendTraces', 'Send several traces', {
          body: { schema: ref('Batch'), example: { traces: [EXAMPLE] } },
          answers: {
            200: answer('All traces are on the log.', 'BatchResult'),
            207: answer(
              'Some are on the log; `rejected` says what is wrong with the others. Send only those again, mended.',
              'BatchResult',
            ),
          },
        }),
      },
    },
    components: {
      schemas: {
        ...componentSchemas(),
        Batch: {
          type: 'object',
          properties: { traces: { type: 'array', items: ref('Trace') } },
          required: ['traces'],
          additionalProperties: false,
        },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A key made with `evalforge keys create <project>`.' },
        api_key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

interface OperationParts {
  readonly body: object
  readonly answers: object
}

function operation(operationId: string, summary: string, { body, answers }: OperationParts) {
  return {
    operationId,
    summary,
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        required: false,
        description:
          'Part of the ids of traces that have none of their own: the same key and body again is the same trace.',
        schema: { type: 'string' },
      },
    ],
    requestBody: { required: true, content: { 'application/json': body } },
    responses: { ...answers, ...FAILURES },
  }
}

function answer(description: string, schema: keyof typeof ANSWERS) {
  return { description, content: { 'application/json': { schema: ref(schema) } } }
}

function componentSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>()
  const named = { Trace: traceSchema, Span: spanSchema, Usage: usageSchema, ...ANSWERS }
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/components/schemas/${id}` })
  // $schema and $id would make each a document of its own, from which the references lead nowhere.
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema: _s, $id: _i, ...schema }]) => [id, schema]))
}
