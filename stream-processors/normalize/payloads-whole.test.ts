import { describe, expect, it } from 'vitest'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import { hasPayloads, type PayloadSpan, payloadFolders, payloadSpans, protobufRows } from './testing/payload-files.ts'
import { goldenOf } from './testing/payload-golden.ts'

/** What must hold for every span of every payload, whoever looked at it. */

type Row = Omit<PayloadSpan, 'read'> & { readonly read: LlmSpan }
const isRow = (span: PayloadSpan): span is Row => typeof span.read !== 'string'
const folders = payloadFolders()
const isAbsent = folders.length === 0
const rowsOf = (folder: string) => payloadSpans(folder).filter(isRow)

/** Names that only ever hold what people and models wrote. */
const CONTENT_NAMES = new RegExp(
  `^(${[
    String.raw`gen_ai\.(input|output)\.messages`,
    String.raw`gen_ai\.(prompt|completion)(\.\d+\.content)?`,
    String.raw`gen_ai\.tool\.call\.(arguments|result)`,
    String.raw`llm\.(prompts|completions)\.\d+\.content`,
    String.raw`llm\.(input|output)_messages\.\d+\.message\.content`,
    String.raw`(input|output)\.value`,
    String.raw`traceloop\.entity\.(input|output)`,
    String.raw`langfuse\.(observation|trace)\.(input|output)`,
    String.raw`ai\.(prompt|prompt\.messages|values?|response\.(text|object|toolCalls)|toolCall\.(args|result))`,
    String.raw`(request|response)_data|pydantic_ai\.all_messages|final_result|tool_(arguments|response)`,
    String.raw`mlflow\.span(Inputs|Outputs)|flue\.\w+\.(input|output|arguments|result|prompt|payload)`,
  ].join('|')})$`,
)
const CONTENT_EVENTS = /^gen_ai\.((system|user|assistant|tool)\.message|choice|content\.(prompt|completion))$/
const NOTHING = /^(null|[\s{}[\]]*)$/

/** Content that was sent and says nothing: parameters without a prompt, an image taken out; a contrived mixture of three SDKs. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'langfuse/otlp/otelMapping.servertest-L5511.json#0',
  'logfire/otlp/test_openai-L2545.json#0',
  'logfire/otlp/test_openai-L4926.json#0',
  'replay-openinference/otlp/oi-google-genai/test_input_value_image_hiding.py-test_create_interaction_hides_uri_and_type_discriminated_image.json#0',
])

function sentContent({ given }: Row): boolean {
  const named = [...given.attributes].some(
    ([name, value]) => CONTENT_NAMES.test(name) && value !== null && !NOTHING.test(String(value)),
  )
  return named || given.events.some((event) => CONTENT_EVENTS.test(event.name) && event.attributes.has('content'))
}

function textOf({ read }: Row): string {
  const parts = [...read.input_messages, ...read.output_messages].flatMap((message) => message.parts)
  const said = [read.system_instructions, read.query, read.tool_definitions]
  const texts = parts.flatMap(({ content, name, uri }) => [content, name, uri])
  return [...said, ...texts, ...read.documents.flatMap(({ id, content }) => [id, content])].join('')
}

/** Agents whose report leaves out calls that lie inside them: of another agent behind a tool; of all steps but the last. */
const REPORTS_LESS: ReadonlySet<string> = new Set([
  'logfire/otlp/test_pydantic_ai_mcp-L58.json#15',
  'vercel-ai/otlp/otel-v7-genai-L2622.json#0',
])

/** The tokens of the calls below a span of one request, as view `usage` counts them: without calls around calls. */
function tokensBelow(ancestor: Row, request: readonly Row[]): readonly [number, number] {
  const byId = new Map(request.map((span) => [span.read.span_id, span]))
  const around = new Set(request.filter(({ read }) => read.is_call).map(({ read }) => read.parent_span_id))
  const isBelow = ({ read }: Row) => {
    let parent = byId.get(read.parent_span_id)
    for (let depth = 0; parent && parent !== ancestor && depth < request.length; depth++) {
      parent = byId.get(parent.read.parent_span_id)
    }
    return parent === ancestor
  }
  const calls = request.filter((span) => span.read.is_call && !around.has(span.read.span_id) && isBelow(span))
  const sum = (tokens: (span: LlmSpan) => number | null) =>
    calls.reduce((all, { read }) => all + (tokens(read) ?? 0), 0)
  return [sum((span) => span.input_tokens), sum((span) => span.output_tokens)]
}

function requestsOf(folder: string): readonly (readonly Row[])[] {
  const requests = new Map<string, Row[]>()
  for (const span of rowsOf(folder)) {
    const key = `${span.id.slice(0, span.id.lastIndexOf('#'))} ${span.read.trace_id}`
    const request = requests.get(key)
    if (request) request.push(span)
    else requests.set(key, [span])
  }
  return [...requests.values()]
}

describe.each(isAbsent ? ['payloads, which are not here'] : folders)('every span of %s', (folder) => {
  const unless = (known: ReadonlySet<string>, spans: readonly Row[]) =>
    spans.map(({ id }) => `${folder}/${id}`).filter((id) => !known.has(id))

  it.skipIf(isAbsent)('that was sent with content reads as something', () => {
    const silent = rowsOf(folder).filter((span) => sentContent(span) && textOf(span) === '')
    expect(unless(SAYS_NOTHING, silent)).toEqual([])
  })

  it.skipIf(isAbsent)('that reports what its calls used reports no less than we count', () => {
    const doubled = requestsOf(folder).flatMap((request) =>
      request.filter((span) => {
        const { is_call, reported_input_tokens: input, reported_output_tokens: output } = span.read
        if (is_call || (input === null && output === null)) return false
        const [counted_input, counted_output] = tokensBelow(span, request)
        return counted_input > (input ?? 0) || counted_output > (output ?? 0)
      }),
    )
    expect(unless(REPORTS_LESS, doubled)).toEqual([])
  })
})

it.skipIf(isAbsent)('reads the same from protobuf as from JSON', () => {
  const fromJson = new Map(folders.flatMap(rowsOf).map(({ read }) => [read.trace_id + read.span_id, read]))
  const both = protobufRows().flatMap((row) => {
    const other = fromJson.get(row.trace_id + row.span_id)
    return other ? [[goldenOf(row), goldenOf(other)] as const] : []
  })
  expect(both.length).toBeGreaterThan(250)
  for (const [protobuf, json] of both) expect(protobuf).toEqual(json)
})

/** Names of the conventions that no field takes: what the row has no place for stays among its attributes. */
const UNREAD: readonly (readonly [string, RegExp])[] = [
  [
    'free metadata of the sender',
    /metadata|\.properties\.|\.context\.|\.headers\.|experiment|template|public$|as_root$/,
  ],
  [
    'ids and names of what is not the call',
    /(agent|task|workflow|guardrail|serialized|entity|data_source)\.|response\.#\.id$|\.managed$/,
  ],
  ['times that the span has better', /_time$|timestamp$|duration$|msToFinish$|PerSecond$/],
  [
    'settings that judges read where they are',
    /schema|reasoning|toolChoice|service_tier|\.mode$|format(s|$)|max(Retries|Steps)$|caching$/,
  ],
  ['the service and its address', /api_(base|version)$|fingerprint$|endpoint$|(environment|application_name)$/],
  ['finer counts of tokens', /^(gen_ai\.(aggregated_)?usage|llm\.token_count|ai\.usage)\.|dimension\.count$/],
  ['all parameters as one text, read but kept', /parameters/],
  ['what a provider filtered', /filter|prompt_error$/],
  ['what a tool is', /^gen_ai\.tool\.(description|type)$/],
  ['content that lies elsewhere', /_ref$/],
  [
    'a value that says nothing: {}, null, -1',
    /^(gen_ai\.prompt|traceloop\.entity\.output|output\.value|gen_ai\.request\.max_tokens)$/,
  ],
  ['an attack', /^gen_ai\.prompt\.(__proto__|role)/],
]
const KNOWN_PREFIX = /^(gen_ai|llm|ai|langfuse|input|output|traceloop)\./

it.skipIf(isAbsent)('leaves no known name unread but for a reason', () => {
  const left = folders.flatMap((folder) => rowsOf(folder).flatMap(({ read }) => [...read.attributes.keys()]))
  const known = left.filter((name) => KNOWN_PREFIX.test(name)).map((name) => name.replaceAll(/\.\d+(?=\.|$)/g, '.#'))
  expect([...new Set(known)].filter((name) => !UNREAD.some(([, reason]) => reason.test(name)))).toEqual([])
})

/** Langfuse's own expectations of single attributes, where both have the field; how we say the same. */
const LANGFUSE: Readonly<Record<string, (row: LlmSpan) => unknown>> = {
  'usageDetails.input': (row) => row.input_tokens ?? row.reported_input_tokens,
  'usageDetails.output': (row) => row.output_tokens ?? row.reported_output_tokens,
  'costDetails.total': (row) => row.reported_cost_usd,
  'modelParameters.temperature': ({ parameters }) => parameters.temperature,
  'modelParameters.max_tokens': ({ parameters }) => parameters.max_tokens,
  model: (row) => row.request_model,
  userId: (row) => row.user_id,
  sessionId: (row) => row.session_id,
  tags: (row) => row.tags,
  version: (row) => row.release,
  // Langfuse calls an environment that nobody named `default`.
  environment: (row) => row.environment || 'default',
}

describe.skipIf(!hasPayloads('langfuse'))('what Langfuse expects of an attribute', () => {
  const cases = rowsOf('langfuse').flatMap((span) =>
    Object.entries(span.langfuse_expected ?? {}).map(([field, expected]) => ({ span, field, expected })),
  )

  it('is what we read, field by field', () => {
    const compared = cases.filter(({ field }) => Object.hasOwn(LANGFUSE, field))
    expect(compared.length).toBeGreaterThanOrEqual(35)
    for (const { span, field, expected } of compared)
      expect(LANGFUSE[field]?.(span.read), `${span.id} ${field}`).toEqual(expected)
  })

  it('is among what we read, text by text', () => {
    const compared = cases.filter(({ field }) => field === 'input' || field === 'output')
    expect(compared.length).toBeGreaterThanOrEqual(35)
    for (const { span, expected } of compared) {
      const read = textOf(span)
      for (const text of textsIn(expected))
        expect(read.replaceAll(/\s/g, ''), span.id).toContain(text.replaceAll(/\s/g, ''))
    }
  })
})

/** The contents among what Langfuse expects; roles, types and reasons are fields of their own with us. */
function textsIn(expected: unknown): readonly string[] {
  if (typeof expected === 'string') {
    const json = /^[[{]/.test(expected) ? (JSON.parse(expected) as unknown) : expected
    return typeof json === 'string' ? [json] : textsIn(json)
  }
  if (typeof expected !== 'object' || expected === null) return []
  return Object.entries(expected).flatMap(([key, value]) => (LABELS.has(key) ? [] : textsIn(value)))
}
// The last one is no attribute of any convention.
const LABELS = new Set([
  'role',
  'type',
  'id',
  'finish_reason',
  'index',
  'event.name',
  'created_at',
  'gen_ai.something_else',
])
