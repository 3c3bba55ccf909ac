import type { SpanText } from './judge.ts'
import { unitsOf } from './text-units.ts'

/** Words of a text are looked at up to here, in UTF-16 code units; of a longer text the rest is left out. */
export const MAX_WORDS_TEXT = 64 * 1024

/** What a word is made of. */
export const WORD = 1
/** Digits, with `.` and `,` inside: `3`, `1,250.50`, `10.11.12`. */
export const NUMBER = 2
/** One character of a script that writes no spaces: Han, kana, Thai, Lao, Khmer, Burmese. */
export const IDEOGRAPH = 3

/**
 * The words of a text as parallel lists, in order: no string is made before somebody asks for it. Letters of any script in
 * the basic plane, digits and marks are words; `'` inside a word belongs to it, hyphens part words.
 */
export interface Words {
  readonly text: string
  readonly count: number
  /** UTF-16 offsets into `text`, end exclusive. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** `wordHash` of the case-folded word: equal words have equal hashes, and others hardly ever. */
  readonly hashes: readonly number[]
  /** WORD, NUMBER or IDEOGRAPH. */
  readonly kinds: readonly number[]
}

const LETTER = 1
const DIGIT = 2
const SPACELESS = 4
const APOSTROPHE = 39
const CURLY_APOSTROPHE = 0x2019
const FNV_OFFSET = -2128831035
const FNV_PRIME = 16777619

const KIND_BITS = 16
const CODE = 0xffff
/** Entries from here on are of scripts without spaces. */
const FIRST_SPACELESS = SPACELESS << KIND_BITS

let characterTable: Uint32Array | undefined

/**
 * By code unit: 0 for what is no part of a word, else its kind above the lower-case code unit. Built at the first use (some
 * 20 ms).
 */
export function characters(): Uint32Array {
  characterTable ??= buildCharacterTable()
  return characterTable
}

function buildCharacterTable(): Uint32Array {
  const table = new Uint32Array(65536)
  const isWordPart = /[\p{L}\p{M}\p{Nd}]/u
  const isDigit = /\p{Nd}/u
  const isSpaceless =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
  for (let code = 0; code < 65536; code++) {
    const character = String.fromCharCode(code)
    if (!isWordPart.test(character)) continue
    const lower = character.toLowerCase()
    const kind = isDigit.test(character) ? DIGIT : isSpaceless.test(character) ? SPACELESS : LETTER
    table[code] = (kind << KIND_BITS) | (lower.length === 1 ? lower.charCodeAt(0) : code)
  }
  return table
}

const wordsOfTexts = new WeakMap<SpanText, Words>()

/** The words of a span's text, computed once however many judges ask. */
export function wordsOf(text: SpanText): Words {
  let words = wordsOfTexts.get(text)
  if (words === undefined) {
    words = wordsIn(text.text)
    wordsOfTexts.set(text, words)
  }
  return words
}

const FIELDS = 4
/** Filled by one call at a time and copied out: lists that grow word by word cost more than reading the text. */
let scratch: Int32Array | undefined

/** The words of any string; not remembered. */
export function wordsIn(text: string): Words {
  scratch ??= new Int32Array(MAX_WORDS_TEXT * FIELDS)
  const found = scratch
  const count = scanWords(text, found)
  const starts = new Array<number>(count)
  const ends = new Array<number>(count)
  const hashes = new Array<number>(count)
  const kinds = new Array<number>(count)
  for (let i = 0, at = 0; i < count; i++, at += FIELDS) {
    starts[i] = found[at]!
    ends[i] = found[at + 1]!
    hashes[i] = found[at + 2]!
    kinds[i] = found[at + 3]!
  }
  return { text, count, starts, ends, hashes, kinds }
}

/** Words to be looked for by their hashes; a byte says of most words at once that they are none of them. */
export interface WordSet {
  readonly hashes: ReadonlySet<number>
  readonly filter: Uint8Array
}
const FILTER_MASK = 4095

export function wordSet(words: readonly string[]): WordSet {
  const hashes = new Set(words.map(wordHash))
  const filter = new Uint8Array(FILTER_MASK + 1)
  for (const hash of hashes) filter[hash & FILTER_MASK] = 1
  return { hashes, filter }
}

/** Whether a text holds one of the words. Cheaper than `wordsOf`: for texts whose words nobody asks for otherwise. */
export function holdsWord(text: string, { hashes, filter }: WordSet): boolean {
  scratch ??= new Int32Array(MAX_WORDS_TEXT * FIELDS)
  const found = scratch
  const end = scanWords(text, found) * FIELDS
  for (let at = 2; at < end; at += FIELDS) {
    const hash = found[at]!
    if (filter[hash & FILTER_MASK] !== 0 && hashes.has(hash)) return true
  }
  return false
}

function scanWords(text: string, found: Int32Array): number {
  const table = characters()
  const limit = Math.min(text.length, MAX_WORDS_TEXT)
  const units = unitsOf(text)
  let at = 0
  let i = 0
  while (true) {
    while (i < limit && table[units[i]!] === 0) i++
    if (i >= limit) return at / FIELDS
    const start = i
    let entry = table[units[i]!]!
    let hash = FNV_OFFSET
    let kinds = 0
    const isSpaceless = entry >= FIRST_SPACELESS
    if (isSpaceless) {
      hash = Math.imul(hash ^ (entry & CODE), FNV_PRIME)
      i++
    }
    while (!isSpaceless) {
      do {
        kinds |= entry
        hash = Math.imul(hash ^ (entry & CODE), FNV_PRIME)
        entry = table[units[++i]!]!
      } while (i < limit && (entry - 1) >>> 0 < FIRST_SPACELESS - 1)
      const code = units[i]!
      if (i >= limit || code === 32 || entry !== 0) break
      const before = table[units[i - 1]!]! >>> KIND_BITS
      if (!joins(code, before, table[units[i + 1]!]! >>> KIND_BITS)) break
      entry = (before << KIND_BITS) | (code === CURLY_APOSTROPHE ? APOSTROPHE : code)
    }
    kinds >>>= KIND_BITS
    found[at] = start
    found[at + 1] = i
    found[at + 2] = hash
    found[at + 3] = isSpaceless ? IDEOGRAPH : kinds === DIGIT ? NUMBER : WORD
    at += FIELDS
  }
}

/** Whether a character that is neither letter nor digit stands inside a word (don't) or a number (1,250.50). */
function joins(code: number, before: number, after: number): boolean {
  if (code === APOSTROPHE || code === CURLY_APOSTROPHE) return before === LETTER && after === LETTER
  return (code === 46 || code === 44) && before === DIGIT && after === DIGIT
}

/** Hash of a word as `Words.hashes` holds it, whatever its case. */
export function wordHash(word: string): number {
  const table = characters()
  let hash = FNV_OFFSET
  for (let i = 0; i < word.length; i++) {
    const code = word.charCodeAt(i)
    const plain = code === CURLY_APOSTROPHE ? APOSTROPHE : code
    hash = Math.imul(hash ^ (table[code] === 0 ? plain : table[code]! & CODE), FNV_PRIME)
  }
  return hash
}

/** The word as it stands in the text. */
export const wordAt = ({ text, starts, ends }: Words, index: number): string => text.slice(starts[index], ends[index])

/** The word in lower case, with a straight apostrophe: words with equal hashes are equal here. */
export const foldedAt = (words: Words, index: number): string => wordAt(words, index).toLowerCase().replaceAll('’', "'")

/**
 * The value of a NUMBER, null where there is none (10.11.12). A last separator with three digits behind it groups
 * thousands where it is a comma or repeats; everywhere else it is a decimal point.
 */
export function numberAt(words: Words, index: number): number | null {
  const digits = wordAt(words, index)
  if (/^\d+$/.test(digits)) return Number(digits)
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits)) return Number(digits.replaceAll(',', ''))
  if (/^\d{1,3}(?:\.\d{3}){2,}$/.test(digits) || /^\d{1,3}(?:\.\d{3})+,\d+$/.test(digits)) {
    return Number(digits.replaceAll('.', '').replace(',', '.'))
  }
  return /^\d+[.,]\d+$/.test(digits) ? Number(digits.replace(',', '.')) : null
}

/** Parallel lists again. A sentence ends at `. ! ? …` before white space, at their full-width forms, and at line ends. */
export interface Sentences {
  readonly count: number
  /** UTF-16 offsets into the text: first and behind the last character that is no white space. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Indexes into Words: first word, and behind the last. */
  readonly first_words: readonly number[]
  readonly last_words: readonly number[]
}

const sentencesOfTexts = new WeakMap<SpanText, Sentences>()

/** The sentences of a span's text that hold a word, computed once. */
export function sentencesOf(text: SpanText): Sentences {
  let sentences = sentencesOfTexts.get(text)
  if (sentences === undefined) {
    sentences = sentencesIn(wordsOf(text))
    sentencesOfTexts.set(text, sentences)
  }
  return sentences
}

export function sentencesIn(words: Words): Sentences {
  const { text, count, starts: wordStarts, ends: wordEnds } = words
  const sentences = {
    count: 0,
    starts: [] as number[],
    ends: [] as number[],
    first_words: [] as number[],
    last_words: [] as number[],
  }
  let first = 0
  for (let i = 0; i < count; i++) {
    const gapEnd = i + 1 < count ? wordStarts[i + 1]! : Math.min(text.length, MAX_WORDS_TEXT)
    const end = sentenceEnd(words, i, gapEnd)
    if (end < 0 && i + 1 < count) continue
    sentences.starts.push(wordStarts[first]!)
    sentences.ends.push(end < 0 ? wordEnds[i]! : end)
    sentences.first_words.push(first)
    sentences.last_words.push(i + 1)
    first = i + 1
  }
  return { ...sentences, count: sentences.starts.length }
}

/** Where the sentence ends behind a word, before `gapEnd`; -1 where it goes on. */
function sentenceEnd({ text, starts, ends }: Words, index: number, gapEnd: number): number {
  const wordEnd = ends[index]!
  if (gapEnd === wordEnd + 1 && text.charCodeAt(wordEnd) === 32) return -1
  for (let i = wordEnd; i < gapEnd; i++) {
    const code = text.charCodeAt(i)
    if (code === 10) return i
    if (code === 0x3002 || code === 0xff01 || code === 0xff1f || code === 0x0964) return i + 1
    if (code !== 46 && code !== 33 && code !== 63 && code !== 0x2026 && code !== 0x61f) continue
    const isInitial = code === 46 && i === wordEnd && wordEnd - starts[index]! === 1
    if (isInitial || (code === 46 && i === wordEnd && isAbbreviation(text, starts[index]!, wordEnd))) return -1
    let behind = i + 1
    while (behind < gapEnd && ')"\'”’»*_]'.includes(text[behind]!)) behind++
    if (behind >= text.length || text.charCodeAt(behind) <= 32) return behind
  }
  return -1
}

const ABBREVIATIONS = new Set(
  'mr mrs ms dr prof st vs etc eg ie approx fig vol inc ltd co jr sr dept bzw ca usw evtl ggf inkl nr str mme mlle sra'.split(
    ' ',
  ),
)

const isAbbreviation = (text: string, start: number, end: number): boolean =>
  end - start <= 6 && ABBREVIATIONS.has(text.slice(start, end).toLowerCase())

/** Code points before a UTF-16 offset: what Evidence counts. */
export function codePointsBefore(text: string, offset: number): number {
  let count = 0
  for (let i = 0; i < offset; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      const next = text.charCodeAt(i + 1)
      if (next >= 0xdc00 && next < 0xe000) i++
    }
    count++
  }
  return count
}
