import type { Attributes, OtlpEvent, OtlpResourceSpans, OtlpScopeSpans, OtlpSpan } from './otlp.ts'
import { readHex, readKey, readString } from './strings.ts'
import { NO_ATTRIBUTES, readAttribute } from './values.ts'
import { type Cursor, createCursor, readEnd, readFixed64, readInt32, readTag, skipField } from './wire.ts'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type OpenScopeSpans = Mutable<OtlpScopeSpans> & { spans: OtlpSpan[] }
type OpenResourceSpans = Mutable<OtlpResourceSpans> & { scope_spans: OtlpScopeSpans[] }

const NO_EVENTS: readonly OtlpEvent[] = []

/**
 * Decodes an ExportTraceServiceRequest (opentelemetry-proto 1.11). The numbers in the switches are protobuf tags, field
 * number << 3 | wire type. Unknown fields, and known ones with an unexpected wire type, are skipped; links are checked
 * and left out. The result shares no memory with `body`.
 * @throws OtlpSyntaxError for anything that is not well-formed, or beyond the fixed bounds of values.ts; nothing else.
 */
export function readTraces(body: Uint8Array): OtlpResourceSpans[] {
  const cursor = createCursor(body)
  const end = body.byteLength
  const result: OtlpResourceSpans[] = []
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) result.push(readResourceSpans(cursor, end))
    else skipField(cursor, tag, end)
  }
  return result
}

function readResourceSpans(cursor: Cursor, parentEnd: number): OtlpResourceSpans {
  const end = readEnd(cursor, parentEnd)
  const result: OpenResourceSpans = { resource_attributes: NO_ATTRIBUTES, schema_url: '', scope_spans: [] }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
        result.resource_attributes = readResource(cursor, end, result.resource_attributes)
        break
      case 18:
        result.scope_spans.push(readScopeSpans(cursor, end))
        break
      case 26:
        result.schema_url = readString(cursor, readEnd(cursor, end))
        break
      default:
        skipField(cursor, tag, end)
    }
  }
  return result
}

function readResource(cursor: Cursor, parentEnd: number, previous: Attributes): Attributes {
  const end = readEnd(cursor, parentEnd)
  let attributes = previous
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) attributes = readAttribute(cursor, end, attributes)
    else skipField(cursor, tag, end)
  }
  return attributes
}

function readScopeSpans(cursor: Cursor, parentEnd: number): OtlpScopeSpans {
  const end = readEnd(cursor, parentEnd)
  const result: OpenScopeSpans = {
    scope_name: '',
    scope_version: '',
    scope_attributes: NO_ATTRIBUTES,
    schema_url: '',
    spans: [],
  }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
        readScope(cursor, end, result)
        break
      case 18:
        result.spans.push(readSpan(cursor, end))
        break
      case 26:
        result.schema_url = readString(cursor, readEnd(cursor, end))
        break
      default:
        skipField(cursor, tag, end)
    }
  }
  return result
}

function readScope(cursor: Cursor, parentEnd: number, result: OpenScopeSpans): void {
  const end = readEnd(cursor, parentEnd)
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
        result.scope_name = readString(cursor, readEnd(cursor, end))
        break
      case 18:
        result.scope_version = readString(cursor, readEnd(cursor, end))
        break
      case 26:
        result.scope_attributes = readAttribute(cursor, end, result.scope_attributes)
        break
      default:
        skipField(cursor, tag, end)
    }
  }
}

function readSpan(cursor: Cursor, parentEnd: number): OtlpSpan {
  const end = readEnd(cursor, parentEnd)
  const span: Mutable<OtlpSpan> = {
    trace_id: '',
    span_id: '',
    parent_span_id: '',
    trace_state: '',
    name: '',
    kind: 0,
    start_time_unix_nano: 0n,
    end_time_unix_nano: 0n,
    attributes: NO_ATTRIBUTES,
    dropped_attributes_count: 0,
    events: NO_EVENTS,
    status_code: 0,
    status_message: '',
    byte_start: cursor.position,
    byte_end: end,
  }
  let events: OtlpEvent[] | undefined
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
        span.trace_id = readHex(cursor, readEnd(cursor, end))
        break
      case 18:
        span.span_id = readHex(cursor, readEnd(cursor, end))
        break
      case 26:
        span.trace_state = readString(cursor, readEnd(cursor, end))
        break
      case 34:
        span.parent_span_id = readParentId(cursor, end)
        break
      case 42:
        span.name = readKey(cursor, readEnd(cursor, end))
        break
      case 48:
        span.kind = readInt32(cursor, end)
        break
      case 57:
        span.start_time_unix_nano = readFixed64(cursor, end)
        break
      case 65:
        span.end_time_unix_nano = readFixed64(cursor, end)
        break
      case 74:
        span.attributes = readAttribute(cursor, end, span.attributes)
        break
      case 80:
        span.dropped_attributes_count = readInt32(cursor, end) >>> 0
        break
      case 90:
        events ??= []
        events.push(readEvent(cursor, end))
        span.events = events
        break
      case 106:
        checkLink(cursor, end)
        break
      case 122:
        readStatus(cursor, end, span)
        break
      default:
        skipField(cursor, tag, end)
    }
  }
  return span
}

function readEvent(cursor: Cursor, parentEnd: number): OtlpEvent {
  const end = readEnd(cursor, parentEnd)
  const event: Mutable<OtlpEvent> = { time_unix_nano: 0n, name: '', attributes: NO_ATTRIBUTES }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 9:
        event.time_unix_nano = readFixed64(cursor, end)
        break
      case 18:
        event.name = readKey(cursor, readEnd(cursor, end))
        break
      case 26:
        event.attributes = readAttribute(cursor, end, event.attributes)
        break
      default:
        skipField(cursor, tag, end)
    }
  }
  return event
}

function checkLink(cursor: Cursor, parentEnd: number): void {
  const end = readEnd(cursor, parentEnd)
  let attributes = NO_ATTRIBUTES
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 34) attributes = readAttribute(cursor, end, attributes)
    else skipField(cursor, tag, end)
  }
}

function readStatus(cursor: Cursor, parentEnd: number, span: Mutable<OtlpSpan>): void {
  const end = readEnd(cursor, parentEnd)
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 18) span.status_message = readString(cursor, readEnd(cursor, end))
    else if (tag === 24) span.status_code = readInt32(cursor, end)
    else skipField(cursor, tag, end)
  }
}

/** Some exporters send zeros where a span has no parent. */
function readParentId(cursor: Cursor, parentEnd: number): string {
  const hex = readHex(cursor, readEnd(cursor, parentEnd))
  return /[^0]/.test(hex) ? hex : ''
}
