import { EFFORT_BITS, KNOWN, STANDING, UNKNOWN, type Vocabulary } from '../dictionaries/vocabulary.ts'
import type { SpanText } from '../judge.ts'
import { characters, WORD, wordsOf } from '../words.ts'
import { codeStretches, writesCapitals } from './prose.ts'

/** A word that the dictionary does not know. */
export interface Doubt {
  readonly text: SpanText
  readonly vocabulary: Vocabulary
  /** In lower case, with a straight apostrophe. */
  readonly word: string
  /** UTF-16 offsets; the word holds no surrogates. */
  readonly start: number
  readonly end: number
}

/** What reading the texts of one span adds up. */
export interface Reading {
  /** Words that were looked up, as far as the limits. */
  words: number
  /** What compounds and unknown words among them cost, in lookups of half a microsecond. */
  effort: number
  readonly doubts: Doubt[]
}

/** Per span: beyond, the rate of what came before stands for the rest. */
const MAX_WORDS = 2000
const MAX_EFFORT = 800

const SHORTEST = 3
const KIND_BITS = 16
const CODE = 0xffff

/** Characters that make what they touch a name of code, a link, a path, a number, a part, a quotation. */
const BEFORE = 1
const BEHIND = 2
const SIGNS = signTable()

function signTable(): Uint8Array {
  const signs = new Uint8Array(128)
  for (const sign of '@#$&=/\\_<%~^|{+.-:`])') signs[sign.charCodeAt(0)]! |= BEFORE
  for (const sign of '@/\\_=([{<>-`|^~') signs[sign.charCodeAt(0)]! |= BEHIND
  return signs
}

/** Looks up the words of a text and adds what it found to `reading`. Costs about 60 ns a word once they were seen. */
export function readForSpelling(text: SpanText, vocabulary: Vocabulary, reading: Reading): void {
  const source = text.text
  if (isStructured(source)) return
  const { count, starts, ends, hashes, kinds } = wordsOf(text)
  const table = characters()
  const capitalNouns = vocabulary.has_capital_nouns
  const code = codeStretches(source)
  const word = { start: 0, end: 0, hash: 0 }
  const doubtsBefore = reading.doubts.length
  for (let i = 0; i < count; i++) {
    const start = starts[i]!
    const end = ends[i]!
    if (code.holds(start) || kinds[i] !== WORD || end - start < SHORTEST) continue
    if (reading.words >= MAX_WORDS || reading.effort >= MAX_EFFORT) break
    const first = source.charCodeAt(start)
    const isCapital = (table[first]! & CODE) !== first
    // A name, or the first word of a sentence, which may be one.
    if ((isCapital && !capitalNouns) || isTouched(source, start, end)) continue
    word.start = start
    word.end = end
    word.hash = hashes[i]!
    reading.words++
    const answer = vocabulary.check(source, word)
    if (answer === KNOWN) continue
    reading.effort += answer >>> EFFORT_BITS
    if ((answer & STANDING) !== UNKNOWN || isQuoted(source, start, end)) continue
    const written = source.slice(start, end).replaceAll('’', "'")
    reading.doubts.push({ text, vocabulary, word: written.toLowerCase(), start, end })
  }
  // Where names are written without capitals, they cannot be told from errors.
  if (reading.doubts.length > doubtsBefore && !writesCapitals(source)) reading.doubts.length = doubtsBefore
}

function isTouched(text: string, start: number, end: number): boolean {
  const before = start > 0 ? text.charCodeAt(start - 1) : 32
  if (before < 128 && (SIGNS[before]! & BEFORE) !== 0) return true
  const behind = end < text.length ? text.charCodeAt(end) : 32
  if (behind === 32) return false
  // thinkin': letters were left out on purpose.
  if (behind === 39 || behind === 0x2019) return true
  if (behind >= 128) return false
  if ((SIGNS[behind]! & BEHIND) !== 0) return true
  // file.txt, key:value, h1: signs that prose puts before white space.
  return (behind === 46 || behind === 58) && end + 1 < text.length && isLetterOrDigit(text.charCodeAt(end + 1))
}

function isLetterOrDigit(code: number): boolean {
  const kind = characters()[code]! >>> KIND_BITS
  return kind !== 0
}

const QUOTES = '"“”„«»‘‚‹›「」*'
const DOUBLE_QUOTES = /["“”„«»]/
/** UTF-16 code units on either side. */
const QUOTED_NEARBY = 120

/** Between two quotation marks on its line, or set apart: words of others, of other languages, or that are talked about. */
function isQuoted(text: string, start: number, end: number): boolean {
  if (start > 0 && end < text.length && QUOTES.includes(text[start - 1]!) && QUOTES.includes(text[end]!)) return true
  const before = text.slice(Math.max(0, text.lastIndexOf('\n', start - 1) + 1, start - QUOTED_NEARBY), start)
  if (!DOUBLE_QUOTES.test(before)) return false
  const behind = text.slice(end, end + QUOTED_NEARBY)
  const line = behind.indexOf('\n')
  return DOUBLE_QUOTES.test(line < 0 ? behind : behind.slice(0, line))
}

/** JSON, XML or a list of a program, as a whole. */
function isStructured(text: string): boolean {
  for (let i = 0; i < text.length && i < 200; i++) {
    const code = text.charCodeAt(i)
    if (code <= 32) continue
    return code === 123 || code === 60 || (code === 91 && /["{[\d]/.test(text[i + 1] ?? ''))
  }
  return true
}
