import { OtlpSyntaxError } from './errors.ts'
import { type Field, LOGS_REQUEST, type Message, TRACES_REQUEST } from './json-fields.ts'
import {
  parseBytes,
  parseDouble,
  parseEnum,
  parseId,
  parseInteger,
  SEVERITIES,
  SPAN_KINDS,
  STATUS_CODES,
} from './json-values.ts'
import { MAX_VALUE_DEPTH } from './values.ts'
import {
  beginLength,
  createWriter,
  endLength,
  type Writer,
  writeBytesField,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeInt64,
  writeStringField,
  writeVarint,
  writtenBytes,
} from './writer.ts'

interface Encoder {
  readonly writer: Writer
  /** Member names and indexes from the root to the value at hand, for errors. */
  readonly trail: (string | number)[]
  /** Arrays and maps around the value at hand. */
  depth: number
}

type JsonObject = Readonly<Record<string, unknown>>

const DOUBLE_VALUE_TAG = 33
const MAX_UINT32 = 2n ** 32n - 1n
const MAX_UINT64 = 2n ** 64n - 1n

/**
 * Turns a parsed OTLP/JSON trace request into the protobuf bytes of an ExportTraceServiceRequest. Members that are null
 * or unknown are left out; the scalars of real senders are taken as json-values.ts says. An id that cannot be decoded
 * becomes one that `scanTraces` rejects, and so does a value nested too deeply, so that only that span is lost.
 * @throws OtlpSyntaxError naming the JSON path where the structure is not OTLP; it never quotes values.
 * @throws OtlpLimitError where about `max_bytes` are not enough.
 */
export function encodeTracesJson(json: unknown, max_bytes?: number): Uint8Array {
  return encodeRequest(json, TRACES_REQUEST, max_bytes)
}

/** The same for an ExportLogsServiceRequest. */
export function encodeLogsJson(json: unknown): Uint8Array {
  return encodeRequest(json, LOGS_REQUEST)
}

function encodeRequest(json: unknown, message: Message, max_bytes?: number): Uint8Array {
  const encoder: Encoder = { writer: createWriter(undefined, max_bytes), trail: [], depth: 0 }
  writeMembers(encoder, json, message)
  return writtenBytes(encoder.writer)
}

function writeMembers(encoder: Encoder, json: unknown, message: Message): void {
  const object = requireObject(encoder, json)
  for (const name of Object.keys(object)) {
    const field = message.get(name)
    const value = object[name]
    if (field === undefined || value === null || value === undefined) continue
    encoder.trail.push(name)
    writeField(encoder, field, value)
    encoder.trail.pop()
  }
}

function writeField(encoder: Encoder, field: Field, value: unknown): void {
  const { writer } = encoder
  switch (field.kind) {
    case 'string':
      writeStringField(writer, field.tag, requireText(encoder, value))
      break
    case 'message':
      writeMessage(encoder, field, value)
      break
    case 'messages':
    case 'values':
    case 'strings':
      writeItems(encoder, field, value)
      break
    case 'nested':
      writeNested(encoder, field, value)
      break
    case 'trace_id':
    case 'span_id':
    case 'parent_span_id':
      writeId(writer, field, value)
      break
    case 'bytes':
      writeBytesField(writer, field.tag, parseBytes(value) ?? fail(encoder, 'is not base64'))
      break
    default:
      writeNumber(encoder, field, value)
  }
}

function writeMessage(encoder: Encoder, field: Field, value: unknown): void {
  const { writer } = encoder
  writeVarint(writer, field.tag)
  const start = beginLength(writer, field.length_bytes)
  writeMembers(encoder, value, field.message())
  endLength(writer, start, field.length_bytes)
}

/** A null among values keeps its place as an empty AnyValue; among messages and strings it says nothing. */
function writeItems(encoder: Encoder, field: Field, value: unknown): void {
  if (!Array.isArray(value)) fail(encoder, 'is not an array')
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index]
    encoder.trail.push(index)
    if (item === null) {
      if (field.kind === 'values') writeMessage(encoder, field, {})
    } else if (field.kind === 'strings') writeStringField(encoder.writer, field.tag, requireText(encoder, item))
    else writeMessage(encoder, field, item)
    encoder.trail.pop()
  }
}

/** One level more than may be is written, empty: the scan sees it and rejects the span. */
function writeNested(encoder: Encoder, field: Field, value: unknown): void {
  encoder.depth++
  writeMessage(encoder, field, encoder.depth > MAX_VALUE_DEPTH ? {} : value)
  encoder.depth--
}

/** The one byte that stands for an undecodable parent keeps it from looking like a root. */
function writeId(writer: Writer, field: Field, value: unknown): void {
  if (value === '') return
  const id = parseId(value, field.kind === 'trace_id' ? 16 : 8)
  if (id) writeBytesField(writer, field.tag, id)
  else if (field.kind === 'parent_span_id' && !isEmptyBytes(value))
    writeBytesField(writer, field.tag, new Uint8Array(1))
}

function isEmptyBytes(value: unknown): boolean {
  return parseBytes(value)?.length === 0
}

function writeNumber(encoder: Encoder, field: Field, value: unknown): void {
  const { writer } = encoder
  switch (field.kind) {
    case 'int':
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
        writeVarint(writer, field.tag)
        writeVarint(writer, value)
      } else writeIntValue(encoder, field, value)
      break
    case 'double':
      writeVarint(writer, field.tag)
      writeDouble(writer, parseDouble(value) ?? fail(encoder, 'is not a number'))
      break
    case 'bool':
      writeVarint(writer, field.tag)
      writeVarint(writer, requireBoolean(encoder, value) ? 1 : 0)
      break
    case 'time':
      writeVarint(writer, field.tag)
      writeFixed64(writer, requireUnsigned(encoder, value, MAX_UINT64))
      break
    case 'fixed32':
      writeVarint(writer, field.tag)
      writeFixed32(writer, Number(requireUnsigned(encoder, value, MAX_UINT32)))
      break
    case 'uint32':
      writeVarint(writer, field.tag)
      writeVarint(writer, Number(requireUnsigned(encoder, value, MAX_UINT32)))
      break
    default:
      writeVarint(writer, field.tag)
      writeInt64(writer, BigInt(enumNumber(field, value)))
  }
}

/** Exporters also write fractions and numbers beyond 64 bits as intValue; those become doubles. */
function writeIntValue(encoder: Encoder, field: Field, value: unknown): void {
  const { writer } = encoder
  const fraction = parseDouble(value)
  const isWhole = fraction === undefined || Number.isInteger(fraction)
  const integer = isWhole ? parseInteger(value) : undefined
  if (integer !== undefined && BigInt.asIntN(64, integer) === integer) {
    writeVarint(writer, field.tag)
    writeInt64(writer, integer)
  } else {
    writeVarint(writer, DOUBLE_VALUE_TAG)
    writeDouble(writer, fraction ?? fail(encoder, 'is not a number'))
  }
}

function enumNumber(field: Field, value: unknown): number {
  if (field.kind === 'span_kind') return parseEnum(value, 'SPAN_KIND_', SPAN_KINDS)
  if (field.kind === 'status_code') return parseEnum(value, 'STATUS_CODE_', STATUS_CODES)
  return parseEnum(value, 'SEVERITY_NUMBER_', SEVERITIES)
}

function requireObject(encoder: Encoder, value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  fail(encoder, 'is not an object')
}

function requireText(encoder: Encoder, value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  fail(encoder, 'is not a string')
}

function requireBoolean(encoder: Encoder, value: unknown): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  fail(encoder, 'is not a boolean')
}

function requireUnsigned(encoder: Encoder, value: unknown, max: bigint): bigint {
  const number = parseInteger(value === '' ? 0 : value)
  if (number === undefined || number < 0n || number > max) fail(encoder, 'is not an unsigned integer')
  return number
}

function fail(encoder: Encoder, problem: string): never {
  let path = ''
  for (const step of encoder.trail) path += typeof step === 'number' ? `[${step}]` : `${path ? '.' : ''}${step}`
  throw new OtlpSyntaxError(path || 'the root', `the value ${problem}`)
}
