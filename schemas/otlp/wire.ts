import { Buffer } from 'node:buffer'
import { OtlpSyntaxError } from './errors.ts'

/**
 * Protobuf wire format (https://protobuf.dev/programming-guides/encoding), reading side. Everything reads at
 * `cursor.position` and never beyond the `end` it is given, which is the end of the enclosing message.
 */
export interface Cursor {
  readonly bytes: Buffer
  readonly view: DataView
  position: number
}

export const VARINT = 0
export const FIXED64 = 1
export const LENGTH_DELIMITED = 2
export const START_GROUP = 3
export const END_GROUP = 4
export const FIXED32 = 5

const MAX_GROUP_DEPTH = 32
const TWO_TO_32 = 4294967296

export function createCursor(body: Uint8Array): Cursor {
  return {
    bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    view: new DataView(body.buffer, body.byteOffset, body.byteLength),
    position: 0,
  }
}

export function syntaxError(position: number, problem: string): OtlpSyntaxError {
  return new OtlpSyntaxError(`byte ${position}`, problem)
}

/** Field number << 3 | wire type. */
export function readTag(cursor: Cursor, end: number): number {
  const start = cursor.position
  if (start >= end) throw syntaxError(start, 'the message ends inside a field')
  const first = cursor.bytes[start]!
  if (first >= 0x08 && first < 0x80) {
    cursor.position = start + 1
    return first
  }
  const tag = readUnsigned(cursor, end)
  if (tag < 8 || tag >= TWO_TO_32) throw syntaxError(start, 'the field number is out of range')
  return tag
}

/** Reads a length and returns where the value ends; the value begins at `cursor.position`. */
export function readEnd(cursor: Cursor, end: number): number {
  const start = cursor.position
  if (start >= end) throw syntaxError(start, 'the message ends inside a field')
  let length = cursor.bytes[start]!
  if (length < 0x80) cursor.position = start + 1
  else length = readUnsigned(cursor, end)
  const valueEnd = cursor.position + length
  if (valueEnd > end) throw syntaxError(start, 'a field is longer than the message around it')
  return valueEnd
}

/** A varint as a number: exact up to 2^53, beyond that only its magnitude is right. Rejects more than 64 bits. */
export function readUnsigned(cursor: Cursor, end: number): number {
  const { bytes } = cursor
  const start = cursor.position
  let value = 0
  let scale = 1
  for (let index = 0; index < 10; index++) {
    const at = start + index
    if (at >= end) throw syntaxError(start, 'the message ends inside a number')
    const byte = bytes[at]!
    if (index === 9 && byte > 1) throw syntaxError(start, 'a number has more than 64 bits')
    value += (byte & 0x7f) * scale
    if (byte < 0x80) {
      cursor.position = at + 1
      return value
    }
    scale *= 128
  }
  throw syntaxError(start, 'a number has more than 10 bytes')
}

/** The low 32 bits of a varint, signed: int32, enums and (with `>>> 0`) uint32 as protobuf truncates them. */
export function readInt32(cursor: Cursor, end: number): number {
  const start = cursor.position
  if (start < end && cursor.bytes[start]! < 0x80) {
    cursor.position = start + 1
    return cursor.bytes[start]!
  }
  return Number(BigInt.asIntN(32, BigInt(readInt64(cursor, end))))
}

/** A signed 64-bit varint: a number where that is exact, else a bigint. */
export function readInt64(cursor: Cursor, end: number): number | bigint {
  const start = cursor.position
  const unsigned = readUnsigned(cursor, end)
  if (unsigned <= Number.MAX_SAFE_INTEGER) return unsigned
  let exact = 0n
  for (let at = cursor.position - 1; at >= start; at--) exact = (exact << 7n) | BigInt(cursor.bytes[at]! & 0x7f)
  const signed = BigInt.asIntN(64, exact)
  const number = Number(signed)
  return Number.isSafeInteger(number) ? number : signed
}

export function readFixed64(cursor: Cursor, end: number): bigint {
  return cursor.view.getBigUint64(advance(cursor, 8, end), true)
}

export function readDouble(cursor: Cursor, end: number): number {
  return cursor.view.getFloat64(advance(cursor, 8, end), true)
}

/** Passes over the value of an unknown field, groups included. */
export function skipField(cursor: Cursor, tag: number, end: number, depth = 0): void {
  switch (tag & 7) {
    case VARINT:
      readUnsigned(cursor, end)
      return
    case FIXED64:
      advance(cursor, 8, end)
      return
    case LENGTH_DELIMITED:
      cursor.position = readEnd(cursor, end)
      return
    case START_GROUP:
      skipGroup(cursor, tag, end, depth + 1)
      return
    case FIXED32:
      advance(cursor, 4, end)
      return
    default:
      throw syntaxError(cursor.position, 'the wire type is unknown or ends a group that was not begun')
  }
}

function skipGroup(cursor: Cursor, startTag: number, end: number, depth: number): void {
  if (depth > MAX_GROUP_DEPTH) throw syntaxError(cursor.position, 'groups are nested too deeply')
  const endTag = startTag + 1
  for (;;) {
    const tag = readTag(cursor, end)
    if (tag === endTag) return
    skipField(cursor, tag, end, depth)
  }
}

function advance(cursor: Cursor, length: number, end: number): number {
  const start = cursor.position
  if (start + length > end) throw syntaxError(start, 'the message ends inside a number')
  cursor.position = start + length
  return start
}
