import { RE2JS, RE2Set } from 're2js'
import type { Hit, Pattern, SpanText, TextField } from './judge.ts'
import { createLiteralScan } from './literal-scan.ts'

/** UTF-16 units of one text that are looked at. */
export const MAX_SCAN_LENGTH = 256 * 1024
export const MAX_HITS_PER_PATTERN = 20
/** Instructions that RE2 makes of one pattern: what a character may cost at worst grows with it. */
export const MAX_PROGRAM_SIZE = 1_000
/** Bytes the set's automaton may grow to before it starts over. */
const MAX_AUTOMATON_BYTES = 32 * 1024 * 1024
/** Long texts are searched for positions window by window: a fast yes or no first, the slower positions only where yes. */
const WINDOW = 512
const WINDOW_OVERLAP = 512
const CONTEXT_LENGTH = 64
/** A match that is told by its digits is at most this long, and so near its digits. */
const DIGIT_MARGIN = 64

export interface PatternOwner {
  readonly name: string
  readonly patterns?: readonly Pattern[]
}

export interface Scan {
  /** Hits by the index of the owner, in text order. */
  readonly hits: readonly (readonly Hit[])[]
  /** A text was longer than MAX_SCAN_LENGTH; its end was not looked at. */
  readonly cut: boolean
}

export interface PatternSet {
  readonly pattern_count: number
  /** Scans every text once. `wanted` says whose hits are asked for; the others cost nothing more and stay empty. */
  scan(texts: readonly SpanText[], wanted: (owner: number) => boolean): Scan
}

interface Compiled {
  readonly pattern: Pattern
  readonly owner: number
  readonly fields: ReadonlySet<TextField>
  readonly regexp: RE2JS
}

/** One RE2 set of patterns without literals. */
interface Shapes {
  readonly set: RE2Set
  readonly members: readonly Compiled[]
  readonly min_digits: number
}

const NO_HITS: readonly Hit[] = Object.freeze([])

/**
 * Why a pattern cannot be used, '' when it can: RE2 does not take it (look-around and back-references are not part of it), or
 * it is short and compiles to something large, as `((a{30}){30})` does.
 */
export function patternProblem(source: string, max_program_size = MAX_PROGRAM_SIZE): string {
  try {
    const size = compile(source, false).programSize()
    return size <= max_program_size
      ? ''
      : `compiles to ${size} instructions, and at most ${max_program_size} are allowed: use smaller counts in {…}, or split it.`
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `is not an RE2 pattern (no look-around, no back-references): ${reason}`
  }
}

/**
 * Compiles the patterns of all owners: their literals into one table, those without literals into one RE2 set (two, where
 * some need digits and some do not). Only a pattern whose literal or set answers yes is run alone, for its positions.
 * Throws where a pattern is not RE2; configured patterns are checked before, with `patternProblem`.
 */
export function createPatternSet(owners: readonly PatternOwner[]): PatternSet {
  const all: Compiled[] = owners.flatMap(({ patterns = [] }, owner) =>
    patterns.map((pattern) => ({
      pattern,
      owner,
      fields: new Set(pattern.fields),
      regexp: compile(pattern.source, pattern.case_insensitive === true),
    })),
  )
  const literals = createLiteralScan(
    all.flatMap(({ pattern }, owner) => (pattern.literals ?? []).map((literal) => ({ literal, owner }))),
  )
  const shapes = all.filter(({ pattern }) => pattern.literals === undefined)
  const anywhere = shapesOf(shapes.filter(({ pattern }) => pattern.min_digits === undefined))
  const numeric = shapesOf(shapes.filter(({ pattern }) => pattern.min_digits !== undefined))
  const fields = new Set(all.flatMap(({ pattern }) => pattern.fields))
  const noHits: Scan['hits'] = Object.freeze(owners.map(() => NO_HITS))
  const clean: Scan = Object.freeze({ hits: noHits, cut: false })
  const cleanButCut: Scan = Object.freeze({ hits: noHits, cut: true })

  function scan(texts: readonly SpanText[], wanted: (owner: number) => boolean): Scan {
    let found: Hit[][] | undefined
    let cut = false
    for (let t = 0; t < texts.length; t++) {
      const text = texts[t]!
      if (!fields.has(text.field)) continue
      let scanned = text.text
      if (scanned.length > MAX_SCAN_LENGTH) {
        scanned = scanned.slice(0, MAX_SCAN_LENGTH)
        cut = true
      }
      candidates(scanned, (member) => {
        if (!member.fields.has(text.field) || !wanted(member.owner)) return
        found ??= owners.map(() => [])
        locate(member, text, scanned, found[member.owner]!)
      })
    }
    if (found === undefined) return cut ? cleanButCut : clean
    const order = new Map(texts.map(({ path }, index) => [path, index]))
    for (const hits of found) hits.sort((a, b) => order.get(a.path)! - order.get(b.path)! || a.start - b.start)
    return { hits: found, cut }
  }

  function candidates(text: string, found: (member: Compiled) => void): void {
    const named: number[] = []
    const digits = literals.scan(text, (index) => named.push(index))
    for (const index of new Set(named)) if (digits >= (all[index]!.pattern.min_digits ?? 0)) found(all[index]!)
    if (anywhere !== null) for (const index of anywhere.set.match(text)) found(anywhere.members[index]!)
    if (numeric === null || digits < numeric.min_digits) return
    for (const index of matchAroundDigits(numeric, text)) found(numeric.members[index]!)
  }

  return { pattern_count: all.length, scan }
}

function shapesOf(members: readonly Compiled[]): Shapes | null {
  if (members.length === 0) return null
  const min_digits = Math.min(...members.map(({ pattern }) => pattern.min_digits ?? 0))
  return { set: compileSet(members), members, min_digits }
}

/** Asks the set only about stretches of the text with enough digits in reach of each other, and the margin around them. */
function matchAroundDigits({ set, members, min_digits }: Shapes, text: string): ReadonlySet<number> {
  const matched = new Set<number>()
  let count = 0
  let first = 0
  let last = 0
  const ask = () => {
    if (count < min_digits) return
    const stretch = text.slice(Math.max(0, first - DIGIT_MARGIN), last + 1 + DIGIT_MARGIN)
    if (!members.some(({ pattern }) => pattern.hint === undefined || pattern.hint.test(stretch))) return
    for (const index of set.match(stretch)) matched.add(index)
  }
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 48 || unit > 57) continue
    if (count > 0 && i - last > DIGIT_MARGIN) {
      ask()
      count = 0
    }
    if (count === 0) first = i
    count++
    last = i
  }
  ask()
  return matched
}

function compile(source: string, caseInsensitive: boolean): RE2JS {
  return RE2JS.compile(source, caseInsensitive ? RE2JS.CASE_INSENSITIVE : 0)
}

function compileSet(members: readonly Compiled[]): RE2Set {
  const set = new RE2Set(RE2Set.UNANCHORED, 0, MAX_AUTOMATON_BYTES)
  for (const { pattern } of members) {
    set.add(`${pattern.case_insensitive === true ? '(?i)' : ''}${pattern.source}`)
  }
  set.compile()
  return set
}

/** Adds the first hits of one pattern in one text. */
function locate({ pattern, regexp }: Compiled, text: SpanText, scanned: string, into: Hit[]): void {
  const codePoints = codePointCounter(scanned)
  let count = 0
  let from = 0
  while (count < MAX_HITS_PER_PATTERN && from <= scanned.length) {
    const at = nextCandidate(regexp, scanned, from)
    if (at < 0) return
    // The window alone is searched: RE2 needs a tenth of the time for a short text, and its speed is that of its positions.
    let base = Math.max(0, at - 1)
    const window = scanned.slice(base, at + WINDOW + WINDOW_OVERLAP)
    let matcher = regexp.matcher(window)
    if (!matcher.find(at - base)) {
      from = at + WINDOW
      continue
    }
    if (matcher.end() === window.length && base + window.length < scanned.length) {
      // It may go on behind the window.
      base = 0
      matcher = regexp.matcher(scanned)
      matcher.find(at)
    }
    const group = matcher.groupCount() > 0 ? 1 : 0
    const whole = base + matcher.end()
    const start = matcher.start(group) < 0 ? -1 : base + matcher.start(group)
    const end = base + matcher.end(group)
    from = whole > at ? whole : at + 1
    if (start < 0 || end <= start) continue
    count++
    into.push({
      pattern: pattern.id,
      field: text.field,
      role: text.role,
      path: text.path,
      start: codePoints(start),
      end: codePoints(end),
      match: scanned.slice(start, end),
      before: scanned.slice(Math.max(0, start - CONTEXT_LENGTH), start),
      after: scanned.slice(end, end + CONTEXT_LENGTH),
    })
  }
}

/** The start of the first window at or after `from` that holds a match, -1 where none does. */
function nextCandidate(regexp: RE2JS, text: string, from: number): number {
  for (let start = from; start < text.length; start += WINDOW) {
    const end = start + WINDOW + WINDOW_OVERLAP
    if (regexp.test(text.slice(start, end))) return start
  }
  return -1
}

/** UTF-16 offset to code points. Counts on from the last question where it can. */
function codePointCounter(text: string): (offset: number) => number {
  let lastOffset = 0
  let lastCount = 0
  return (offset) => {
    if (offset < lastOffset) {
      lastOffset = 0
      lastCount = 0
    }
    let count = lastCount
    for (let i = lastOffset; i < offset; i++) {
      const unit = text.charCodeAt(i)
      const isPair = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))
      if (isPair && i + 1 < offset) i++
      count++
    }
    lastOffset = offset
    lastCount = count
    return count
  }
}

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff
