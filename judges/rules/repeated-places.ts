import { IDEOGRAPH, NUMBER, type Words } from '../words.ts'

/** A stretch of a text in UTF-16 code units; `times` is 0 where nothing was counted. */
export interface Repeated {
  readonly label: 'loop' | 'repetitive' | 'character_run' | 'token_soup'
  readonly start: number
  readonly end: number
  readonly times: number
}

const PROBE = 16
const MIN_RUN = 32
const MIN_PAIR_RUN = 64
const MIN_BLANK_RUN = 200

/** White space, digits, and what people draw lines with, may run on. */
const isDrawn = (code: number) =>
  (code >= 48 && code <= 57) ||
  (code > 32 && code < 128 && '-_=*#.~+|/\\\'"<>^:,`'.includes(String.fromCharCode(code))) ||
  (code >= 0x2010 && code <= 0x2027) ||
  (code >= 0x2500 && code <= 0x25ff) ||
  (code >= 0x28c0 && code <= 0x28ff) ||
  code === 0xb7 ||
  code === 0x30fc ||
  code === 0x2800 ||
  code === 0x3000

/** A run of one character, or of a pair (haha, an emoji), found by looking at every sixteenth place. */
export function characterRun(text: string): Repeated | null {
  for (let i = 0; i + 3 < text.length; i += PROBE) {
    const code = text.charCodeAt(i)
    if (code === text.charCodeAt(i + 1)) {
      if (code !== text.charCodeAt(i + 2)) continue
      const end = runEnd(text, i, 1)
      const start = runStart(text, i, 1)
      const isBlank = code <= 32 || code === 0xa0
      if (end - start >= (isBlank ? MIN_BLANK_RUN : MIN_RUN) && !isDrawn(code)) return aRun(start, end, end - start)
      i = Math.max(i, end - PROBE)
    } else if (code === text.charCodeAt(i + 2) && text.charCodeAt(i + 1) === text.charCodeAt(i + 3)) {
      const end = runEnd(text, i, 2)
      const start = runStart(text, i, 2)
      const isWritten = isPairWritten(code) && isPairWritten(text.charCodeAt(i + 1))
      if (end - start >= MIN_PAIR_RUN && isWritten) return aRun(start, end, (end - start) >> 1)
      i = Math.max(i, end - PROBE)
    }
  }
  return null
}

const aRun = (start: number, end: number, times: number): Repeated => ({ label: 'character_run', start, end, times })

const isPairWritten = (code: number) => code > 32 && !isDrawn(code)

function runEnd(text: string, from: number, period: number): number {
  let end = from + period
  while (end < text.length && text.charCodeAt(end) === text.charCodeAt(end - period)) end++
  return end
}

function runStart(text: string, from: number, period: number): number {
  let start = from
  while (start > 0 && text.charCodeAt(start - 1) === text.charCodeAt(start - 1 + period)) start--
  return start
}

const SLOTS = 16384
/** Where each four words in a row stood last; an entry counts only when it carries the mark of this text. */
const slots: { keys?: Int32Array; places?: Int32Array; marks?: Int32Array; mark: number } = { mark: 0 }
/** `repetitive`: of this many words this share of all fours stood there before. */
const MIN_REPETITIVE = 120
const REPETITIVE_SHARE = 0.7

/**
 * Loops of words. Four words in a row that stood d words ago, again and again with the same d, are a stretch with period d
 * (a Boyer-like check of periodicity by last occurrence; one step per word).
 */
export function wordLoop(words: Words): Repeated | null {
  const { hashes, kinds, count } = words
  if (count < 16) return null
  slots.keys ??= new Int32Array(SLOTS)
  slots.places ??= new Int32Array(SLOTS)
  slots.marks ??= new Int32Array(SLOTS)
  const { keys, places, marks } = slots
  slots.mark = (slots.mark + 1) | 0
  const mark = slots.mark
  let a = 0
  let b = 0
  let c = 0
  let seen = 0
  let known = 0
  let distance = 0
  let run = 0
  let firstKnown = -1
  for (let i = 0; i < count; i++) {
    if (kinds[i] === NUMBER) continue
    const hash = hashes[i]!
    const key =
      (Math.imul(a, 31) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(hash, 0x27d4eb2f)) | 0
    a = b
    b = c
    c = hash
    seen++
    if (seen < 4) continue
    const slot = (key ^ (key >>> 15)) & (SLOTS - 1)
    if (marks[slot] === mark && keys[slot] === key) {
      known++
      if (firstKnown < 0) firstKnown = i
      const d = seen - places[slot]!
      run = d === distance ? run + 1 : 1
      distance = d
      if (isLoop(distance, run + 3, kinds[i] === IDEOGRAPH)) return loopFrom(words, i, distance)
    } else {
      run = 0
      distance = 0
    }
    marks[slot] = mark
    keys[slot] = key
    places[slot] = seen
  }
  if (seen < MIN_REPETITIVE || known < REPETITIVE_SHARE * (seen - 3)) return null
  return { label: 'repetitive', start: words.starts[firstKnown]!, end: words.ends[count - 1]!, times: 0 }
}

/** `length`: how many words in a row equal the word one period before. */
function isLoop(period: number, length: number, isSpaceless: boolean): boolean {
  if (isSpaceless) return length >= Math.max(40, 3 * period)
  if (period <= 2) return length >= 20
  return period <= 10 ? length >= Math.max(24, 4 * period) : length >= Math.max(36, 2 * period)
}

/** The whole stretch around word `at`, as far as its words equal those a period away; numbers in between do not count. */
function loopFrom(words: Words, at: number, period: number): Repeated {
  const { hashes, kinds, count, starts, ends } = words
  const places: number[] = []
  let middle = 0
  for (let i = 0; i < count; i++) {
    if (kinds[i] === NUMBER) continue
    if (i === at) middle = places.length
    places.push(i)
  }
  const same = (k: number) => hashes[places[k]!] === hashes[places[k - period]!]
  let first = middle
  while (first > period && same(first - 1)) first--
  let last = middle
  while (last + 1 < places.length && same(last + 1)) last++
  first -= period
  const times = Math.floor((last - first + 1) / period)
  return { label: 'loop', start: starts[places[first]!]!, end: ends[places[last]!]!, times }
}

/** Scripts of words, by their first character. */
const LATIN = 1
const MIN_CHANGES = 12

function scriptOf(code: number): number {
  if (code < 0x250 || (code >= 0x1e00 && code < 0x1f00)) return LATIN
  if (code < 0x400) return 2
  if (code < 0x530) return 3
  if (code < 0x600) return 4
  if (code < 0x900) return 5
  if (code < 0xe00) return 6
  if (code < 0x10a0) return 7
  if (code >= 0xac00 && code < 0xd7b0) return 8
  // Kana and Han stand in one Japanese sentence.
  return code >= 0x3040 && code < 0xa000 ? 9 : 10
}

/**
 * Scripts that change from word to word with a space between, or nothing: lists of languages and glossaries put a colon, a
 * bracket or a line end there. At least four scripts, and a change at every sixth word.
 */
export function tokenSoup({ text, starts, ends, kinds, count }: Words): Repeated | null {
  if (count < 40) return null
  let scripts = 0
  let changes = 0
  let before = 0
  let first = -1
  let last = 0
  for (let i = 0; i < count; i++) {
    if (kinds[i] === NUMBER) continue
    const script = scriptOf(text.charCodeAt(starts[i]!))
    if (script !== before && before !== 0 && i > 0) {
      const gap = starts[i]! - ends[i - 1]!
      if (gap === 0 || (gap === 1 && text.charCodeAt(ends[i - 1]!) === 32)) {
        changes++
        scripts |= (1 << script) | (1 << before)
        if (first < 0) first = starts[i - 1]!
        last = ends[i]!
      }
    }
    before = script
  }
  if (changes < MIN_CHANGES || changes * 6 < count || bitsOf(scripts) < 4) return null
  return { label: 'token_soup', start: first, end: last, times: 0 }
}

function bitsOf(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}
