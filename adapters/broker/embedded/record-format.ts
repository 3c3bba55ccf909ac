import { crc32c } from '@node-rs/crc32'
import type { LogRecord, OutgoingRecord } from '../broker.ts'

/**
 * A record on disk, little endian:
 *
 *     0  u32  length of what follows the checksum
 *     4  u32  CRC32C of what follows
 *     8  u64  offset
 *    16  u64  append time, ms since 1970
 *    24  i32  key length, -1 for null
 *    28  i32  value length, -1 for null
 *    32  u32  length of the headers
 *    36  key, headers (u16 name length, u32 text length, name, text; repeated), value
 */
export const FIXED_BYTES = 36
const UNCHECKED_BYTES = 8
const HEADER_PREFIX_BYTES = 6
const NO_BYTES = Buffer.alloc(0)
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})
const TWO_32 = 2 ** 32
/** Values from here on are written from where they are; smaller ones are cheaper to copy beside their neighbours. */
const LARGE_VALUE_BYTES = 16 * 1024

/** A record with its headers encoded and its size on disk known. */
export interface SizedRecord {
  readonly key: Buffer | null
  readonly headers: Buffer
  readonly value: Buffer | null
  readonly bytes: number
}

export function sizeRecord(record: OutgoingRecord): SizedRecord {
  const headers = encodeHeaders(record.headers)
  const bytes = FIXED_BYTES + (record.key?.length ?? 0) + headers.length + (record.value?.length ?? 0)
  return { key: record.key, headers, value: record.value, bytes }
}

/** Bytes of scratch memory that `encodeRecord` fills for this record. */
export function scratchBytes(record: SizedRecord): number {
  return isLarge(record) ? record.bytes - record.value.length : record.bytes
}

export function isLarge(record: SizedRecord): record is SizedRecord & { readonly value: Buffer } {
  return record.value !== null && record.value.length >= LARGE_VALUE_BYTES
}

/** Writes the record, without its value if that is large, into `scratch` at `at`; returns where it ends. */
export function encodeRecord(
  record: SizedRecord,
  position: { offset: number; timestamp_ms: number },
  scratch: Buffer,
  at: number,
): number {
  const { key, headers, value } = record
  scratch.writeUInt32LE(record.bytes - UNCHECKED_BYTES, at)
  writeUInt64(scratch, position.offset, at + 8)
  writeUInt64(scratch, position.timestamp_ms, at + 16)
  scratch.writeInt32LE(key === null ? -1 : key.length, at + 24)
  scratch.writeInt32LE(value === null ? -1 : value.length, at + 28)
  scratch.writeUInt32LE(headers.length, at + 32)
  let end = at + FIXED_BYTES
  if (key !== null) end += key.copy(scratch, end)
  if (headers.length > 0) end += headers.copy(scratch, end)
  const large = isLarge(record)
  if (value !== null && !large) end += value.copy(scratch, end)
  const checksum = crc32c(scratch.subarray(at + UNCHECKED_BYTES, end))
  scratch.writeUInt32LE(large ? crc32c(record.value, checksum) : checksum, at + 4)
  return end
}

/** Size on disk of the record at `at`; needs its first four bytes. */
export function recordBytes(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + UNCHECKED_BYTES
}

export function recordOffset(buffer: Buffer, at: number): number {
  return readUInt64(buffer, at + 8)
}

export function recordTimestamp(buffer: Buffer, at: number): number {
  return readUInt64(buffer, at + 16)
}

/** Whether the whole record at `at`, of `bytes` bytes, is what was written. */
export function isIntact(buffer: Buffer, at: number, bytes: number): boolean {
  if (bytes < FIXED_BYTES || at + bytes > buffer.length) return false
  return buffer.readUInt32LE(at + 4) === crc32c(buffer.subarray(at + UNCHECKED_BYTES, at + bytes))
}

/** The intact record at `at`. Its key and value share memory with `buffer`. */
export function decodeRecord(buffer: Buffer, at: number, place: { topic: string; partition: number }): LogRecord {
  const keyBytes = buffer.readInt32LE(at + 24)
  const valueBytes = buffer.readInt32LE(at + 28)
  const headersAt = at + FIXED_BYTES + Math.max(keyBytes, 0)
  const valueAt = headersAt + buffer.readUInt32LE(at + 32)
  return {
    topic: place.topic,
    partition: place.partition,
    offset: BigInt(recordOffset(buffer, at)),
    timestamp_ms: recordTimestamp(buffer, at),
    key: keyBytes < 0 ? null : buffer.subarray(at + FIXED_BYTES, headersAt),
    headers: decodeHeaders(buffer, headersAt, valueAt),
    value: valueBytes < 0 ? null : buffer.subarray(valueAt, valueAt + valueBytes),
  }
}

function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(headers)
  if (names.length === 0) return NO_BYTES
  let bytes = 0
  for (const name of names) {
    bytes += HEADER_PREFIX_BYTES + Buffer.byteLength(name) + Buffer.byteLength(headers[name]!)
  }
  const buffer = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const name of names) {
    const nameBytes = buffer.write(name, at + HEADER_PREFIX_BYTES)
    const textBytes = buffer.write(headers[name]!, at + HEADER_PREFIX_BYTES + nameBytes)
    buffer.writeUInt16LE(nameBytes, at)
    buffer.writeUInt32LE(textBytes, at + 2)
    at += HEADER_PREFIX_BYTES + nameBytes + textBytes
  }
  return buffer
}

function decodeHeaders(buffer: Buffer, from: number, to: number): Readonly<Record<string, string>> {
  if (from === to) return NO_HEADERS
  const entries: [string, string][] = []
  for (let at = from; at < to; ) {
    const nameAt = at + HEADER_PREFIX_BYTES
    const textAt = nameAt + buffer.readUInt16LE(at)
    const end = textAt + buffer.readUInt32LE(at + 2)
    entries.push([buffer.toString('utf8', nameAt, textAt), buffer.toString('utf8', textAt, end)])
    at = end
  }
  return Object.fromEntries(entries)
}

/** Offsets and times stay below 2^53, so that numbers are exact and cheaper than bigints. */
export function writeUInt64(buffer: Buffer, value: number, at: number): void {
  buffer.writeUInt32LE(value % TWO_32, at)
  buffer.writeUInt32LE(Math.floor(value / TWO_32), at + 4)
}

export function readUInt64(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + buffer.readUInt32LE(at + 4) * TWO_32
}
