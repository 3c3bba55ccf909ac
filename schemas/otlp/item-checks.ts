import { MAX_VALUE_DEPTH, MAX_VALUES } from './values.ts'
import { type Cursor, readEnd, readTag, skipField } from './wire.ts'

export interface ScanLimits {
  /** Spans or log records of one request; more refuse the whole request. */
  readonly max_spans: number
  /** Attributes of one span, log record, event, link, scope or resource. */
  readonly max_attributes: number
  /** Events of one span, and links of one span. */
  readonly max_events: number
  /** Arrays and maps within each other in one attribute; at most MAX_VALUE_DEPTH counts. */
  readonly max_depth: number
  /** One attribute key, one string or bytes value of an attribute or log body, in UTF-8. */
  readonly max_string_bytes: number
  /** One record of the log. */
  readonly max_record_bytes: number
}

export type RejectionReason =
  | 'invalid_id'
  | 'too_many_attributes'
  | 'too_many_events'
  | 'too_many_values'
  | 'too_deep'
  | 'string_too_long'
  | 'span_too_large'
  | 'resource_too_large'

/** One reason per span, in the order of the request. */
export type Verdict = RejectionReason | 'accepted'

export interface Scan {
  readonly cursor: Cursor
  readonly limits: ScanLimits
  readonly verdicts: Verdict[]
  /** Of the message being checked; the first problem found stays. */
  verdict: Verdict
  /** Values inside the arrays and maps of the message being checked. */
  values: number
}

export type CheckItem = (scan: Scan, parentEnd: number) => void

/** The first reason stays. */
export function reject(scan: Scan, reason: RejectionReason): void {
  if (scan.verdict === 'accepted') scan.verdict = reason
}

/** A message of which only the attributes matter; returns how many there are. */
export function checkPart(scan: Scan, parentEnd: number, attributesTag: number): number {
  const { cursor } = scan
  const end = readEnd(cursor, parentEnd)
  let attributes = 0
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === attributesTag) {
      attributes++
      checkKeyValue(scan, end, 0)
    } else skipField(cursor, tag, end)
  }
  if (attributes > scan.limits.max_attributes) reject(scan, 'too_many_attributes')
  return attributes
}

export function checkSpan(scan: Scan, parentEnd: number): void {
  const { cursor, limits } = scan
  const end = readEnd(cursor, parentEnd)
  let hasTraceId = false
  let hasSpanId = false
  let parentFits = true
  let attributes = 0
  let events = 0
  let links = 0
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
        hasTraceId = isId(cursor, end, 16)
        break
      case 18:
        hasSpanId = isId(cursor, end, 8)
        break
      case 34: {
        const parentIdEnd = readEnd(cursor, end)
        const length = parentIdEnd - cursor.position
        parentFits = length === 0 || length === 8
        cursor.position = parentIdEnd
        break
      }
      case 74:
        attributes++
        checkKeyValue(scan, end, 0)
        break
      case 90:
        events++
        checkPart(scan, end, 26)
        break
      case 106:
        links++
        checkPart(scan, end, 34)
        break
      case 122:
        checkPart(scan, end, 0)
        break
      default:
        skipField(cursor, tag, end)
    }
  }
  if (!hasTraceId || !hasSpanId || !parentFits) scan.verdict = 'invalid_id'
  if (attributes > limits.max_attributes) reject(scan, 'too_many_attributes')
  if (events > limits.max_events || links > limits.max_events) reject(scan, 'too_many_events')
}

export function checkLogRecord(scan: Scan, parentEnd: number): void {
  const { cursor } = scan
  const end = readEnd(cursor, parentEnd)
  let attributes = 0
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 42) checkAnyValue(scan, end, 0)
    else if (tag === 50) {
      attributes++
      checkKeyValue(scan, end, 0)
    } else skipField(cursor, tag, end)
  }
  if (attributes > scan.limits.max_attributes) reject(scan, 'too_many_attributes')
}

function isId(cursor: Cursor, parentEnd: number, length: number): boolean {
  const end = readEnd(cursor, parentEnd)
  const start = cursor.position
  cursor.position = end
  if (end - start !== length) return false
  for (let at = start; at < end; at++) if (cursor.bytes[at] !== 0) return true
  return false
}

function checkKeyValue(scan: Scan, parentEnd: number, depth: number): void {
  const { cursor } = scan
  const end = readEnd(cursor, parentEnd)
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) checkLength(scan, end)
    else if (tag === 18) checkAnyValue(scan, end, depth)
    else skipField(cursor, tag, end)
  }
}

function checkAnyValue(scan: Scan, parentEnd: number, depth: number): void {
  const { cursor } = scan
  const end = readEnd(cursor, parentEnd)
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
      case 58:
        checkLength(scan, end)
        break
      case 42:
      case 50:
        checkNested(scan, end, tag === 50, depth + 1)
        break
      default:
        skipField(cursor, tag, end)
    }
  }
}

/** ArrayValue and KeyValueList both hold their items in field 1. Deeper than any limit allows, nothing is looked at. */
function checkNested(scan: Scan, parentEnd: number, isMap: boolean, depth: number): void {
  const { cursor } = scan
  const end = readEnd(cursor, parentEnd)
  if (depth > scan.limits.max_depth) reject(scan, 'too_deep')
  if (depth > MAX_VALUE_DEPTH) {
    cursor.position = end
    return
  }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag !== 10) {
      skipField(cursor, tag, end)
      continue
    }
    if (++scan.values > MAX_VALUES) reject(scan, 'too_many_values')
    if (isMap) checkKeyValue(scan, end, depth)
    else checkAnyValue(scan, end, depth)
  }
}

function checkLength(scan: Scan, parentEnd: number): void {
  const { cursor } = scan
  const end = readEnd(cursor, parentEnd)
  if (end - cursor.position > scan.limits.max_string_bytes) reject(scan, 'string_too_long')
  cursor.position = end
}
