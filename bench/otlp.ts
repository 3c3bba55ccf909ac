/**
 * How many spans a second of CPU decodes, checks or transcodes: the reader, the scan and the JSON encoder beside
 * protobuf-es and JSON.parse. Batches of 100 spans with 20 attributes and some 2.3 KB, 15 % of the texts not ASCII.
 * Usage: node bench/otlp.ts [--json] [--seconds <per decoder>]
 */
import { parseArgs } from 'node:util'
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { createRandom } from '../core/random.ts'
import { encodeTracesJson } from '../schemas/otlp/json.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import { type ScanLimits, scanTraces } from '../schemas/otlp/scan.ts'
import { ExportTraceServiceRequestSchema } from '../tests/otlp-oracle/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import type { AnyValueSchema } from '../tests/otlp-oracle/generated/opentelemetry/proto/common/v1/common_pb.js'
import type { SpanSchema } from '../tests/otlp-oracle/generated/opentelemetry/proto/trace/v1/trace_pb.js'
import { readTracesByOracle } from '../tests/otlp-oracle/oracle.ts'

type SpanInit = MessageInitShape<typeof SpanSchema>

const SPANS_PER_BATCH = 100
const BATCHES = 20
const WORDS = 'the model answers a question about orders refunds and delivery times for customers in the shop'.split(
  ' ',
)
const FOREIGN = 'größe süß 日本語 テスト été naïve 😀 привет'.split(' ')

const LIMITS: ScanLimits = {
  max_spans: 10_000,
  max_attributes: 1000,
  max_events: 1000,
  max_depth: 32,
  max_string_bytes: 1 << 20,
  max_record_bytes: 900_000,
}

type Random = (below: number) => number

function text(random: Random, length: number): string {
  const words = random(100) < 15 ? [...WORDS, ...FOREIGN] : WORDS
  let result = ''
  while (result.length < length) result += `${words[random(words.length)]} `
  return result
}

function idOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => 1 + random(255))
}

function anyValue(content: string | number | boolean): MessageInitShape<typeof AnyValueSchema> {
  if (typeof content === 'string') return { value: { case: 'stringValue', value: content } }
  if (typeof content === 'boolean') return { value: { case: 'boolValue', value: content } }
  if (Number.isInteger(content)) return { value: { case: 'intValue', value: BigInt(content) } }
  return { value: { case: 'doubleValue', value: content } }
}

function aSpan(random: Random, traceId: Uint8Array): SpanInit {
  const start = 1_790_000_000_000_000_000n + BigInt(random(1_000_000_000))
  const attributes: Record<string, string | number | boolean> = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4.1-mini',
    'gen_ai.response.model': 'gpt-4.1-mini-2025-04-14',
    'gen_ai.response.id': `chatcmpl-${Buffer.from(idOf(random, 12)).toString('hex')}`,
    'gen_ai.request.temperature': random(100) / 99,
    'gen_ai.request.max_tokens': 1024,
    'gen_ai.request.top_p': 0.95,
    'gen_ai.usage.input_tokens': random(4000),
    'gen_ai.usage.output_tokens': random(900),
    'gen_ai.response.finish_reasons': 'stop',
    'gen_ai.input.messages': text(random, 820),
    'gen_ai.output.messages': text(random, 470),
    'session.id': `session-${random(500)}`,
    'user.id': `user-${random(5000)}`,
    'server.address': 'api.openai.com',
    'server.port': 443,
    'deployment.environment': 'production',
    'app.streaming': random(2) === 0,
    'app.prompt.version': `v${random(20)}`,
  }
  return {
    traceId,
    spanId: idOf(random, 8),
    parentSpanId: idOf(random, 8),
    name: 'chat gpt-4.1-mini',
    kind: 3,
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(random(2_000_000_000)),
    attributes: Object.entries(attributes).map(([key, content]) => ({ key, value: anyValue(content) })),
    events: [{ timeUnixNano: start, name: 'first_token' }],
    status: { code: 1 },
  }
}

function createBatches(): Uint8Array[] {
  const random = createRandom(7)
  return Array.from({ length: BATCHES }, () => {
    const spans: SpanInit[] = []
    while (spans.length < SPANS_PER_BATCH) {
      const traceId = idOf(random, 16)
      for (let inTrace = 0; inTrace < 5; inTrace++) spans.push(aSpan(random, traceId))
    }
    const resource = { attributes: [{ key: 'service.name', value: anyValue('shop') }] }
    const request = create(ExportTraceServiceRequestSchema, { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
    return toBinary(ExportTraceServiceRequestSchema, request)
  })
}

/** OTLP/JSON as SDKs write it: hex ids, times as strings. */
function toOtlpJson(body: Uint8Array): string {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const request = readTracesByOracle(body)
  const resourceSpans = request.resourceSpans.map(({ resource, scopeSpans }) => ({
    resource: { attributes: resource?.attributes.map(({ key }) => ({ key, value: { stringValue: 'shop' } })) },
    scopeSpans: scopeSpans.map(({ spans }) => ({
      spans: spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: span.kind,
        startTimeUnixNano: String(span.startTimeUnixNano),
        endTimeUnixNano: String(span.endTimeUnixNano),
        attributes: span.attributes.map(({ key, value }) => {
          const { case: kind, value: content } = value!.value
          return { key, value: { [kind!]: typeof content === 'bigint' ? Number(content) : content } }
        }),
        events: span.events.map(({ timeUnixNano, name }) => ({
          timeUnixNano: String(timeUnixNano),
          name,
          attributes: [],
        })),
        status: { code: span.status?.code },
      })),
    })),
  }))
  return JSON.stringify({ resourceSpans })
}

interface Measurement {
  readonly name: string
  readonly spans_per_cpu_second: number
  readonly cpu_us_per_span: number
}

/** The median of seven slices, each a seventh of the time, after a warm-up of one. */
function measure<Input>(
  name: string,
  inputs: readonly Input[],
  seconds: number,
  run: (input: Input) => unknown,
): Measurement {
  const slices: number[] = []
  for (let slice = 0; slice < 8; slice++) {
    const before = process.cpuUsage()
    const until = performance.now() + (seconds * 1000) / 7
    let spans = 0
    while (performance.now() < until) {
      for (const input of inputs) run(input)
      spans += inputs.length * SPANS_PER_BATCH
    }
    const { user, system } = process.cpuUsage(before)
    if (slice > 0) slices.push((user + system) / spans)
  }
  const cpu_us = slices.sort((a, b) => a - b)[3]!
  return {
    name,
    spans_per_cpu_second: Math.round(1_000_000 / cpu_us),
    cpu_us_per_span: Math.round(cpu_us * 100) / 100,
  }
}

function main(): void {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, seconds: { type: 'string', default: '3.5' } } })
  const seconds = Number(values.seconds)
  const bodies = createBatches()
  const texts = bodies.map(toOtlpJson)
  const parsed = texts.map((json): unknown => JSON.parse(json))
  const results = [
    measure('reader', bodies, seconds, readTraces),
    measure('scan', bodies, seconds, (body) => scanTraces(body, LIMITS)),
    measure('scan, cut into records of 100 KB', bodies, seconds, (body) =>
      scanTraces(body, { ...LIMITS, max_record_bytes: 100_000 }),
    ),
    measure('json', parsed, seconds, encodeTracesJson),
    measure('JSON.parse', texts, seconds, (json) => JSON.parse(json)),
    measure('protobuf-es', bodies, seconds, readTracesByOracle),
  ]
  const bytes_per_span = Math.round(bodies.reduce((sum, body) => sum + body.length, 0) / (BATCHES * SPANS_PER_BATCH))
  if (values.json) console.log(JSON.stringify({ bytes_per_span, results }))
  else {
    console.log(`${bytes_per_span} bytes a span`)
    console.table(results)
  }
}

main()
