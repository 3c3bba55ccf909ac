import { type Compounding, createCompounds } from './compounds.ts'
import { type Dictionary, MAX_WORD, writeWord } from './dictionary.ts'

/** A word of the dictionary, or nothing that a dictionary could know: too short or long, with digits, capitals inside. */
export const KNOWN = 0
/** Made of several words. */
export const BUILT = 1
export const UNKNOWN = 2
/** The standing is the two lowest bits of what `check` answers; above them is its effort, in lookups. */
export const STANDING = 3
export const EFFORT_BITS = 2

export interface Vocabulary {
  readonly language: string
  /** A word with a capital is no name for that. */
  readonly has_capital_nouns: boolean
  /**
   * What is known of the word in `text` from `start` to `end`; `hash` is its `wordHash`. The answer depends on the word only,
   * and so does its effort: what a word costs that was not looked up before, so that a caller can stop at the same place
   * whatever was.
   */
  check(text: string, word: { readonly start: number; readonly end: number; readonly hash: number }): number
  /** Whether one letter more, less, other, two exchanged, or two doubled make a word of the dictionary of it: some 100 µs. */
  resembles(word: string): boolean
}

export interface VocabularyOptions {
  readonly language: string
  /** Any of them may know a word. */
  readonly dictionaries: readonly Dictionary[]
  /** Lower-case words beside the dictionaries. */
  readonly terms: ReadonlySet<string>
  /** Letters that a typing error may bring in. */
  readonly alphabet: string
  readonly compounding?: Compounding
  /** Nouns have capitals: a part of a compound may be one. */
  readonly has_capital_nouns: boolean
}

/** Words looked up before: 2^14 of up to 22 letters, 800 KB. */
const REMEMBERED = 1 << 14
const ROW = 24
/** Letters of words that are tried with two doubled letters. */
const LEAST_DOUBLED = 6
const MOST_DOUBLED = 14
/** Answers of `resembles` that are kept. */
const MAX_COMPARED = 2000
const SHORTEST = 3
/** Of a word that is no plain word of the dictionary. */
const BASE_EFFORT = 10
/** The alphabet of a language that writes no other letters. */
const BASIC_LETTERS = 26
const NEVER_PLURAL = new Set(
  'about also because been could didn doesn dont from have having here into isnt just more most much only other over should some such than that their them then there these this those very were what when where which while whom with would'.split(
    ' ',
  ),
)

export function createVocabulary(options: VocabularyOptions): Vocabulary {
  const { language, dictionaries, terms, alphabet, has_capital_nouns } = options
  const word = new Uint16Array(MAX_WORD)
  const lower = new Uint16Array(MAX_WORD)
  const part = new Uint16Array(MAX_WORD)
  const remembered = new Uint16Array(REMEMBERED * ROW)
  const compared = new Map<string, boolean>()
  const compounds =
    options.compounding === undefined
      ? undefined
      : createCompounds(options.compounding, (units, start, end) => isPart(units, start, end))

  function check(text: string, { start, end, hash }: { start: number; end: number; hash: number }): number {
    const length = end - start
    if (length < SHORTEST || length > MAX_WORD) return KNOWN
    const row = ((hash ^ (hash >>> 16) ^ (text.charCodeAt(start) * 31)) & (REMEMBERED - 1)) * ROW
    if (remembered[row] === length) {
      let i = 0
      while (i < length && remembered[row + 2 + i] === text.charCodeAt(start + i)) i++
      if (i === length) return remembered[row + 1]!
    }
    const standing = lookUp(text.slice(start, end))
    if (length <= ROW - 2) {
      remembered[row] = length
      remembered[row + 1] = standing
      for (let i = 0; i < length; i++) remembered[row + 2 + i] = text.charCodeAt(start + i)
    }
    return standing
  }

  function lookUp(written: string): number {
    const folded = written.toLowerCase()
    if (terms.has(folded) || /\p{Nd}/u.test(written)) return KNOWN
    // Capitals inside: an acronym or a name of code.
    if (written.slice(1) !== folded.slice(1)) return KNOWN
    const length = writeWord(written, word)
    if (length !== folded.length || isWord(word, length)) return KNOWN
    for (const dictionary of dictionaries) {
      const converted = dictionary.convert(written)
      if (converted !== written && dictionary.has(part, writeWord(converted, part))) return KNOWN
    }
    const foldedLength = writeWord(folded, lower)
    if (isPossessive(folded) || isElided(folded) || isPlural(folded)) return KNOWN
    // café, naïve: what is written without marks at home may come with them.
    if (alphabet.length === BASIC_LETTERS && isUnmarkedWord(written)) return KNOWN
    const standing = compounds?.has(lower, foldedLength) === true ? BUILT : UNKNOWN
    return ((BASE_EFFORT + (compounds?.lookups() ?? 0)) << EFFORT_BITS) | standing
  }

  /** As it is, in lower case, or with a capital: names are often written without. */
  function isWord(units: Uint16Array, length: number): boolean {
    if (hasAny(units, length)) return true
    const first = units[0]!
    const other = otherCase(first)
    if (other === first) return false
    units[0] = other
    const isKnown = hasAny(units, length)
    units[0] = first
    return isKnown
  }

  const hasAny = (units: Uint16Array, length: number) => {
    for (const dictionary of dictionaries) if (dictionary.has(units, length)) return true
    return false
  }

  /** Three letters are a part only as a noun: too many of them are endings as well. */
  function isPart(units: Uint16Array, start: number, end: number): boolean {
    const length = end - start
    for (let i = 0; i < length; i++) part[i] = units[start + i]!
    if (length > SHORTEST && hasAny(part, length)) return true
    if (!has_capital_nouns) return length <= SHORTEST && hasAny(part, length)
    part[0] = otherCase(part[0]!)
    return hasAny(part, length)
  }

  /** team's, teams' */
  function isPossessive(folded: string): boolean {
    const stem = /^(.{3,})['’]s?$/.exec(folded)?.[1]
    return stem !== undefined && isWord(part, writeWord(stem, part))
  }

  /** Of a noun or a name, not of that, what, how. */
  function isPlural(folded: string): boolean {
    if (alphabet.length > BASIC_LETTERS || folded.length < 5 || !folded.endsWith('s')) return false
    const stem = folded.slice(0, -1)
    return !stem.endsWith('s') && !NEVER_PLURAL.has(stem) && isWord(part, writeWord(stem, part))
  }

  function isUnmarkedWord(written: string): boolean {
    const plain = written.normalize('NFD').replace(/\p{M}/gu, '')
    return plain !== written && isWord(part, writeWord(plain, part))
  }

  /** l'arbre, dell'uomo: what stands before the apostrophe is short. */
  function isElided(folded: string): boolean {
    const noun = /^.{1,6}['’](.{2,})$/.exec(folded)?.[1]
    return noun !== undefined && (noun.length < SHORTEST || isWord(part, writeWord(noun, part)))
  }

  function resembles(written: string): boolean {
    let answer = compared.get(written)
    if (answer === undefined) {
      answer = isNear(written)
      if (compared.size >= MAX_COMPARED) compared.clear()
      compared.set(written, answer)
    }
    return answer
  }

  function isNear(written: string): boolean {
    const length = writeWord(written, word)
    if (length < SHORTEST || length > MAX_WORD - 1) return false
    if (exchanges(length)) return true
    return length > SHORTEST && (leavesOut(length) || changes(length) || puts(length) || doubles(written))
  }

  /** Single for double letters and the reverse, at two places: tommorow, beggining. */
  function doubles(written: string): boolean {
    if (written.length < LEAST_DOUBLED || written.length > MOST_DOUBLED) return false
    for (const once of doublings(written)) {
      for (const twice of doublings(once)) if (hasAny(part, writeWord(twice, part))) return true
    }
    return false
  }

  function exchanges(length: number): boolean {
    for (let i = 0; i + 1 < length; i++) {
      const [a, b] = [word[i]!, word[i + 1]!]
      if (a === b) continue
      word[i] = b
      word[i + 1] = a
      const isKnown = hasAny(word, length)
      word[i] = a
      word[i + 1] = b
      if (isKnown) return true
    }
    return false
  }

  function leavesOut(length: number): boolean {
    for (let i = 1; i < length; i++) part[i - 1] = word[i]!
    for (let i = 0; i < length; i++) {
      if (hasAny(part, length - 1)) return true
      part[i] = word[i]!
    }
    return false
  }

  function changes(length: number): boolean {
    for (let i = 0; i < length; i++) {
      const written = word[i]!
      for (let l = 0; l < alphabet.length; l++) {
        word[i] = alphabet.charCodeAt(l)
        if (hasAny(word, length)) return true
      }
      word[i] = written
    }
    return false
  }

  function puts(length: number): boolean {
    for (let i = 0; i < length; i++) part[i + 1] = word[i]!
    for (let i = 0; i <= length; i++) {
      for (let l = 0; l < alphabet.length; l++) {
        part[i] = alphabet.charCodeAt(l)
        if (hasAny(part, length + 1)) return true
      }
      part[i] = word[i]!
    }
    return false
  }

  return { language, has_capital_nouns, check, resembles }
}

/** The word with one letter doubled, or one of a pair left out. */
function* doublings(word: string): Generator<string> {
  for (let i = 0; i < word.length; i++) {
    if (word[i] === word[i + 1]) yield word.slice(0, i) + word.slice(i + 1)
    else if (word[i] !== word[i - 1]) yield word.slice(0, i + 1) + word.slice(i)
  }
}

function otherCase(unit: number): number {
  const letter = String.fromCharCode(unit)
  const lower = letter.toLowerCase()
  const other = lower === letter ? letter.toUpperCase() : lower
  return other.length === 1 ? other.charCodeAt(0) : unit
}
