import type { Attributes, AttributeValue } from './otlp.ts'
import { readHex, readKey, readString } from './strings.ts'
import { NO_ATTRIBUTES, readAnyValue, readAttribute } from './values.ts'
import { type Cursor, createCursor, readEnd, readFixed64, readInt32, readTag, skipField } from './wire.ts'

/** A log record. Names follow opentelemetry-proto 1.11.0. */
export interface OtlpLogRecord {
  readonly time_unix_nano: bigint
  readonly observed_time_unix_nano: bigint
  readonly severity_number: number
  readonly severity_text: string
  readonly event_name: string
  readonly body: AttributeValue
  readonly attributes: Attributes
  /** '' where the sender gave none. */
  readonly trace_id: string
  readonly span_id: string
  /** Where the record's message body (without tag and length) lies in the request. */
  readonly byte_start: number
  readonly byte_end: number
}

type Open = { -readonly [Key in keyof OtlpLogRecord]: OtlpLogRecord[Key] }

/**
 * The log records of an ExportLogsServiceRequest, without their resources and scopes. Unknown fields are skipped.
 * @throws OtlpSyntaxError for anything that is not well-formed.
 */
export function readLogs(body: Uint8Array): OtlpLogRecord[] {
  const cursor = createCursor(body)
  const records: OtlpLogRecord[] = []
  readChildren(cursor, body.byteLength, 10, (resourceEnd) =>
    readChildren(cursor, resourceEnd, 18, (scopeEnd) =>
      readChildren(cursor, scopeEnd, 18, (end) => {
        records.push(readLogRecord(cursor, end))
      }),
    ),
  )
  return records
}

function readChildren(cursor: Cursor, end: number, childTag: number, readChild: (childEnd: number) => void): void {
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === childTag) readChild(readEnd(cursor, end))
    else skipField(cursor, tag, end)
  }
}

function readLogRecord(cursor: Cursor, end: number): OtlpLogRecord {
  const log: Open = {
    time_unix_nano: 0n,
    observed_time_unix_nano: 0n,
    severity_number: 0,
    severity_text: '',
    event_name: '',
    body: null,
    attributes: NO_ATTRIBUTES,
    trace_id: '',
    span_id: '',
    byte_start: cursor.position,
    byte_end: end,
  }
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 9:
        log.time_unix_nano = readFixed64(cursor, end)
        break
      case 89:
        log.observed_time_unix_nano = readFixed64(cursor, end)
        break
      case 16:
        log.severity_number = readInt32(cursor, end)
        break
      case 26:
        log.severity_text = readString(cursor, readEnd(cursor, end))
        break
      case 42:
        log.body = readAnyValue(cursor, end, log.body, 0)
        break
      case 50:
        log.attributes = readAttribute(cursor, end, log.attributes)
        break
      case 74:
        log.trace_id = readHex(cursor, readEnd(cursor, end))
        break
      case 82:
        log.span_id = readHex(cursor, readEnd(cursor, end))
        break
      case 98:
        log.event_name = readKey(cursor, readEnd(cursor, end))
        break
      default:
        skipField(cursor, tag, end)
    }
  }
  return log
}
