import type { Cursor } from './wire.ts'

/** Longer strings hardly repeat; comparing them would cost more than decoding. */
const MAX_INTERNED_LENGTH = 64
const SLOTS = 4096

/**
 * Attribute keys and short values repeat from span to span. Remembering their last decodings saves most of the string
 * allocations and keeps one string object (with its hash) per key. Direct-mapped, so at most 256 KB of text.
 */
const keys: string[] = new Array<string>(SLOTS).fill('')
const values: string[] = new Array<string>(SLOTS).fill('')

/** UTF-8 up to `end`; bytes that are not UTF-8 become U+FFFD. */
export function readKey(cursor: Cursor, end: number): string {
  return readInterned(cursor, end, keys)
}

export function readString(cursor: Cursor, end: number): string {
  return readInterned(cursor, end, values)
}

function readInterned(cursor: Cursor, end: number, table: string[]): string {
  const { bytes, position: start } = cursor
  const length = end - start
  cursor.position = end
  if (length === 0) return ''
  if (length > MAX_INTERNED_LENGTH) return bytes.toString('utf8', start, end)
  let hash = length
  let seen = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    hash = (Math.imul(hash, 31) + byte) | 0
    seen |= byte
  }
  if (seen >= 0x80) return bytes.toString('utf8', start, end)
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
  const candidate = table[slot]!
  if (candidate.length === length && equalsAscii(candidate, bytes, start)) return candidate
  const text = bytes.toString('latin1', start, end)
  table[slot] = text
  return text
}

function equalsAscii(text: string, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false
  }
  return true
}
