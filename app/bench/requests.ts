import { createRandom, type Random } from '../../core/random.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { placedItems, readLayout } from '../../schemas/otlp/layout.ts'
import { createCursor, readEnd, readTag, skipField } from '../../schemas/otlp/wire.ts'
import { jsonAttributes } from '../seed/otlp-json.ts'
import { conversation } from './llm-text.ts'

export const SPANS_PER_TRACE = 5
const TEMPLATES = 16
const NS_PER_MS = 1_000_000n

/** Fixed by OTLP: field number << 3 | wire type, in message Span. */
const TAG = { trace_id: 10, span_id: 18, parent_span_id: 34, start_time: 57, end_time: 65 } as const

export interface RequestOptions {
  readonly seed: number
  /** Mean size of an encoded span. */
  readonly span_bytes: number
  /** A multiple of SPANS_PER_TRACE. */
  readonly spans_per_request: number
}

export interface TraceIds {
  readonly trace_id: string
  readonly span_ids: readonly string[]
}

/** Export requests by number: the same number and time give the same bytes, so that a retry needs no memory. */
export interface RequestSource {
  readonly spans_per_request: number
  /** Mean over the templates. */
  readonly bytes_per_span: number
  /** ExportTraceServiceRequest whose last span ends at `end_ms`, milliseconds since 1970. */
  bodyOf(index: number, end_ms: number): Buffer
  idsOf(index: number): readonly TraceIds[]
}

/** Where a template's span has what differs between requests. */
interface SpanPlaces {
  readonly trace_id: number
  readonly span_id: number
  /** -1 for a root. */
  readonly parent_span_id: number
  readonly start_time: number
  readonly end_time: number
  /** How long before the request's time the span began and ended. */
  readonly before_start_ns: bigint
  readonly before_end_ns: bigint
}

interface Template {
  readonly bytes: Buffer
  readonly spans: readonly SpanPlaces[]
}

export function createRequestSource({ seed, span_bytes, spans_per_request }: RequestOptions): RequestSource {
  if (spans_per_request % SPANS_PER_TRACE !== 0)
    throw new RangeError(`Spans per request must be a multiple of ${SPANS_PER_TRACE}; got ${spans_per_request}.`)
  const random = createRandom(seed)
  const overhead = measureOverhead(random)
  const text_bytes = Math.max(40, span_bytes - overhead)
  const templates = Array.from({ length: TEMPLATES }, () => createTemplate(random, { spans_per_request, text_bytes }))
  const traces = spans_per_request / SPANS_PER_TRACE
  const total = templates.reduce((sum, { bytes }) => sum + bytes.length, 0)

  /** Ids of request `index`: 16 bytes per trace, then 8 per span. */
  function idBytes(index: number): Buffer {
    const draw = createRandom((Math.imul(index + 1, 0x9e3779b1) ^ seed) | 0)
    const ids = Buffer.allocUnsafe(traces * 16 + spans_per_request * 8)
    for (let at = 0; at < ids.length; at += 4) ids.writeUInt32LE(draw(2 ** 32), at)
    // No id is all zero, and requests never share one, whatever the generator draws.
    for (let trace = 0; trace < traces; trace++) ids.writeUInt32BE(index + 1, trace * 16 + 12)
    for (let span = 0; span < spans_per_request; span++) ids.writeUInt16BE(span + 1, traces * 16 + span * 8 + 6)
    return ids
  }

  return {
    spans_per_request,
    bytes_per_span: total / TEMPLATES / spans_per_request,
    bodyOf(index, end_ms) {
      const template = templates[index % TEMPLATES]!
      const body = Buffer.from(template.bytes)
      const ids = idBytes(index)
      const now_ns = BigInt(Math.round(end_ms)) * NS_PER_MS
      template.spans.forEach((places, span) => {
        const trace = Math.floor(span / SPANS_PER_TRACE)
        const root = traces * 16 + trace * SPANS_PER_TRACE * 8
        ids.copy(body, places.trace_id, trace * 16, trace * 16 + 16)
        ids.copy(body, places.span_id, traces * 16 + span * 8, traces * 16 + span * 8 + 8)
        if (places.parent_span_id >= 0) ids.copy(body, places.parent_span_id, root, root + 8)
        body.writeBigUInt64LE(now_ns - places.before_start_ns, places.start_time)
        body.writeBigUInt64LE(now_ns - places.before_end_ns, places.end_time)
      })
      return body
    },
    idsOf(index) {
      const hex = idBytes(index).toString('hex')
      return Array.from({ length: traces }, (_, trace) => {
        const from = traces * 32 + trace * SPANS_PER_TRACE * 16
        return {
          trace_id: hex.slice(trace * 32, trace * 32 + 32),
          span_ids: Array.from({ length: SPANS_PER_TRACE }, (_, n) => hex.slice(from + n * 16, from + n * 16 + 16)),
        }
      })
    },
  }
}

/** Bytes of a span around its two texts. */
function measureOverhead(random: Random): number {
  const spans = SPANS_PER_TRACE * 4
  const text_bytes = 400
  return createTemplate(random, { spans_per_request: spans, text_bytes }).bytes.length / spans - text_bytes
}

function createTemplate(random: Random, size: { spans_per_request: number; text_bytes: number }): Template {
  const spans = Array.from({ length: size.spans_per_request }, (_, n) =>
    // Sizes vary by a third around the mean.
    aSpan(random, n % SPANS_PER_TRACE === 0, size.text_bytes * (0.67 + random(67) / 100)),
  )
  const bytes = Buffer.from(
    encodeTracesJson({
      resourceSpans: [
        {
          resource: {
            attributes: jsonAttributes({
              'service.name': 'support-desk',
              'service.version': '2.31.0',
              'deployment.environment.name': 'production',
              'telemetry.sdk.language': 'nodejs',
              'telemetry.sdk.name': 'opentelemetry',
            }),
          },
          scopeSpans: [{ scope: { name: 'opentelemetry.instrumentation.openai', version: '0.22.0' }, spans }],
        },
      ],
    }),
  )
  return { bytes, spans: findPlaces(bytes, random) }
}

const MODELS = ['gpt-4.1-mini', 'gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-flash']

function aSpan(random: Random, root: boolean, text_bytes: number): object {
  const model = MODELS[random(MODELS.length)]!
  const { input, output } = conversation(random, text_bytes)
  const operation = root ? 'invoke_agent' : 'chat'
  const attributes = jsonAttributes({
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    'gen_ai.response.model': `${model}-2026-04-14`,
    'gen_ai.response.id': `chatcmpl-${random(2 ** 32).toString(36)}${random(2 ** 32).toString(36)}`,
    'gen_ai.request.temperature': (1 + random(98)) / 100,
    'gen_ai.request.top_p': 0.95,
    'gen_ai.request.max_tokens': 1024,
    'gen_ai.usage.input_tokens': 1 + random(4000),
    'gen_ai.usage.output_tokens': 1 + random(900),
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.input.messages': input,
    'gen_ai.output.messages': output,
    'gen_ai.conversation.id': `conversation-${random(5000)}`,
    ...(root && { 'gen_ai.agent.name': 'support' }),
    'user.id': `user-${random(20_000)}`,
    'server.address': 'api.openai.com',
    'server.port': 443,
    'app.tenant': `tenant-${random(40)}`,
    'app.prompt.version': `v${random(20)}`,
    'app.streaming': random(2) === 0,
  })
  return {
    traceId: '1'.repeat(32),
    spanId: '1'.repeat(16),
    ...(!root && { parentSpanId: '1'.repeat(16) }),
    name: `${operation} ${root ? 'support' : model}`,
    kind: root ? 1 : 3,
    startTimeUnixNano: '1',
    endTimeUnixNano: '1',
    attributes,
    status: { code: 1 },
  }
}

function findPlaces(bytes: Buffer, random: Random): SpanPlaces[] {
  const cursor = createCursor(bytes)
  const wanted = new Map<number, keyof typeof TAG>(
    Object.entries(TAG).map(([name, tag]) => [tag, name as keyof typeof TAG]),
  )
  let before_start_ns = 0n
  return [...placedItems(readLayout(bytes))].map(({ byte_start, byte_end }, n) => {
    const at: Record<keyof typeof TAG, number> = {
      trace_id: -1,
      span_id: -1,
      parent_span_id: -1,
      start_time: -1,
      end_time: -1,
    }
    cursor.position = byte_start
    while (cursor.position < byte_end) {
      const tag = readTag(cursor, byte_end)
      const name = wanted.get(tag)
      if (name === undefined) skipField(cursor, tag, byte_end)
      else if (name === 'start_time' || name === 'end_time') {
        at[name] = cursor.position
        cursor.position += 8
      } else {
        const end = readEnd(cursor, byte_end)
        at[name] = cursor.position
        cursor.position = end
      }
    }
    const inTrace = n % SPANS_PER_TRACE
    // A root spans its calls, which follow one another.
    const duration_ns = BigInt(200 + random(800)) * NS_PER_MS
    const before_end_ns = inTrace === 0 ? 0n : BigInt(SPANS_PER_TRACE - inTrace) * 1_000n * NS_PER_MS
    before_start_ns = inTrace === 0 ? BigInt(SPANS_PER_TRACE + 1) * 1_000n * NS_PER_MS : before_end_ns + duration_ns
    return { ...at, before_start_ns, before_end_ns }
  })
}
