import { createEvaluationCodec, createJudgedSpanCodec, createJudgeRequestCodec } from '../../core/avro.ts'
import { readLogs } from '../../schemas/otlp/log-reader.ts'
import type { Attributes, AttributeValue, OtlpEvent, OtlpSpan } from '../../schemas/otlp/otlp.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { DEAD_LETTERS, EVALUATIONS, JUDGE_REQUESTS, LLM_SPANS, OTLP_LOGS, OTLP_SPANS } from '../../schemas/topics.ts'

/** Gives the value of a record of a topic as plain JSON; undefined where it is not what the topic holds. */
export type Decode = (value: Buffer) => unknown

const DECODERS: Readonly<Record<string, () => Decode>> = {
  [OTLP_SPANS.name]: () => (value) => spansOf(value),
  [OTLP_LOGS.name]: () => (value) => readLogs(value).map(({ byte_start, byte_end, ...log }) => plainFields(log)),
  [LLM_SPANS.name]: () => {
    const codec = createJudgedSpanCodec()
    return (value) => codec.decode(value)
  },
  [EVALUATIONS.name]: () => {
    const codec = createEvaluationCodec()
    return (value) => codec.decode(value)
  },
  [JUDGE_REQUESTS.name]: () => {
    const codec = createJudgeRequestCodec()
    return (value) => codec.decode(value)
  },
  [DEAD_LETTERS.name]: () => (value) => spansOf(value),
}

export function createDecoder(topic: string): Decode {
  const decode = DECODERS[topic]?.() ?? ((value: Buffer) => JSON.parse(value.toString()) as unknown)
  return (value) => {
    try {
      return toJson(decode(value))
    } catch {
      return undefined
    }
  }
}

export function spansOf(body: Uint8Array): readonly unknown[] {
  return readTraces(body).flatMap(({ resource_attributes, scope_spans }) =>
    scope_spans.flatMap(({ scope_name, spans }) =>
      spans.map((span) => ({ ...plainSpan(span), scope_name, resource: plain(resource_attributes) })),
    ),
  )
}

function plainSpan({ byte_start, byte_end, attributes, events, ...span }: OtlpSpan) {
  return {
    ...(plainFields(span) as Omit<OtlpSpan, 'byte_start' | 'byte_end' | 'attributes' | 'events'>),
    attributes: plain(attributes),
    events: events.map(({ attributes, ...event }: OtlpEvent) => ({
      ...(plainFields(event) as object),
      attributes: plain(attributes),
    })),
  }
}

function plainFields(fields: object): unknown {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value as AttributeValue)]))
}

function plain(value: AttributeValue | Attributes): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
  return value
}

/** 64-bit numbers as text. */
function toJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)))
}
