import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import type { PlannedRequest, PlannedSpan, Schedule } from './schedule.ts'

const NS_PER_MS = 1_000_000n
const PROJECT = 'default'
/** Field 1, longer than the record: no reader can make anything of it. */
const UNREADABLE = [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')

/** `project/trace_id/span_id` of a planned span. */
export function idOf({ trace, span }: Pick<PlannedSpan, 'trace' | 'span'>): string {
  return `${PROJECT}/${hex(trace, 32)}/${hex(span, 16)}`
}

/** What is sent: an export request in protobuf or JSON, or something that is none. */
export function bodyOf(request: PlannedRequest, { shape }: Schedule): Buffer {
  if (request.kind === 'unreadable')
    return Buffer.from([...UNREADABLE, request.spans[0]!.span & 0xff, request.at_ms & 0xff])
  const spans = request.spans.map((span) => toJson(span, shape.start_ms))
  const json = { resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'sim' }, spans }] }] }
  if (request.kind === 'json') return Buffer.from(JSON.stringify(json))
  const bytes = Buffer.from(encodeTracesJson(json))
  return request.kind === 'truncated' ? bytes.subarray(0, bytes.length - 1) : bytes
}

function toJson(planned: PlannedSpan, beginning_ms: number): object {
  const start = BigInt(Math.max(1, beginning_ms + planned.start_ms)) * NS_PER_MS
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } })
  const count = (key: string, value: number) => ({ key, value: { intValue: String(value) } })
  const answer = planned.span % 3 === 0 ? "I'm sorry, but I can't help with that." : 'Write to ann@shop.example.'
  return {
    traceId: hex(planned.trace, 32),
    spanId: hex(planned.span, 16),
    ...(planned.parent > 0 && { parentSpanId: hex(planned.parent, 16) }),
    name: 'chat gpt-4o',
    kind: 3,
    startTimeUnixNano: String(start),
    endTimeUnixNano: planned.is_finished ? String(start + 500n * NS_PER_MS) : '0',
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.provider.name', 'openai'),
      text('gen_ai.request.model', 'gpt-4o'),
      count('gen_ai.usage.input_tokens', 1 + (planned.span % 97)),
      text(
        'gen_ai.output.messages',
        JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: answer }] }]),
      ),
    ],
  }
}
