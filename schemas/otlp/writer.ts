import { Buffer } from 'node:buffer'
import { OtlpLimitError } from './errors.ts'

/** Node ends the process where a text is written into more than 4 GiB. */
const MAX_BYTES = 2 ** 30

/** Protobuf wire format, writing side: a buffer that grows up to `max_bytes`; what needs more throws OtlpLimitError. */
export interface Writer {
  bytes: Buffer
  position: number
  readonly max_bytes: number
}

export function createWriter(capacity = 16_384, max_bytes = MAX_BYTES): Writer {
  return { bytes: Buffer.allocUnsafeSlow(capacity), position: 0, max_bytes }
}

/** What was written so far. It shares the writer's memory. */
export function writtenBytes(writer: Writer): Uint8Array {
  return writer.bytes.subarray(0, writer.position)
}

/** A whole number from 0 to 2^53. */
export function writeVarint(writer: Writer, value: number): void {
  reserve(writer, 8)
  writer.position = putVarint(writer.bytes, writer.position, value)
}

/** An int64 as protobuf writes it: negative numbers take 10 bytes. */
export function writeInt64(writer: Writer, value: bigint): void {
  reserve(writer, 10)
  let rest = BigInt.asUintN(64, value)
  while (rest >= 0x80n) {
    writer.bytes[writer.position++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  writer.bytes[writer.position++] = Number(rest)
}

export function writeFixed64(writer: Writer, value: bigint): void {
  reserve(writer, 8)
  writer.position = writer.bytes.writeBigUInt64LE(value, writer.position)
}

export function writeFixed32(writer: Writer, value: number): void {
  reserve(writer, 4)
  writer.position = writer.bytes.writeUInt32LE(value, writer.position)
}

export function writeDouble(writer: Writer, value: number): void {
  reserve(writer, 8)
  writer.position = writer.bytes.writeDoubleLE(value, writer.position)
}

export function writeRaw(writer: Writer, bytes: Uint8Array): void {
  reserve(writer, bytes.length)
  writer.bytes.set(bytes, writer.position)
  writer.position += bytes.length
}

/** A length-delimited field. */
export function writeBytesField(writer: Writer, tag: number, bytes: Uint8Array): void {
  writeVarint(writer, tag)
  writeVarint(writer, bytes.length)
  writeRaw(writer, bytes)
}

/** A string field in UTF-8; lone surrogates become U+FFFD. */
export function writeStringField(writer: Writer, tag: number, text: string): void {
  writeVarint(writer, tag)
  const isShort = text.length < 1024
  const lengthBytes = lengthOfVarint(isShort ? text.length : Buffer.byteLength(text))
  const start = beginLength(writer, lengthBytes)
  reserve(writer, isShort ? text.length * 3 : Buffer.byteLength(text))
  writer.position += writer.bytes.write(text, writer.position, 'utf8')
  endLength(writer, start, lengthBytes)
}

/**
 * Leaves room for a length of `lengthBytes` and returns where the content starts; `endLength` with the same numbers
 * writes the length, and moves the content where the guess was wrong.
 */
export function beginLength(writer: Writer, lengthBytes: number): number {
  reserve(writer, lengthBytes)
  writer.position += lengthBytes
  return writer.position
}

export function endLength(writer: Writer, start: number, lengthBytes: number): void {
  const length = writer.position - start
  const shift = lengthOfVarint(length) - lengthBytes
  if (shift !== 0) {
    if (shift > 0) reserve(writer, shift)
    writer.bytes.copyWithin(start + shift, start, writer.position)
    writer.position += shift
  }
  putVarint(writer.bytes, start - lengthBytes, length)
}

export function lengthOfVarint(value: number): number {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) length++
  return length
}

function putVarint(bytes: Buffer, start: number, value: number): number {
  let position = start
  let rest = value
  while (rest >= 0x80) {
    bytes[position++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[position++] = rest
  return position
}

function reserve(writer: Writer, length: number): void {
  const needed = writer.position + length
  if (needed <= writer.bytes.length) return
  if (needed > writer.max_bytes) throw new OtlpLimitError(`As protobuf it takes more than ${writer.max_bytes} bytes`)
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(writer.bytes.length * 2, writer.max_bytes)))
  writer.bytes.copy(grown, 0, 0, writer.position)
  writer.bytes = grown
}
