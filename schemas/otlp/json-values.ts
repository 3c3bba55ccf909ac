import { Buffer } from 'node:buffer'

/**
 * Scalars as real senders write them in OTLP/JSON, more leniently than the specification
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Each returns undefined for what it cannot read.
 */
export function parseInteger(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined
  if (typeof value === 'string') return /^\s*-?\d{1,20}\s*$/.test(value) ? BigInt(value) : parseInteger(toNumber(value))
  return parseLong(value)
}

/** The `Long` objects of older JavaScript exporters. */
function parseLong(value: unknown): bigint | undefined {
  if (typeof value !== 'object' || value === null || !('low' in value) || !('high' in value)) return undefined
  const { low, high } = value
  if (typeof low !== 'number' || typeof high !== 'number') return undefined
  if (!Number.isInteger(low) || !Number.isInteger(high)) return undefined
  const isUnsigned = 'unsigned' in value && value.unsigned === true
  const bits = (BigInt.asUintN(32, BigInt(high)) << 32n) | BigInt.asUintN(32, BigInt(low))
  return isUnsigned ? bits : BigInt.asIntN(64, bits)
}

export function parseDouble(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? toNumber(value) : undefined
}

/** Also NaN, Infinity and -Infinity, which JSON has no numbers for. */
function toNumber(text: string): number | undefined {
  const number = Number(text)
  return text.trim() === '' || (Number.isNaN(number) && text !== 'NaN') ? undefined : number
}

/** Base64 of both alphabets, padded or not; what is none gives undefined. */
export function parseBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') {
    return /^[A-Za-z0-9+/_-]*={0,2}$/.test(value) ? Buffer.from(value, 'base64') : undefined
  }
  return parseNodeBuffer(value)
}

/** What JSON.stringify makes of a Node.js Buffer. */
function parseNodeBuffer(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null || !('data' in value) || !Array.isArray(value.data)) return undefined
  const isBytes = value.data.every((byte: unknown) => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) < 256)
  return isBytes ? Buffer.from(value.data) : undefined
}

/**
 * An id of `length` bytes: hex of either case, as the specification asks, or base64, as protobuf's own JSON has it. 32
 * hex digits are also valid base64, so the length decides, hex first. undefined unless it gives exactly `length` bytes.
 */
export function parseId(value: unknown, length: 8 | 16): Uint8Array | undefined {
  if (typeof value === 'string' && value.length === 2 * length) {
    const bytes = Buffer.from(value, 'hex')
    if (bytes.length === length) return bytes
  }
  const bytes = parseBytes(value)
  return bytes?.length === length ? bytes : undefined
}

/** An enum as a number, as digits, or by its name with or without `prefix`; 0 where it is unknown. */
export function parseEnum(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value === 'string') {
    const name = value.toUpperCase()
    const index = names.indexOf(name.startsWith(prefix) ? name.slice(prefix.length) : name)
    if (index >= 0) return index
  }
  const number = parseInteger(value)
  return number !== undefined && BigInt.asIntN(32, number) === number ? Number(number) : 0
}

export const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
export const STATUS_CODES = ['UNSET', 'OK', 'ERROR']
export const SEVERITIES = [
  'UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) => [name, `${name}2`, `${name}3`, `${name}4`]),
]
