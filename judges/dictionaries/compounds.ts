import { MAX_WORD } from './dictionary.ts'

/** How the words of a language grow together. */
export interface Compounding {
  /** Letters of the shortest part. */
  readonly shortest: number
  /** Letters that may stand between parts, '' for none. */
  readonly link: string
  readonly most_parts: number
}

/** Lookups per word: a word of 30 letters with two parts needs about 30. */
const MAX_LOOKUPS = 120

export type IsPart = (units: Uint16Array, start: number, end: number) => boolean

export interface Compounds {
  /** Whether a word falls into words. Tries long parts first; gives up (false) after MAX_LOOKUPS. */
  has(units: Uint16Array, length: number): boolean
  /** What the last answer cost. */
  lookups(): number
}

export function createCompounds({ shortest, link, most_parts }: Compounding, isPart: IsPart): Compounds {
  let lookups = 0
  const dead = new Uint8Array(MAX_WORD + 1)

  function isCompound(units: Uint16Array, length: number): boolean {
    lookups = 0
    dead.fill(0)
    if (length < 2 * shortest) return false
    return splits(units, { from: 0, length, parts: most_parts })
  }

  function splits(units: Uint16Array, rest: { from: number; length: number; parts: number }): boolean {
    const { from, length, parts } = rest
    if (from > 0 && known(units, from, length)) return true
    if (parts === 1 || dead[from]! >= parts) return false
    for (let end = length - shortest; end >= from + shortest; end--) {
      if (lookups > MAX_LOOKUPS) return false
      if (!known(units, from, end)) continue
      if (splits(units, { from: end, length, parts: parts - 1 })) return true
      if (link === '' || length - end - link.length < shortest || !startsWith(units, link, end)) continue
      if (splits(units, { from: end + link.length, length, parts: parts - 1 })) return true
    }
    dead[from] = parts
    return false
  }

  return { has: isCompound, lookups: () => lookups }

  function known(units: Uint16Array, start: number, end: number): boolean {
    if (end - start < shortest) return false
    lookups++
    return isPart(units, start, end)
  }
}

function startsWith(units: Uint16Array, letters: string, at: number): boolean {
  for (let i = 0; i < letters.length; i++) if (units[at + i] !== letters.charCodeAt(i)) return false
  return true
}
