import { createPriceList } from '../../../core/prices.ts'
import type { LlmSpan } from '../../../schemas/llm-span.ts'
import type { AttributeValue, OtlpEvent, OtlpResourceSpans, OtlpSpan } from '../../../schemas/otlp/otlp.ts'
import { createNormalize, type Normalized } from '../normalize.ts'

export type Plain = AttributeValue | readonly Plain[] | { readonly [key: string]: Plain }

/** 2026-01-01T00:00:00Z in ns. */
export const START = 1_767_225_600_000_000_000n
export const RECEIVED_AT = 1_767_225_700_000

const PRICES = createPriceList({
  version: '2026-01-01',
  vendors: [{ vendor: 'test', source: 'test', models: [{ id: 'priced-model', input: 2, cached_input: 1, output: 8 }] }],
})
const normalize = createNormalize({ prices: PRICES })

export function attributes(values: Readonly<Record<string, Plain>>): ReadonlyMap<string, AttributeValue> {
  return new Map(Object.entries(values).map(([key, value]) => [key, attribute(value)]))
}

function attribute(value: Plain): AttributeValue {
  if (Array.isArray(value)) return value.map(attribute)
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array || value instanceof Map) {
    return value as AttributeValue
  }
  return attributes(value as Record<string, Plain>)
}

export function anEvent(name: string, values: Readonly<Record<string, Plain>> = {}, after_ms = 1): OtlpEvent {
  return { name, time_unix_nano: START + BigInt(after_ms) * 1_000_000n, attributes: attributes(values) }
}

export function aSpan(values: Readonly<Record<string, Plain>>, fields: Partial<OtlpSpan> = {}): OtlpSpan {
  return {
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
    parent_span_id: '',
    trace_state: '',
    name: 'span',
    kind: 1,
    start_time_unix_nano: START,
    end_time_unix_nano: START + 2_000_000_000n,
    attributes: attributes(values),
    dropped_attributes_count: 0,
    events: [],
    status_code: 0,
    status_message: '',
    byte_start: 10,
    byte_end: 20,
    ...fields,
  }
}

export function aRequest(spans: readonly OtlpSpan[], scope_name = 'test', resource: Record<string, Plain> = {}) {
  const request: OtlpResourceSpans = {
    resource_attributes: attributes(resource),
    schema_url: '',
    scope_spans: [{ scope_name, scope_version: '1', scope_attributes: new Map(), schema_url: '', spans }],
  }
  return [request]
}

export function normalized(request: readonly OtlpResourceSpans[]): Normalized {
  return normalize(request, { project: 'default', received_at: RECEIVED_AT })
}

/** The one row that a span with these attributes becomes. */
export function rowOf(
  values: Readonly<Record<string, Plain>>,
  fields: Partial<OtlpSpan> = {},
  scope?: string,
): LlmSpan {
  const { spans, failures } = normalized(aRequest([aSpan(values, fields)], scope))
  const [row] = spans
  if (!row) throw new Error(`no row: ${JSON.stringify(failures)}`)
  return row
}

/** Messages in one line each: `role: text | tool_call name(arguments) | media mime uri`. */
export function lines(messages: LlmSpan['input_messages']): readonly string[] {
  return messages.map(({ role, parts }) => `${role}: ${parts.map(inLine).join(' | ')}`)
}

function inLine(part: LlmSpan['input_messages'][number]['parts'][number]): string {
  switch (part.type) {
    case 'text':
      return part.content
    case 'tool_call':
      return `call ${part.id} ${part.name}(${part.content})`
    case 'tool_call_response':
      return `result ${part.id} = ${part.content}`
    case 'media':
      return `media ${part.mime_type} ${part.uri}`
    default:
      return `${part.type} ${part.content}`
  }
}
