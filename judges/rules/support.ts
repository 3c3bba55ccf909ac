import { isStopWord } from '../language/language.ts'
import { characters, IDEOGRAPH, NUMBER, numberAt, type Words, wordHash } from '../words.ts'

/** How much of an answer stands in what it was given, word by word. */
export interface Support {
  /** Content words and numbers of the answer; each occurrence counts. */
  readonly words: number
  readonly supported: number
  /** Pairs of neighbours. */
  readonly pairs: number
  readonly supported_pairs: number
  readonly unknown_numbers: number
}

/**
 * What an answer claims, as counts of what was not found yet: finding takes away, so that little is left to look up soon.
 */
export interface Claim {
  readonly words: Words
  /** Content words by their unit. */
  readonly units: Map<number, number>
  /** Neighbours. */
  readonly pairs: Map<number, number>
  /** Numbers by their value. */
  readonly numbers: Map<number, number>
  /** By the last bits of a hash: whether a unit or a pair may be there at all; most words of a document are not. */
  readonly filter: Uint8Array
  readonly word_count: number
  readonly pair_count: number
}

const STEM = 5
const FILTER_MASK = 4095
const FNV_PRIME = 16777619
const FNV_OFFSET = -2128831035
/** Counts and list numbers are the writer's own. */
const SMALL_NUMBER = 12
/** A table of results is no worse than so many unknown numbers. */
const MAX_NUMBERS = 4
const COMPUTES = /\d\s?[=+*×÷]\s?[$€£<]*\d/
const KIND_BITS = 16
const CODE = 0xffff
const LETTER_S = 115

let numberWords: ReadonlyMap<number, number> | undefined

function valueOfWord(hash: number): number | undefined {
  numberWords ??= new Map(
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
      .split(' ')
      .map((word, value) => [wordHash(word), value]),
  )
  return numberWords.get(hash)
}

/**
 * A word without its ending: its first five letters, or the whole of a shorter one without a last `s`. Ideographs are taken
 * in pairs, as most words have two.
 */
export function unitOf(words: Words, index: number): number {
  const { kinds, hashes, starts, ends, text } = words
  const start = starts[index]!
  if (kinds[index] === IDEOGRAPH) {
    const isPair = kinds[index + 1] === IDEOGRAPH && starts[index + 1] === ends[index]
    return isPair ? pairOf(hashes[index]!, hashes[index + 1]!) : hashes[index]!
  }
  const table = characters()
  let length = ends[index]! - start
  if (length <= STEM && (length < 4 || (table[text.charCodeAt(start + length - 1)]! & CODE) !== LETTER_S)) {
    return hashes[index]!
  }
  length = length > STEM ? STEM : length - 1
  let hash = FNV_OFFSET
  for (let i = start; i < start + length; i++) {
    const entry = table[text.charCodeAt(i)]!
    hash = Math.imul(hash ^ (entry >>> KIND_BITS === 0 ? 39 : entry & CODE), FNV_PRIME)
  }
  return hash
}

const pairOf = (first: number, second: number) => Math.imul(Math.imul(first, 31) ^ second, FNV_PRIME)

/** What an answer claims; common words of its language claim nothing. */
export function claimOf(words: Words, language: string): Claim {
  const units = new Map<number, number>()
  const pairs = new Map<number, number>()
  const numbers = new Map<number, number>()
  const filter = new Uint8Array(FILTER_MASK + 1)
  const computes = COMPUTES.test(words.text)
  let wordCount = 0
  let before = 0
  for (let i = 0; i < words.count; i++) {
    const unit = unitOf(words, i)
    filter[unit & FILTER_MASK] = 1
    if (i > 0) {
      const pair = pairOf(before, unit)
      filter[pair & FILTER_MASK] = 1
      addOne(pairs, pair)
    }
    before = unit
    if (words.kinds[i] === NUMBER) {
      const value = numberAt(words, i)
      if (value !== null && (computes || isSmall(value))) continue
      if (value === null) addOne(units, unit)
      else addOne(numbers, value)
    } else if (isContent(words, i, language)) addOne(units, unit)
    else continue
    wordCount++
  }
  return { words, units, pairs, numbers, filter, word_count: wordCount, pair_count: Math.max(0, words.count - 1) }
}

const addOne = (counts: Map<number, number>, key: number) => counts.set(key, (counts.get(key) ?? 0) + 1)
const isSmall = (value: number) => value <= SMALL_NUMBER && Number.isInteger(value)

const isContent = ({ kinds, starts, ends, hashes }: Words, index: number, language: string): boolean =>
  kinds[index] === IDEOGRAPH || (ends[index]! - starts[index]! > 1 && !isStopWord(hashes[index]!, language))

/** Takes away what stands in a text that the answer could draw on. */
export function supportBy({ units, pairs, numbers, filter }: Claim, given: Words): void {
  let before = 0
  for (let i = 0; i < given.count; i++) {
    const unit = unitOf(given, i)
    const pair = pairOf(before, unit)
    if (filter[unit & FILTER_MASK] !== 0) units.delete(unit)
    if (filter[pair & FILTER_MASK] !== 0) pairs.delete(pair)
    before = unit
    if (numbers.size === 0 || given.kinds[i] === IDEOGRAPH) continue
    const value = given.kinds[i] === NUMBER ? numberAt(given, i) : valueOfWord(given.hashes[i]!)
    if (value !== null && value !== undefined) numbers.delete(value)
  }
}

const sum = (counts: ReadonlyMap<number, number>): number => {
  let all = 0
  for (const count of counts.values()) all += count
  return all
}

export function supportOf({ units, pairs, numbers, word_count, pair_count }: Claim): Support {
  const unknownNumbers = sum(numbers)
  return {
    words: word_count,
    supported: word_count - sum(units) - unknownNumbers,
    pairs: pair_count,
    supported_pairs: pair_count - sum(pairs),
    unknown_numbers: unknownNumbers,
  }
}

/** Indexes of words of the answer that stand nowhere: numbers first, then names, then others. */
export function unknownWords({ words, units, numbers }: Claim, language: string): readonly number[] {
  const found: { readonly index: number; readonly rank: number }[] = []
  for (let i = 0; i < words.count; i++) {
    if (words.kinds[i] === NUMBER && numbers.has(numberAt(words, i) ?? Number.NaN)) found.push({ index: i, rank: 0 })
    else if (units.has(unitOf(words, i)) && isContent(words, i, language)) {
      found.push({ index: i, rank: isCapital(words, i) && !isSentenceStart(words, i) ? 1 : 2 })
    }
  }
  return found.sort((a, b) => a.rank - b.rank || a.index - b.index).map(({ index }) => index)
}

function isCapital({ text, starts }: Words, index: number): boolean {
  const code = text.charCodeAt(starts[index]!)
  return (characters()[code]! & CODE) !== code
}

const isSentenceStart = ({ text, starts, ends }: Words, index: number): boolean =>
  index === 0 || /[.!?:\n*"“]/.test(text.slice(ends[index - 1], starts[index]))

/**
 * How unlikely it is that the answer came from what was given, 0 and up: unsupported words against the square root of all (a
 * long answer may add some of its own), the share of unsupported pairs, and half for each unknown number.
 */
export function riskOf({ words, supported, pairs, supported_pairs, unknown_numbers }: Support): number {
  const unsupported = words - supported - unknown_numbers
  const seams = pairs === 0 ? 0 : 1 - supported_pairs / pairs
  return unsupported / Math.sqrt(Math.max(1, words)) + seams + Math.min(unknown_numbers, MAX_NUMBERS) / 2
}
