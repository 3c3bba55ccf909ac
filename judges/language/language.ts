import type { SpanText } from '../judge.ts'
import { unitsOf } from '../text-units.ts'
import { characters, wordHash } from '../words.ts'
import { ALPHABETS, LANGUAGES_OF_SCRIPT } from './alphabets.ts'
import { LANGUAGE_OF_SCRIPT, SCRIPTS, type Script, scriptOf } from './scripts.ts'
import { STOP_WORDS } from './stop-words.ts'

export interface Language {
  /** BCP 47 primary subtag, e.g. `de`; `no` for both Norwegians, `hr` for Bosnian and Latin Serbian too, `id` for Malay too. */
  readonly language: string
  /** [0, 1] */
  readonly confidence: number
}

/** Texts up to here are read whole; of longer ones three windows: beginning, middle, end. UTF-16 code units. */
const WHOLE = 400
const WINDOW = 125
const MAX_TEXT = 64 * 1024
const MIN_WORDS = 4
const MIN_LETTERS = 4
/** Share of all letters that the script of a text has. */
const MIN_SCRIPT_SHARE = 0.6
/** Signs of code, per letter. */
const MAX_CODE_SHARE = 0.12
/** One ideograph says as much as so many letters. */
const IDEOGRAPH_LETTERS = 2.5
/** Stop words per word below which a text is a list of names, or of a language that we do not know. */
const MIN_COVERAGE = 0.1
const MIN_CONFIDENCE = 0.4
const LETTER_FITS = 0.3
const LETTER_IS_FOREIGN = 0.6
/** Languages so near to each other that the other one is no rival. */
const SIBLINGS: Readonly<Record<string, string>> = {
  da: 'no',
  no: 'da',
  cs: 'sk',
  sk: 'cs',
  bg: 'mk',
  mk: 'bg',
  ru: 'be',
  be: 'ru',
}

/** Words and letters of the languages of one script, as bit masks over `languages`. */
interface ScriptTable {
  readonly languages: readonly string[]
  /** `wordHash` and mask side by side, at the first free place from the hash's own; a mask of 0 ends the search. */
  readonly words: Int32Array
  readonly letters: ReadonlyMap<number, number>
}
/** Places for words: at least twice as many as the languages of a script have. */
const WORD_SLOTS = 8192

let scriptTables: readonly (ScriptTable | undefined)[] | undefined
/** By number of languages: a word that many share says little. */
const WEIGHTS = Array.from({ length: 33 }, (_, count) => 1 / Math.sqrt(Math.max(1, count)))

const tables = () => {
  scriptTables ??= SCRIPTS.map(tableOf)
  return scriptTables
}

function tableOf(script: Script): ScriptTable | undefined {
  const languages = LANGUAGES_OF_SCRIPT[script]
  if (languages === undefined) return undefined
  const words = new Map<number, number>()
  const letters = new Map<number, number>()
  languages.forEach((language, bit) => {
    for (const word of STOP_WORDS[language]!.split(/\s+/)) {
      const hash = wordHash(word)
      words.set(hash, (words.get(hash) ?? 0) | (1 << bit))
    }
    for (const letter of ALPHABETS[language]!) {
      const code = letter.charCodeAt(0)
      letters.set(code, (letters.get(code) ?? 0) | (1 << bit))
    }
  })
  return { languages, words: openTable(words), letters }
}

function openTable(words: ReadonlyMap<number, number>): Int32Array {
  if (words.size * 2 > WORD_SLOTS) throw new RangeError('There are too many stop words for their table.')
  const table = new Int32Array(WORD_SLOTS * 2)
  for (const [hash, mask] of words) {
    let at = slotOf(hash)
    while (table[at + 1] !== 0) at = (at + 2) & (WORD_SLOTS * 2 - 1)
    table[at] = hash
    table[at + 1] = mask
  }
  return table
}

const slotOf = (hash: number) => ((hash ^ (hash >>> 15)) & (WORD_SLOTS - 1)) * 2

function maskOf(words: Int32Array, hash: number): number {
  for (let at = slotOf(hash); ; at = (at + 2) & (WORD_SLOTS * 2 - 1)) {
    const mask = words[at + 1]!
    if (mask === 0 || words[at] === hash) return mask
  }
}

/** What reading a text adds up; one text at a time, so that reading allocates nothing. */
interface Tally {
  readonly letters: Float64Array
  readonly words: Int32Array
  /** By script and language. */
  readonly scores: readonly Float64Array[]
  code_signs: number
  /** Where the window ends in the units that are read, and whether the text ends there too, so that its last word is whole. */
  window_end: number
  is_text_end: boolean
  /** The stop word that counted last: a name that repeats one (MacBook Pro) says it once. */
  last_word: number
}
let sharedTally: Tally | undefined

function clearedTally(): Tally {
  sharedTally ??= {
    letters: new Float64Array(SCRIPTS.length),
    words: new Int32Array(SCRIPTS.length),
    scores: SCRIPTS.map(() => new Float64Array(32)),
    code_signs: 0,
    window_end: 0,
    is_text_end: false,
    last_word: 0,
  }
  sharedTally.letters.fill(0)
  sharedTally.words.fill(0)
  for (let script = 0; script < 4; script++) sharedTally.scores[script]!.fill(0)
  sharedTally.code_signs = 0
  sharedTally.last_word = 0
  return sharedTally
}

/**
 * The language of a text: by its script, and where languages share one by common words and letters. null where it is short,
 * mixed, unsure, code, or a language that we do not know. Code blocks, inline code, links and names in code style are not
 * looked at, of a long text only samples are.
 */
export function languageOf(text: string): Language | null {
  const prose = text.includes('`') ? withoutCode(text.slice(0, MAX_TEXT)) : text
  const tally = clearedTally()
  const length = Math.min(prose.length, MAX_TEXT)
  if (length <= WHOLE) readWindow(prose, 0, length, tally)
  else {
    readWindow(prose, 0, WINDOW, tally)
    readWindow(prose, (length - WINDOW) >> 1, (length + WINDOW) >> 1, tally)
    readWindow(prose, length - WINDOW, length, tally)
  }
  return decide(tally)
}

/**
 * The language between two UTF-16 offsets, all of it read, as far as 64 Ki characters: for judges that ask about one place. Code
 * blocks count as text.
 */
export function languageBetween(text: string, from: number, to: number): Language | null {
  const tally = clearedTally()
  const start = Math.max(0, from)
  readWindow(text, start, Math.min(text.length, to, start + MAX_TEXT), tally)
  return decide(tally)
}

const languagesOfTexts = new WeakMap<SpanText, { readonly found: Language | null }>()

/** The language of a span's text, found once however many judges ask. */
export function languageOfText(text: SpanText): Language | null {
  let remembered = languagesOfTexts.get(text)
  if (remembered === undefined) {
    remembered = { found: languageOf(text.text) }
    languagesOfTexts.set(text, remembered)
  }
  return remembered.found
}

/** Whether two languages are the same, or too near to each other to be told apart in a short text. */
export const isSameLanguage = (a: string, b: string): boolean => a === b || SIBLINGS[a] === b

/** Fenced blocks (an open one to the end) and inline code become white space. */
function withoutCode(text: string): string {
  let prose = ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('`', at)
    if (open < 0) break
    const fence = text.startsWith('```', open) ? '```' : '`'
    const close = text.indexOf(fence, open + fence.length)
    prose += `${text.slice(at, open)} `
    if (close < 0) {
      at = fence === '```' ? text.length : open + 1
      if (fence === '`') break
    } else at = close + fence.length
  }
  return prose + text.slice(at)
}

/** What an ASCII character says where it stands alone, before a name and behind one. */
const CODE_SIGN = 1
const BEFORE_NAME = 2
const BEHIND_NAME = 4
const SIGNS = signTable()

function signTable(): Uint8Array {
  const signs = new Uint8Array(128)
  for (const sign of '{}[]=;<>\\|_$@/') signs[sign.charCodeAt(0)]! |= CODE_SIGN
  for (const sign of '_/\\@.#$<{=&?') signs[sign.charCodeAt(0)]! |= BEFORE_NAME
  for (const sign of '_(/\\@=') signs[sign.charCodeAt(0)]! |= BEHIND_NAME
  return signs
}

const isSign = (code: number, sign: number) => code < 128 && (SIGNS[code]! & sign) !== 0

const HANGUL = SCRIPTS.indexOf('Hangul')
const KANA = SCRIPTS.indexOf('Kana')
const HAN = SCRIPTS.indexOf('Han')
const KIND_BITS = 16
const SPACELESS = 4

function readWindow(text: string, from: number, to: number, tally: Tally): void {
  const table = characters()
  // With what stands before the window and behind it.
  const base = from > 0 ? from - 1 : 0
  const units = unitsOf(text.slice(base, to + 2))
  const end = to - base
  tally.window_end = end
  tally.is_text_end = to >= text.length
  const { letters, words } = tally
  const first = from - base
  let i = first
  // A window that begins inside a word begins behind it.
  if (first > 0) while (i < end && table[units[i]!] !== 0) i++
  if (i === end) i = first
  while (i < end) {
    const code = units[i]!
    const entry = table[code]!
    if (entry === 0) {
      if (isSign(code, CODE_SIGN)) tally.code_signs++
      i++
      continue
    }
    if (entry >>> KIND_BITS === SPACELESS) {
      const script = scriptOf(code)
      if (script >= 0) {
        letters[script]! += script <= 5 ? IDEOGRAPH_LETTERS : 1
        words[script]!++
      }
      i++
      continue
    }
    i = readWord(units, i, tally)
  }
}

const FNV_OFFSET = -2128831035
const FNV_PRIME = 16777619
const LETTER = 1

function readWord(units: Uint16Array, start: number, tally: Tally): number {
  const table = characters()
  const to = tally.window_end
  const script = scriptOf(units[start]!)
  const known = script < 0 ? undefined : tables()[script]
  let hash = FNV_OFFSET
  let fitting = -1
  let hasDigit = false
  let i = start
  for (; i < to; i++) {
    const code = units[i]!
    const entry = table[code]!
    const kind = entry >>> KIND_BITS
    if (kind === 0) {
      const isApostrophe = (code === 39 || code === 0x2019) && table[units[i + 1]!]! >>> KIND_BITS === LETTER
      if (!isApostrophe) break
      hash = Math.imul(hash ^ 39, FNV_PRIME)
      continue
    }
    if (kind === SPACELESS) break
    if (kind !== LETTER) hasDigit = true
    const folded = entry & 0xffff
    hash = Math.imul(hash ^ folded, FNV_PRIME)
    if (folded > 127 && known !== undefined) fitting &= known.letters.get(folded) ?? -1
  }
  // The last word of a window may be cut.
  if (script < 0 || hasDigit || (i === to && !tally.is_text_end)) return i
  if (isSign(units[i]!, BEHIND_NAME) || (start > 0 && isSign(units[start - 1]!, BEFORE_NAME))) return i
  tally.letters[script]! += script === HANGUL ? (i - start) * IDEOGRAPH_LETTERS : i - start
  tally.words[script]!++
  // Words in capitals are keywords and acronyms.
  const second = units[start + 1]!
  const isShouted = i > start + 1 && (table[second]! & 0xffff) !== second && table[second]! >>> KIND_BITS === LETTER
  if (known === undefined || isShouted) return i
  const languages = hash === tally.last_word ? 0 : maskOf(known.words, hash)
  if (languages !== 0) tally.last_word = hash
  score(tally.scores[script]!, languages, fitting, known.languages.length)
  return i
}

function score(scores: Float64Array, mask: number, fitting: number, languages: number): void {
  if (mask !== 0) {
    const weight = WEIGHTS[bitCount(mask)]!
    for (let bit = 0, rest = mask; rest !== 0; bit++, rest >>>= 1) if ((rest & 1) !== 0) scores[bit]! += weight
  }
  if (fitting === -1) return
  for (let bit = 0; bit < languages; bit++) {
    scores[bit]! += (fitting & (1 << bit)) === 0 ? -LETTER_IS_FOREIGN : LETTER_FITS
  }
}

function bitCount(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}

function decide(tally: Tally): Language | null {
  const { letters, words } = tally
  let all = 0
  let best = 0
  for (let script = 0; script < letters.length; script++) {
    all += letters[script]!
    if (letters[script]! > letters[best]!) best = script
  }
  const eastAsian = letters[KANA]! + letters[HAN]!
  if (eastAsian > letters[best]!) best = HAN
  if (best === HAN || best === KANA) {
    if (eastAsian < MIN_LETTERS * IDEOGRAPH_LETTERS || eastAsian < all * MIN_SCRIPT_SHARE) return null
    const share = letters[KANA]! / eastAsian
    return {
      language: share > 0.08 ? 'ja' : 'zh',
      confidence: confidenceOf(eastAsian / all, words[HAN]! + words[KANA]!),
    }
  }
  if (letters[best]! < MIN_LETTERS || letters[best]! < all * MIN_SCRIPT_SHARE) return null
  const alone = LANGUAGE_OF_SCRIPT[SCRIPTS[best]!]
  if (alone !== undefined) return { language: alone, confidence: confidenceOf(letters[best]! / all, letters[best]!) }
  if (words[best]! < MIN_WORDS || tally.code_signs > all * MAX_CODE_SHARE) return null
  return byScore(tables()[best]!, tally.scores[best]!, words[best]!)
}

const rounded = (value: number) => Math.round(value * 100) / 100
const confidenceOf = (share: number, count: number) => rounded(share * (1 - Math.exp(-count / 4)))

function byScore({ languages }: ScriptTable, scores: Float64Array, words: number): Language | null {
  let best = 0
  for (let bit = 1; bit < languages.length; bit++) if (scores[bit]! > scores[best]!) best = bit
  const language = languages[best]!
  let rival = 0
  for (let bit = 0; bit < languages.length; bit++) {
    if (bit !== best && SIBLINGS[language] !== languages[bit] && scores[bit]! > rival) rival = scores[bit]!
  }
  const top = scores[best]!
  if (top < MIN_COVERAGE * words || top < 1.2) return null
  const lead = (top - rival) / top
  // Three telling words more than the next language are as good as certain.
  const confidence = rounded(Math.min(1, lead * 1.6) * (1 - Math.exp(-(top - rival))))
  return confidence < MIN_CONFIDENCE ? null : { language, confidence }
}

const stopWordsOf = new Map<string, ReadonlySet<number>>()

/** Whether a word (its `wordHash`) is one of the commonest of a language: what is left are content words. */
export function isStopWord(hash: number, language: string): boolean {
  let words = stopWordsOf.get(language)
  if (words === undefined) {
    words = new Set((STOP_WORDS[language] ?? '').split(/\s+/).map(wordHash))
    stopWordsOf.set(language, words)
  }
  return words.has(hash)
}
