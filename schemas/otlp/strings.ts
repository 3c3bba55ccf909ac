import type { Cursor } from './wire.ts'

/** Longer strings hardly repeat; comparing them would cost more than decoding. */
const MAX_INTERNED_BYTES = 64
const WORDS_PER_SLOT = MAX_INTERNED_BYTES / 4
const SLOTS = 2048

/** The last string seen for each hash: its bytes as 32-bit words, their number, and the string. */
interface InternTable {
  readonly words: Int32Array
  readonly lengths: Uint8Array
  readonly strings: string[]
}

function createTable(): InternTable {
  return {
    words: new Int32Array(SLOTS * WORDS_PER_SLOT),
    lengths: new Uint8Array(SLOTS),
    strings: new Array<string>(SLOTS).fill(''),
  }
}

/**
 * Attribute keys and short values repeat from span to span. Remembering their last decodings saves most of the string
 * allocations and keeps one string object, with its hash, per key. Keys have a table of their own, so that values that
 * never repeat do not drive them out. Together less than a megabyte.
 */
const keys = createTable()
const values = createTable()

/** UTF-8 up to `end`; bytes that are not UTF-8 become U+FFFD. */
export function readKey(cursor: Cursor, end: number): string {
  return readInterned(cursor, end, keys)
}

export function readString(cursor: Cursor, end: number): string {
  return readInterned(cursor, end, values)
}

function readInterned(cursor: Cursor, end: number, table: InternTable): string {
  const { view, bytes, position: start } = cursor
  const length = end - start
  cursor.position = end
  if (length === 0) return ''
  if (length > MAX_INTERNED_BYTES) return bytes.toString('utf8', start, end)
  const wholeWords = length >>> 2
  let hash = length
  for (let word = 0; word < wholeWords; word++) hash = mix(hash, view.getInt32(start + 4 * word, true))
  let tail = 0
  for (let at = start + 4 * wholeWords; at < end; at++) tail = (tail << 8) | bytes[at]!
  hash = mix(hash, tail)
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
  const { words, lengths, strings } = table
  const base = slot * WORDS_PER_SLOT
  if (lengths[slot] === length && (wholeWords === WORDS_PER_SLOT || words[base + wholeWords] === tail)) {
    let word = 0
    while (word < wholeWords && words[base + word] === view.getInt32(start + 4 * word, true)) word++
    if (word === wholeWords) return strings[slot]!
  }
  for (let word = 0; word < wholeWords; word++) words[base + word] = view.getInt32(start + 4 * word, true)
  if (wholeWords < WORDS_PER_SLOT) words[base + wholeWords] = tail
  lengths[slot] = length
  strings[slot] = bytes.toString('utf8', start, end)
  return strings[slot]!
}

/** Bytes up to `end` as lower-case hex. */
export function readHex(cursor: Cursor, end: number): string {
  const { bytes, position: start } = cursor
  cursor.position = end
  if (end - start === 8) return hexOfEight(bytes, start)
  if (end - start === 16) return hexOfEight(bytes, start) + hexOfEight(bytes, start + 8)
  return bytes.toString('hex', start, end)
}

const HEX = [...'0123456789abcdef'].map((digit) => digit.charCodeAt(0))

/** A third of the time that Buffer needs for so few bytes. */
function hexOfEight(bytes: Uint8Array, at: number): string {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!]
  const [e, f, g, h] = [bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!]
  // biome-ignore format: a digit a line would hide the pattern
  return String.fromCharCode(
    HEX[a >> 4]!, HEX[a & 15]!, HEX[b >> 4]!, HEX[b & 15]!, HEX[c >> 4]!, HEX[c & 15]!, HEX[d >> 4]!, HEX[d & 15]!,
    HEX[e >> 4]!, HEX[e & 15]!, HEX[f >> 4]!, HEX[f & 15]!, HEX[g >> 4]!, HEX[g & 15]!, HEX[h >> 4]!, HEX[h & 15]!,
  )
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}
