import { isStopWord } from '../language/language.ts'
import { characters, IDEOGRAPH, NUMBER, numberAt, WORD, type Words, wordHash } from '../words.ts'

/** How much of an answer stands in what it was given, word by word. */
export interface Support {
  /** Content words and numbers of the answer; each occurrence counts. */
  readonly words: number
  readonly supported: number
  /** Pairs of neighbours. */
  readonly pairs: number
  readonly supported_pairs: number
  readonly unknown_numbers: number
  /** Indexes of words of the answer that stand nowhere: numbers first, then names, then others. */
  readonly unknown: readonly number[]
}

/** What is looked for: word by word of the answer, and whether it was found. */
export interface Claim {
  readonly words: Words
  /** Units of the answer by their hash, with the places where they stand. */
  readonly units: Map<number, { found: boolean; readonly at: number[] }>
  readonly pairs: Map<number, { found: boolean; count: number }>
  readonly numbers: Map<number, { found: boolean; readonly at: number[] }>
  /** Its numbers are results that cannot stand anywhere else. */
  readonly computes: boolean
}

const STEM = 5
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
  const computes = COMPUTES.test(words.text)
  const claim: Claim = { words, units: new Map(), pairs: new Map(), numbers: new Map(), computes }
  let before = 0
  for (let i = 0; i < words.count; i++) {
    const unit = unitOf(words, i)
    if (i > 0) {
      const pair = pairOf(before, unit)
      const known = claim.pairs.get(pair)
      if (known === undefined) claim.pairs.set(pair, { found: false, count: 1 })
      else known.count++
    }
    before = unit
    const kind = words.kinds[i]
    if (kind === NUMBER) addNumber(claim, i)
    else if (kind === IDEOGRAPH || (words.ends[i]! - words.starts[i]! > 1 && !isStopWord(words.hashes[i]!, language))) {
      place(claim.units, unit, i)
    }
  }
  return claim
}

function place(units: Map<number, { found: boolean; readonly at: number[] }>, key: number, index: number): void {
  const known = units.get(key)
  if (known === undefined) units.set(key, { found: false, at: [index] })
  else known.at.push(index)
}

function addNumber({ words, numbers, units, computes }: Claim, index: number): void {
  const value = numberAt(words, index)
  if (value === null) place(units, words.hashes[index]!, index)
  else if (!computes && (value > SMALL_NUMBER || !Number.isInteger(value))) place(numbers, value, index)
}

/** Marks what stands in a text that the answer could draw on. */
export function supportBy(claim: Claim, given: Words): void {
  const { units, pairs, numbers } = claim
  let before = 0
  for (let i = 0; i < given.count; i++) {
    const unit = unitOf(given, i)
    const known = units.get(unit)
    if (known !== undefined) known.found = true
    const pair = pairs.get(pairOf(before, unit))
    if (pair !== undefined) pair.found = true
    before = unit
    const kind = given.kinds[i]
    if (kind === NUMBER && numbers.size > 0) {
      const number = numbers.get(numberAt(given, i) ?? Number.NaN)
      if (number !== undefined) number.found = true
      const whole = units.get(given.hashes[i]!)
      if (whole !== undefined) whole.found = true
    } else if (kind === WORD && numbers.size > 0) {
      const number = numbers.get(valueOfWord(given.hashes[i]!) ?? Number.NaN)
      if (number !== undefined) number.found = true
    }
  }
}

export function supportOf({ words, units, pairs, numbers }: Claim): Support {
  let all = 0
  let supported = 0
  let unknownNumbers = 0
  const unknown: number[] = []
  for (const { found, at } of numbers.values()) {
    all += at.length
    if (found) supported += at.length
    else {
      unknownNumbers += at.length
      unknown.push(...at)
    }
  }
  const others: number[] = []
  for (const { found, at } of units.values()) {
    all += at.length
    if (found) supported += at.length
    else others.push(...at)
  }
  let pairCount = 0
  let supportedPairs = 0
  for (const { found, count } of pairs.values()) {
    pairCount += count
    if (found) supportedPairs += count
  }
  const isName = (index: number) => isCapital(words, index) && !isSentenceStart(words, index)
  return {
    words: all,
    supported,
    pairs: pairCount,
    supported_pairs: supportedPairs,
    unknown_numbers: unknownNumbers,
    unknown: [...unknown, ...others.filter(isName), ...others.filter((index) => !isName(index))],
  }
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
