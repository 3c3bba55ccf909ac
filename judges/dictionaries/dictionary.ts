import { type Affix, type AffixFile, type AffixGroup, type AffixNode, NO_FLAG } from './affix-file.ts'
import { createStemTable, HASH_START, hashOn } from './stem-table.ts'

/** Longer words are not looked up. */
export const MAX_WORD = 60
const APOSTROPHE = 39

/** Words of one Hunspell dictionary. Answers depend on the word and the dictionary only. */
export interface Dictionary {
  readonly stems: number
  readonly compounds: boolean
  /**
   * Whether the word, as it is written, is a stem or made of one by a prefix, up to two suffixes, or both. `units` from 0
   * to `length`, at most MAX_WORD; not changed. Costs 0.1 to 1 µs.
   */
  has(units: Uint16Array, length: number): boolean
  /** The spelling of the dictionary: ligatures, apostrophes. */
  convert(word: string): string
}

export function createDictionary(affixes: AffixFile, dic: string): Dictionary {
  const table = createStemTable(dic, affixes.flag_type)
  const { forbidden, need_affix, only_in_compound, circumfix, prefixes, suffixes, second_suffixes } = affixes
  // What is left of a word after one affix, and after two.
  const rest = [new Uint16Array(MAX_WORD * 2), new Uint16Array(MAX_WORD * 2), new Uint16Array(MAX_WORD * 2)] as const
  const maySecond = second_suffixes.size > 0

  function has(units: Uint16Array, length: number): boolean {
    const whole = asStem(units, length)
    if (whole !== 'absent') return whole === 'word'
    return bySuffix(units, length, undefined) || byPrefix(units, length)
  }

  function asStem(units: Uint16Array, length: number): 'word' | 'forbidden' | 'absent' {
    const hash = hashOf(units, length)
    let found: 'word' | 'absent' = 'absent'
    for (let at = table.find(units, length, hash); at >= 0; at = table.next(units, length, at)) {
      if (table.hasFlag(at, length, forbidden)) return 'forbidden'
      if (stands(at, length)) found = 'word'
    }
    return found
  }

  const stands = (at: number, length: number) =>
    !table.hasFlag(at, length, need_affix) && !table.hasFlag(at, length, only_in_compound)

  /** Stem + suffix, or stem + suffix + suffix; with a prefix, the stem or the suffix must allow it. */
  function bySuffix(units: Uint16Array, length: number, prefix: Affix | undefined): boolean {
    let node: AffixNode | undefined = suffixes
    for (let cut = length; ; cut--) {
      for (const group of node.groups) {
        if (cut + group.strip.length === 0) continue
        const stem = replaceEnd(units, cut, group.strip, rest[prefix === undefined ? 0 : 1])
        if (hasStemFor(stem, cut + group.strip.length, group, prefix)) return true
        if (maySecond && bySecondSuffix(stem, cut + group.strip.length, group, prefix)) return true
      }
      if (cut === 0) return false
      node = node.next.get(units[cut - 1]!)
      if (node === undefined) return false
    }
  }

  function hasStemFor(stem: Uint16Array, length: number, group: AffixGroup, prefix: Affix | undefined): boolean {
    for (let at = table.find(stem, length, hashOf(stem, length)); at >= 0; at = table.next(stem, length, at)) {
      if (table.hasFlag(at, length, forbidden)) continue
      for (const affix of group.affixes) {
        if (!table.hasFlag(at, length, affix.flag) || !isFinal(affix, prefix)) continue
        if (!endsAs(affix, stem, length)) continue
        if (prefix === undefined) return true
        if (!affix.cross) continue
        if (table.hasFlag(at, length, prefix.flag) || affix.continuation.includes(prefix.flag)) return true
      }
    }
    return false
  }

  /** The outer suffix is one that the inner suffix asks for. */
  function bySecondSuffix(units: Uint16Array, length: number, outer: AffixGroup, prefix: Affix | undefined): boolean {
    if (!outer.affixes.some(({ flag }) => second_suffixes.has(flag))) return false
    let node: AffixNode | undefined = suffixes
    for (let cut = length; ; cut--) {
      for (const group of node.groups) {
        const inner = group.affixes.filter((affix) =>
          outer.affixes.some((one) => affix.continuation.includes(one.flag) && endsAs(one, units, length)),
        )
        if (inner.length === 0 || cut + group.strip.length === 0) continue
        const stemLength = cut + group.strip.length
        const stem = replaceEnd(units, cut, group.strip, rest[2])
        for (const affix of inner) if (isStemWith(stem, stemLength, affix, prefix)) return true
      }
      if (cut === 0) return false
      node = node.next.get(units[cut - 1]!)
      if (node === undefined) return false
    }
  }

  function isStemWith(stem: Uint16Array, length: number, affix: Affix, prefix: Affix | undefined): boolean {
    if (!endsAs(affix, stem, length)) return false
    for (let at = table.find(stem, length, hashOf(stem, length)); at >= 0; at = table.next(stem, length, at)) {
      if (!table.hasFlag(at, length, affix.flag)) continue
      if (prefix === undefined || table.hasFlag(at, length, prefix.flag)) return true
    }
    return false
  }

  /** Whether what the affix makes is a word: no part of a compound, no half of a circumfix without the other. */
  const isFinal = ({ continuation }: Affix, prefix: Affix | undefined) =>
    continuation.length === 0 ||
    !(
      (need_affix !== NO_FLAG && continuation.includes(need_affix)) ||
      (only_in_compound !== NO_FLAG && continuation.includes(only_in_compound)) ||
      (prefix === undefined && circumfix !== NO_FLAG && continuation.includes(circumfix))
    )

  function byPrefix(units: Uint16Array, length: number): boolean {
    let node: AffixNode | undefined = prefixes
    for (let cut = 0; cut < length; ) {
      node = node.next.get(units[cut]!)
      if (node === undefined) return false
      cut++
      for (const group of node.groups) {
        const stem = replaceStart(units, { cut, length, strip: group.strip }, rest[0])
        const stemLength = length - cut + group.strip.length
        if (stemLength === 0) continue
        for (const affix of group.affixes) {
          if (!startsAs(affix, stem, stemLength)) continue
          if (isFinal(affix, undefined) && isPrefixed(stem, stemLength, affix)) return true
          if (affix.cross && bySuffix(stem, stemLength, affix)) return true
        }
      }
    }
    return false
  }

  function isPrefixed(stem: Uint16Array, length: number, prefix: Affix): boolean {
    for (let at = table.find(stem, length, hashOf(stem, length)); at >= 0; at = table.next(stem, length, at)) {
      if (table.hasFlag(at, length, prefix.flag) && !table.hasFlag(at, length, only_in_compound)) return true
    }
    return false
  }

  return { stems: table.stems, compounds: affixes.compounds, has, convert }

  function convert(word: string): string {
    let written = word
    for (const [from, to] of affixes.conversions) if (written.includes(from)) written = written.replaceAll(from, to)
    return written
  }
}

function hashOf(units: Uint16Array, length: number): number {
  let hash = HASH_START
  for (let i = 0; i < length; i++) hash = hashOn(hash, units[i]!)
  return hash
}

function replaceEnd(units: Uint16Array, cut: number, strip: string, into: Uint16Array): Uint16Array {
  for (let i = 0; i < cut; i++) into[i] = units[i]!
  for (let i = 0; i < strip.length; i++) into[cut + i] = strip.charCodeAt(i)
  return into
}

function replaceStart(
  units: Uint16Array,
  { cut, length, strip }: { cut: number; length: number; strip: string },
  into: Uint16Array,
): Uint16Array {
  for (let i = 0; i < strip.length; i++) into[i] = strip.charCodeAt(i)
  for (let i = cut; i < length; i++) into[strip.length + i - cut] = units[i]!
  return into
}

function endsAs({ condition }: Affix, units: Uint16Array, length: number): boolean {
  const from = length - condition.length
  if (from < 0) return false
  for (let i = 0; i < condition.length; i++) if (!allows(condition[i]!, units[from + i]!)) return false
  return true
}

function startsAs({ condition }: Affix, units: Uint16Array, length: number): boolean {
  if (condition.length > length) return false
  for (let i = 0; i < condition.length; i++) if (!allows(condition[i]!, units[i]!)) return false
  return true
}

function allows({ characters, negated }: Affix['condition'][number], unit: number): boolean {
  for (let i = 0; i < characters.length; i++) if (characters.charCodeAt(i) === unit) return !negated
  return negated
}

/** A word in the buffer, with straight apostrophes; 0 when it is too long. */
export function writeWord(word: string, into: Uint16Array): number {
  if (word.length > MAX_WORD) return 0
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i)
    into[i] = unit === 0x2019 || unit === 0x2bc ? APOSTROPHE : unit
  }
  return word.length
}
