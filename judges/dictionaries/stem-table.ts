import type { FlagType } from './affix-file.ts'

export const HASH_START = -2128831035
/** FNV-1a over UTF-16 units: the hash of a longer word goes on from that of its beginning. */
export const hashOn = (hash: number, unit: number): number => Math.imul(hash ^ unit, 16777619)

export interface StemTable {
  readonly stems: number
  /** The place of a stem in the table, or -1; equal stems with other flags follow with `next`. */
  find(units: Uint16Array, length: number, hash: number): number
  next(units: Uint16Array, length: number, place: number): number
  /** Whether the stem at this place, of this length, has the flag. */
  hasFlag(place: number, length: number, flag: number): boolean
}

const SLASH = 47
const BACKSLASH = 92

/**
 * The stems of `.dic` files: their text as it is, and where each line begins, by the hash of the stem. Nothing is parsed or
 * copied before somebody asks for it: half a millisecond per 10,000 stems, and 8 to 16 bytes each beside the text.
 */
export function createStemTable(text: string, flagType: FlagType): StemTable {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, lines * 1.6))))
  const mask = slots.length - 1
  let stems = 0
  // The first line holds the number of stems.
  for (let start = text.indexOf('\n') + 1; start > 0 && start < text.length; ) {
    let hash = HASH_START
    let i = start
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (isEnd(unit)) break
      hash = hashOn(hash, unit)
    }
    if (i > start && stems < lines) {
      let slot = spread(hash) & mask
      while (slots[slot] !== 0 && !isSameLine(text, slots[slot]!, start)) slot = (slot + 1) & mask
      if (slots[slot] === 0) {
        slots[slot] = start
        stems++
      }
    }
    const end = text.indexOf('\n', i)
    start = end < 0 ? 0 : end + 1
  }

  function seek(units: Uint16Array, length: number, from: number): number {
    for (let slot = from & mask; ; slot = (slot + 1) & mask) {
      const start = slots[slot]!
      if (start === 0) return -1
      if (isStem(units, length, start)) return slot
    }
  }

  function isStem(units: Uint16Array, length: number, start: number): boolean {
    for (let i = 0; i < length; i++) if (text.charCodeAt(start + i) !== units[i]) return false
    return start + length >= text.length || isEnd(text.charCodeAt(start + length))
  }

  return {
    stems,
    find: (units, length, hash) => seek(units, length, spread(hash)),
    next: (units, length, place) => seek(units, length, place + 1),
    hasFlag(place, length, flag) {
      let i = slots[place]! + length
      if (flag < 0 || text.charCodeAt(i) !== SLASH) return false
      i++
      if (flagType === 'number') return hasNumber(text, i, flag)
      const width = flagType === 'pair' ? 2 : 1
      for (; i < text.length; i += width) {
        const unit = text.charCodeAt(i)
        if (unit <= 32) return false
        if ((width === 1 ? unit : (unit << 16) | text.charCodeAt(i + 1)) === flag) return true
      }
      return false
    },
  }
}

/** Of two dictionaries of a language that were put together. */
function isSameLine(text: string, a: number, b: number): boolean {
  for (let i = 0; ; i++) {
    const unit = text.charCodeAt(a + i)
    if (unit !== text.charCodeAt(b + i)) return false
    if (unit === 10) return true
    if (Number.isNaN(unit)) return true
  }
}

const isEnd = (unit: number) => unit === SLASH || unit === 10 || unit === 9 || unit === 13 || unit === BACKSLASH

/** FNV leaves its low bits to the last letter alone. */
const spread = (hash: number) => (hash ^ (hash >>> 15)) * 5

function hasNumber(text: string, from: number, flag: number): boolean {
  let number = 0
  for (let i = from; ; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 10
    if (unit >= 48 && unit <= 57) number = number * 10 + unit - 48
    else {
      if (number === flag) return true
      if (unit !== 44) return false
      number = 0
    }
  }
}
