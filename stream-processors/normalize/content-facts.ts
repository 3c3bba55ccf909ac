import { createHash } from 'node:crypto'
import type { PriceList } from '../../core/prices.ts'
import { type ContentFact, FACT_FIELDS, type FactContent } from '../../schemas/content-fact.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { OtlpLogRecord } from '../../schemas/otlp/log-reader.ts'
import type { Attributes, AttributeValue, OtlpSpan } from '../../schemas/otlp/otlp.ts'
import { createNormalize } from './normalize.ts'

/** Why a log record says nothing about a span; counted, and still on the log. */
export const LOG_DROPS = ['not_genai', 'no_span', 'nothing_said'] as const
export type LogDrop = (typeof LOG_DROPS)[number]

export interface LogRequest {
  readonly project: string
  /** Append time of the request, ms since 1970. */
  readonly received_at: number
  /** The request's bytes, which its records point into. */
  readonly body: Uint8Array
  readonly records: readonly OtlpLogRecord[]
}

export interface ReadFacts {
  readonly facts: readonly ContentFact[]
  readonly dropped: Readonly<Record<LogDrop, number>>
}

const NS_PER_MS = 1_000_000n
const NO_PRICES: PriceList = { version: '', priceOf: () => undefined }
const EVALUATION = 'gen_ai.evaluation.result'
const NO_ATTRIBUTES: Attributes = new Map()
/** A message of a conversation always belongs to a model call; without the word its usage would not be read. */
const CALL: readonly (readonly [string, AttributeValue])[] = [['gen_ai.operation.name', 'chat']]

/**
 * What the log records of a request say about spans. A record is read as a span that holds nothing else: its attributes as
 * the span's, and body and attributes together as the one event it is, so that every dialect is understood in both places
 * (OpenTelemetry GenAI events 1.28 to 1.36 as log records; 1.37 and later `gen_ai.client.inference.operation.details`,
 * `gen_ai.evaluation.result`). Pure; throws nothing for any record.
 */
export function readContentFacts({ project, received_at, body, records }: LogRequest): ReadFacts {
  const facts: ContentFact[] = []
  const dropped = { not_genai: 0, no_span: 0, nothing_said: 0 }
  const equals = new Map<string, number>()
  for (const [ordinal, record] of records.entries()) {
    const event_name = nameOf(record)
    if (!isGenAi(event_name, record)) {
      dropped.not_genai++
      continue
    }
    const { trace_id, span_id } = record
    if (!isId(trace_id) || !isId(span_id)) {
      dropped.no_span++
      continue
    }
    const time = timeOf(record, received_at)
    const content = contentOf(asSpan(record, { event_name, time }), received_at)
    if (content === null) {
      dropped.nothing_said++
      continue
    }
    const hash = createHash('sha256').update(body.subarray(record.byte_start, record.byte_end)).digest('hex')
    const before = equals.get(hash) ?? 0
    equals.set(hash, before + 1)
    const fact_id = before === 0 ? hash.slice(0, 32) : `${hash.slice(0, 26)}${before.toString(16).padStart(6, '0')}`
    facts.push({ project, trace_id, span_id, fact_id, received_at, time, ordinal, event_name, content })
  }
  return { facts, dropped }
}

const normalize = createNormalize({ prices: NO_PRICES })

/** null where the record says nothing that a span could take over. */
function contentOf(span: OtlpSpan, received_at: number): FactContent | null {
  const scope = { scope_name: '', scope_version: '', scope_attributes: new Map(), schema_url: '', spans: [span] }
  const resource = { resource_attributes: new Map(), schema_url: '', scope_spans: [scope] }
  const [read] = normalize([resource], { project: '', received_at }).spans
  if (read === undefined) return null
  const content: Partial<Record<keyof LlmSpan, unknown>> = {}
  for (const field of FACT_FIELDS) {
    const value = read[field]
    if (value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)) content[field] = value
  }
  const said = Object.keys(content).filter((field) => field !== 'provider')
  return said.length === 0 ? null : (content as FactContent)
}

function asSpan(record: OtlpLogRecord, { event_name, time }: { event_name: string; time: bigint }): OtlpSpan {
  // An evaluation says nothing of the call itself, and must not be read in both places.
  const attributes: Attributes = event_name === EVALUATION ? NO_ATTRIBUTES : record.attributes
  const isCall = event_name !== EVALUATION && !attributes.has('gen_ai.operation.name')
  return {
    trace_id: record.trace_id,
    span_id: record.span_id,
    parent_span_id: '',
    trace_state: '',
    name: event_name,
    kind: 0,
    start_time_unix_nano: time,
    end_time_unix_nano: time,
    attributes: isCall ? new Map([...CALL, ...attributes]) : attributes,
    dropped_attributes_count: 0,
    events: [{ time_unix_nano: time, name: event_name, attributes: eventAttributes(record) }],
    status_code: 0,
    status_message: '',
    byte_start: 0,
    byte_end: 0,
  }
}

/** The body of an event is a map of what it says; a plain text is its content (OpenTelemetry GenAI events 1.28). */
function eventAttributes({ attributes, body }: OtlpLogRecord): Attributes {
  if (body instanceof Map) return new Map([...attributes, ...(body as Attributes)])
  return body === null || body === '' ? attributes : new Map([...attributes, ['content', body]])
}

/** The record's own name; JavaScript and older Python SDKs say it as an attribute. */
function nameOf({ event_name, attributes }: OtlpLogRecord): string {
  if (event_name !== '') return event_name
  const said = attributes.get('event.name') ?? attributes.get('otel.event.name')
  return typeof said === 'string' ? said : ''
}

function isGenAi(event_name: string, { attributes, body }: OtlpLogRecord): boolean {
  if (event_name.startsWith('gen_ai.')) return true
  for (const key of attributes.keys()) if (key.startsWith('gen_ai.')) return true
  if (body instanceof Map) for (const key of body.keys()) if (String(key).startsWith('gen_ai.')) return true
  return false
}

const isId = (hex: string) => hex !== '' && /[^0]/.test(hex)

function timeOf({ time_unix_nano, observed_time_unix_nano }: OtlpLogRecord, received_at: number): bigint {
  return time_unix_nano || observed_time_unix_nano || BigInt(received_at) * NS_PER_MS
}
