import { placedSpanId, spanIdFrom } from './ids.ts'
import { type Attribute, attribute, type Inherited, kindOf, operationOf, spanAttributes } from './span-attributes.ts'
import { timeOf } from './times.ts'
import type { SpanInput, TraceInput } from './trace-schema.ts'

/** SpanKind of opentelemetry.proto.trace.v1 */
const INTERNAL = 1
const CLIENT = 3
const STATUS_ERROR = 2

/** A span of OTLP/JSON, and where it stands in what was sent: `$.spans[0]`. */
export interface PlacedSpan {
  readonly path: readonly (string | number)[]
  readonly span: OtlpJsonSpan
}

export interface OtlpJsonSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  /** Digits; '0' where unknown. */
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status?: { readonly code: number; readonly message: string }
}

interface Parent {
  readonly span_id: string
  /** '' for the trace itself. */
  readonly place: string
  readonly path: readonly (string | number)[]
  readonly start: bigint
  readonly inherited: Inherited
}

/** All spans of a trace, the trace itself first, each before those inside it. */
export function placedSpans(trace: TraceInput, trace_id: string): readonly PlacedSpan[] {
  const placed: PlacedSpan[] = []
  const { user_id = null, session_id = null, tags } = trace
  const { start } = extentOf(trace)

  function place(span: SpanInput, parent: Parent | null, index: number): void {
    const where = parent === null ? '' : parent.place === '' ? String(index) : `${parent.place}.${index}`
    const span_id = span.id && parent !== null ? spanIdFrom(trace_id, span.id) : placedSpanId(trace_id, where)
    const path = parent === null ? [] : [...parent.path, 'spans', index]
    const inherited = {
      user_id: span.user_id ?? parent?.inherited.user_id ?? user_id,
      session_id: span.session_id ?? parent?.inherited.session_id ?? session_id,
      tags: tags ?? [],
    }
    const times = timesOf(span, parent?.start ?? start)
    placed.push({ path, span: otlpSpan(span, { trace_id, span_id, parent, times, inherited }) })
    const self = { span_id, place: where, path, start: times.known, inherited }
    for (const [at, inner] of (span.spans ?? []).entries()) place(inner, self, at)
  }

  place(spanPart(trace), null, 0)
  return placed
}

/** Resource attributes of a trace. */
export function resourceAttributes({ service_name, environment, release }: TraceInput): readonly Attribute[] {
  return [
    ...attribute('service.name', service_name),
    ...attribute('deployment.environment.name', environment),
    ...attribute('service.version', release),
  ]
}

/** An ExportTraceServiceRequest in OTLP/JSON. */
export function otlpRequest(resource: readonly Attribute[], spans: readonly OtlpJsonSpan[]): object {
  return {
    resourceSpans: [
      { resource: { attributes: resource }, scopeSpans: [{ scope: { name: 'evalforge.rest', version: '1' }, spans }] },
    ],
  }
}

function spanPart({ tags: _t, environment: _e, release: _r, service_name: _s, ...span }: TraceInput): SpanInput {
  return span
}

interface Times {
  readonly start: bigint
  readonly end: bigint
  /** What spans inside without a time begin at. */
  readonly known: bigint
}

interface SpanContext {
  readonly trace_id: string
  readonly span_id: string
  readonly parent: Parent | null
  readonly times: Times
  readonly inherited: Inherited
}

function otlpSpan(span: SpanInput, { trace_id, span_id, parent, times, inherited }: SpanContext): OtlpJsonSpan {
  const kind = kindOf(span)
  const { error } = span
  return {
    traceId: trace_id,
    spanId: span_id,
    parentSpanId: parent?.span_id ?? '',
    name: span.name || [operationOf(kind), span.model].filter(Boolean).join(' '),
    kind: kind === 'llm' || kind === 'embedding' || kind === 'rerank' ? CLIENT : INTERNAL,
    startTimeUnixNano: String(times.start),
    endTimeUnixNano: String(times.end),
    attributes: spanAttributes(span, kind, inherited),
    ...(error && {
      status: { code: STATUS_ERROR, message: typeof error === 'string' ? error : (error.message ?? '') },
    }),
  }
}

/**
 * The times that were given; without any, those of the spans inside. A span that has neither gets an end only, at the start
 * of what is around it: its row then has that time for both and says `time_inferred` (span-times of normalize).
 */
function timesOf(span: SpanInput, around: bigint): Times {
  const { start, end } = ownTimes(span)
  if (start !== 0n || end !== 0n) return { start, end, known: start || end }
  const inside = extentOf(span)
  if (inside.start === 0n) return { start: 0n, end: around, known: around }
  return { ...inside, known: inside.start }
}

function ownTimes({ start_time, end_time }: SpanInput): Pick<Times, 'start' | 'end'> {
  return { start: timeOf(start_time), end: timeOf(end_time) }
}

/** The first and the last time anywhere in a span; 0n where there is none. */
export function extentOf(span: SpanInput | TraceInput): Pick<Times, 'start' | 'end'> {
  let { start, end } = ownTimes(span)
  start ||= end
  end ||= start
  for (const inner of (span.spans ?? []).map(extentOf)) {
    if (inner.start !== 0n && (start === 0n || inner.start < start)) start = inner.start
    if (inner.end > end) end = inner.end
  }
  return { start, end }
}
