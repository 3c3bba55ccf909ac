import { OtlpLimitError, OtlpSyntaxError } from '../schemas/otlp/errors.ts'
import { encodeLogsJson, encodeTracesJson } from '../schemas/otlp/json.ts'
import { type ScanResult, scanLogs, scanTraces } from '../schemas/otlp/scan.ts'
import { createCursor, readEnd, readTag, skipField } from '../schemas/otlp/wire.ts'
import { CodedError, type ErrorCode } from './errors.ts'
import type { IngestLimits } from './ingest-limits.ts'
import { checkJsonBounds } from './json-bounds.ts'
import { otlpHint } from './otlp-hints.ts'

export type Signal = 'traces' | 'logs'
/** How OTLP is written down. */
export type Form = 'protobuf' | 'json'

const OPENING_BRACE = 0x7b
const OPENING_BRACKET = 0x5b
const RESOURCE_ITEMS_TAG = 0x0a

/** What the bytes look like; null where they look like neither. The empty body is an empty protobuf request. */
export function sniffForm(body: Uint8Array): Form | null {
  const first = skipSpace(body, body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0)
  const inside = skipSpace(body, first + 1)
  // Behind the brace of a JSON object comes a quote or the other brace. A list is no request, but its sender gets a hint.
  if (body[first] === OPENING_BRACE && (body[inside] === 0x22 || body[inside] === 0x7d)) return 'json'
  if (body[first] === OPENING_BRACKET && body[inside] === OPENING_BRACE) return 'json'
  return body.length === 0 || body[0] === RESOURCE_ITEMS_TAG ? 'protobuf' : null
}

function skipSpace(body: Uint8Array, from: number): number {
  let at = from
  while (body[at] === 0x20 || (body[at]! >= 0x09 && body[at]! <= 0x0d)) at++
  return at
}

/**
 * Parses OTLP/JSON within its bounds and writes it as protobuf. Throws REQUEST_TOO_LARGE and INVALID_OTLP; messages name
 * places in the JSON, never its content.
 */
export function transcodeJson(signal: Signal, body: Buffer, limits: IngestLimits): Uint8Array {
  const json = parseJson(body, limits, 'INVALID_OTLP')
  refuseOtherSignal(signal, json)
  const hint = otlpHint(signal, json)
  if (hint !== undefined) throw new CodedError('INVALID_OTLP', hint)
  return codedErrors(() => (signal === 'traces' ? encodeTracesJson(json) : encodeLogsJson(json)))
}

/** Throws REQUEST_TOO_LARGE before more is built than the limits allow, and `code` for what is no JSON. */
export function parseJson(body: Buffer, limits: IngestLimits, code: ErrorCode): unknown {
  // Each level of an attribute's value takes four levels of JSON.
  checkJsonBounds(body, { max_depth: 16 + 8 * limits.max_depth, max_values: limits.max_json_values })
  const text = body.toString('utf8')
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch {
    // The message of JSON.parse quotes the text, so it goes no further.
    throw new CodedError(code, 'The body is not valid JSON.')
  }
}

/** Unknown members are to be ignored, so logs sent to the address of traces would vanish behind a 200. */
function refuseOtherSignal(signal: Signal, json: unknown): void {
  if (typeof json !== 'object' || json === null) return
  const own = signal === 'traces' ? ['resourceSpans', 'resource_spans'] : ['resourceLogs', 'resource_logs']
  if (own.some((key) => key in json)) return
  if ('resourceLogs' in json || 'resource_logs' in json) throw otherSignal('log records', '/v1/logs')
  if ('resourceSpans' in json || 'resource_spans' in json) throw otherSignal('spans', '/v1/traces')
  if ('resourceMetrics' in json) throw new CodedError('SIGNAL_NOT_ACCEPTED')
}

/** Checks protobuf against the limits. Throws INVALID_OTLP and REQUEST_TOO_LARGE for the whole; spans are refused one by one. */
export function scanRequest(signal: Signal, body: Uint8Array, limits: IngestLimits): ScanResult {
  return codedErrors(() => {
    const scanned = signal === 'traces' ? scanTraces(body, limits) : scanLogs(body, limits)
    const items = scanned.accepted + scanned.rejected.length
    if (signal === 'logs' && items > 0 && firstItem(body) === 'span') throw otherSignal('spans', '/v1/traces')
    if (signal === 'traces' && scanned.accepted === 0 && items > 0 && firstItem(body) === 'log record') {
      throw otherSignal('log records', '/v1/logs')
    }
    return scanned
  })
}

function otherSignal(items: string, path: string): CodedError {
  return new CodedError('INVALID_OTLP', `These are ${items}: send them to ${path}.`)
}

/**
 * Spans and log records lie under the same field numbers, and differ in the first: a span's trace_id is bytes, a log
 * record's time_unix_nano is fixed64 (as is field 11, observed_time_unix_nano). `body` is well-formed.
 */
function firstItem(body: Uint8Array): 'span' | 'log record' | 'unknown' {
  const cursor = createCursor(body)
  let end = body.length
  for (const wanted of [RESOURCE_ITEMS_TAG, 0x12, 0x12]) {
    let found = false
    while (!found && cursor.position < end) {
      const tag = readTag(cursor, end)
      found = tag === wanted
      if (!found) skipField(cursor, tag, end)
    }
    if (!found) return 'unknown'
    end = readEnd(cursor, end)
  }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 0x0a) return 'span'
    if (tag === 0x09 || tag === 0x59) return 'log record'
    skipField(cursor, tag, end)
  }
  return 'unknown'
}

function codedErrors<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof OtlpSyntaxError) throw new CodedError('INVALID_OTLP', `${error.message}.`, { cause: error })
    if (error instanceof OtlpLimitError)
      throw new CodedError('REQUEST_TOO_LARGE', `${error.message}.`, { cause: error })
    throw error
  }
}
