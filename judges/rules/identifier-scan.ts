import type { Hit, SpanText } from '../judge.ts'
import { codePointsBefore } from '../words.ts'
import { alphanumericsOf } from './checksums.ts'

/** A kind of identifier that is told by its layout, its check digits and the words around it. */
export interface Identifier<Label extends string> {
  readonly id: string
  readonly label: Label
  /** For a person: `Swedish personal number`. */
  readonly title: string
  /** How it is written: 9 for a digit, A for a letter, X for either; space - . / : as they are. At most 24 characters. */
  readonly layouts: readonly string[]
  /** Words that name it, in small letters. */
  readonly words: readonly string[]
  /** Whether the bare letters (in capitals) and digits can be one: check digits, dates, areas. */
  readonly fits?: (bare: string) => boolean
  /** How sure [0, 1] where a word names it, where it is the whole message, and anywhere; 0 for not at all. */
  readonly sure: readonly [named: number, alone: number, anywhere: number]
}

/** A place that has the layout of an identifier and fits. */
export interface Sighting<Kind> {
  readonly kind: Kind
  readonly start: number
  readonly end: number
  readonly confidence: number
}

const NONE: readonly never[] = Object.freeze([])
const MAX_LENGTH = 24
const MAX_SIGHTINGS = 100
const WORDS_BEFORE = 56
const WORDS_AFTER = 28
/** Short words before the first digit that may belong to it: `YZ 61 48 68 B`, `B AB 1234`, `HRB 12345`. */
const MAX_WORDS_BEFORE_DIGITS = 2
const MAX_LETTERS_BEFORE_DIGITS = 5

/** Character classes: 1 digit, 2 letter, from 3 a separator that may stand inside, 0 anything else. */
const CLASSES = new Uint8Array(128)
for (let c = 48; c <= 57; c++) CLASSES[c] = 1
for (let c = 65; c <= 90; c++) CLASSES[c] = CLASSES[c + 32] = 2
;[...' -./:'].forEach((sign, index) => {
  CLASSES[sign.charCodeAt(0)] = 3 + index
})
const SIGNS = ['', '9', 'A', ' ', '-', '.', '/', ':']
const classAt = (text: string, index: number) => {
  const unit = text.charCodeAt(index)
  return unit < 128 ? CLASSES[unit]! : 0
}
const isWordAt = (text: string, index: number) => {
  const unit = text.charCodeAt(index)
  return unit < 128 ? CLASSES[unit] === 1 || CLASSES[unit] === 2 || unit === 95 : unit > 191 && unit < 592
}

const nextHash = (hash: number, characterClass: number) => (Math.imul(hash, 31) + characterClass) | 0

/**
 * Finds identifiers without a regular expression: at every word with digits, the layouts that begin there are looked up
 * in one table, so that a kind more costs nothing. Kinds that can never reach `floor` are left out.
 */
export function createIdentifierScan<Kind extends Identifier<string>>(kinds: readonly Kind[], floor: number) {
  const table = new Map<number, { readonly layout: string; readonly kinds: Kind[] }[]>()
  for (const kind of kinds.filter(({ sure }) => Math.max(...sure) >= floor)) {
    for (const layout of kind.layouts.flatMap(spelledOut)) addLayout(layout, kind)
  }

  function addLayout(layout: string, kind: Kind): void {
    let hash = 0
    for (const sign of layout) hash = nextHash(hash, SIGNS.indexOf(sign))
    const entries = table.get(hash) ?? []
    const known = entries.find((entry) => entry.layout === layout)
    if (known === undefined) entries.push({ layout, kinds: [kind] })
    else known.kinds.push(kind)
    table.set(hash, entries)
  }

  /** `runs`: where digits begin in the text (digit-runs.ts). */
  return function sightingsIn({ text, field }: SpanText, runs: readonly number[]): readonly Sighting<Kind>[] {
    let found: Sighting<Kind>[] | undefined
    let done = 0
    for (const run of runs) {
      if (run < done) continue
      let end = run
      for (let start = wordStart(text, run), words = 0; start >= 0; words++) {
        const sighting = widest(text, start, { from: run, isMessage: field === 'input' })
        if (sighting !== null) {
          found ??= []
          found.push(sighting)
          end = Math.max(end, sighting.end)
        }
        start = words < MAX_WORDS_BEFORE_DIGITS ? shortWordBefore(text, start) : -1
      }
      while (end < text.length && isWordAt(text, end)) end++
      done = end
      if (found !== undefined && found.length >= MAX_SIGHTINGS) break
    }
    return found ?? NONE
  }

  /** The surest, then the longest identifier that begins at `start` and holds the digit at `from`. */
  function widest(text: string, start: number, at: { from: number; isMessage: boolean }): Sighting<Kind> | null {
    if (start > 0 && (isWordAt(text, start - 1) || joins(text, start - 1, start - 2))) return null
    let best: Sighting<Kind> | null = null
    let hash = 0
    for (let i = start; i < text.length && i - start < MAX_LENGTH; i++) {
      const c = classAt(text, i)
      if (c === 0) break
      hash = nextHash(hash, c)
      const end = i + 1
      if (c > 2 || end <= at.from || (end < text.length && isWordAt(text, end))) continue
      const entries = table.get(hash)
      if (entries === undefined || joins(text, end, end + 1)) continue
      const sighting = surest(text, { start, end, isMessage: at.isMessage }, entries)
      if (sighting !== null && (best === null || sighting.confidence >= best.confidence)) best = sighting
    }
    return best
  }

  function surest(
    text: string,
    { start, end, isMessage }: { start: number; end: number; isMessage: boolean },
    entries: readonly { readonly layout: string; readonly kinds: readonly Kind[] }[],
  ): Sighting<Kind> | null {
    const written = text.slice(start, end)
    if (isPiece(text, { start, end }, written)) return null
    const layout = layoutOf(written)
    const bare = alphanumericsOf(written)
    if (isMadeUp(bare)) return null
    let best: Sighting<Kind> | null = null
    for (const kind of entries.find((entry) => entry.layout === layout)?.kinds ?? []) {
      const { sure, words, fits } = kind
      const [named, alone, anywhere] = sure
      if (Math.max(named, alone, anywhere) <= (best?.confidence ?? 0) || (fits !== undefined && !fits(bare))) continue
      // In passing, small letters are how words are written, not numbers of documents.
      let confidence = written === written.toUpperCase() ? anywhere : Math.min(anywhere, 0.3)
      if (alone > confidence && isMessage && isWholeText(text, start, end)) confidence = alone
      if (named > confidence && isNamed(text, start, end, words)) confidence = named
      if (confidence >= floor && confidence > (best?.confidence ?? 0)) best = { kind, start, end, confidence }
    }
    return best
  }
}

/** Of groups of digits: four more stand before or behind. */
function isPiece(text: string, { start, end }: { start: number; end: number }, written: string): boolean {
  if (!written.includes(' ')) return false
  const goesOn = classAt(text, end) === 3 && classAt(text, end + 1) === 1 && classAt(text, end - 1) === 1
  const cameFrom = start > 1 && classAt(text, start - 1) === 3 && classAt(text, start - 2) === 1
  return goesOn || (cameFrom && classAt(text, start) === 1)
}

const COUNTING = ['1234567890', '0123456789']
/** 123456789, 000000000: what people write when they mean no number at all. */
function isMadeUp(bare: string): boolean {
  return (
    bare.length > 5 &&
    (COUNTING.some((digits) => digits.startsWith(bare)) || (hasTwoSigns(bare) && !/[A-Z]/.test(bare)))
  )
}

/** At most two different ones. */
function hasTwoSigns(bare: string): boolean {
  const first = bare[0]
  let second = first
  for (let i = 1; i < bare.length; i++) {
    const sign = bare[i]
    if (sign === first || sign === second) continue
    if (second !== first) return false
    second = sign
  }
  return true
}

function layoutOf(written: string): string {
  let layout = ''
  for (let i = 0; i < written.length; i++) layout += SIGNS[classAt(written, i)]
  return layout
}

function spelledOut(layout: string): readonly string[] {
  const at = layout.indexOf('X')
  if (at < 0) return [layout]
  return ['9', 'A'].flatMap((sign) => spelledOut(layout.slice(0, at) + sign + layout.slice(at + 1)))
}

function wordStart(text: string, index: number): number {
  let start = index
  while (start > 0 && index - start < MAX_LENGTH && isWordAt(text, start - 1)) start--
  return start
}

/** Where the word of a few letters before `start` begins, -1 where there is none. */
function shortWordBefore(text: string, start: number): number {
  const gap = start - 1
  if (gap < 1 || classAt(text, gap) < 3) return -1
  let first = gap
  while (first > 0 && gap - first <= MAX_LETTERS_BEFORE_DIGITS && classAt(text, first - 1) === 2) first--
  const letters = gap - first
  return letters === 0 || letters > MAX_LETTERS_BEFORE_DIGITS ? -1 : first
}

/** Whether a sign without space goes on into another word: 12.5, a-1, 10:30. */
function joins(text: string, sign: number, beyond: number): boolean {
  if (sign < 0 || sign >= text.length || beyond < 0 || beyond >= text.length) return false
  const unit = text.charCodeAt(sign)
  if (unit === 32) return false
  // `CPF:123` names a number, 10:30 and 2001:db8 are one.
  if (unit === 58) return classAt(text, beyond) === 1
  return (classAt(text, sign) > 3 || '+@#=_%&'.includes(text[sign]!)) && isWordAt(text, beyond)
}

function isWholeText(text: string, start: number, end: number): boolean {
  return text.length - (end - start) < 12 && /^\W*$/.test(text.slice(0, start)) && /^\W*$/.test(text.slice(end))
}

/** Whether one of the words stands shortly before or after. */
function isNamed(text: string, start: number, end: number, words: readonly string[]): boolean {
  const before = text.slice(Math.max(0, start - WORDS_BEFORE), start).toLowerCase()
  const after = text.slice(end, end + WORDS_AFTER).toLowerCase()
  return words.some((word) => holdsWord(before, word) || holdsWord(after, word))
}

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const isFree = at === 0 || !isWordAt(text, at - 1)
    // Longer words may go on, as compounds do: steuernummer, passports.
    if (isFree && (word.length > 4 || at + word.length >= text.length || !isWordAt(text, at + word.length))) return true
    if (!isFree && word.length > 5) return true
  }
  return false
}

/** As if a pattern had matched there. */
export function hitAt({ path, field, role, text }: SpanText, start: number, end: number): Hit {
  const from = codePointsBefore(text, start)
  const match = text.slice(start, end)
  return {
    pattern: '',
    field,
    role,
    path,
    start: from,
    end: from + codePointsBefore(match, match.length),
    match,
    before: '',
    after: '',
  }
}
