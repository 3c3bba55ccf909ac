import { RE2JS, RE2Set } from 're2js'
import type { Hit, Pattern, SpanText, TextField } from './judge.ts'
import { TEXT_FIELDS } from './judge.ts'

/** UTF-16 units of one text that are looked at. */
export const MAX_SCAN_LENGTH = 256 * 1024
export const MAX_HITS_PER_PATTERN = 20
/** Bytes a set's automaton may grow to before it starts over; random text stays far below. */
const MAX_AUTOMATON_BYTES = 32 * 1024 * 1024
/** Long texts are searched for positions window by window: a fast yes or no first, the slower positions only where yes. */
const WINDOW = 2048
const WINDOW_OVERLAP = 512
const CONTEXT_LENGTH = 64

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
  readonly regexp: RE2JS
}

interface FieldGroup {
  readonly set: RE2Set
  readonly members: readonly Compiled[]
}

const NO_HITS: readonly Hit[] = Object.freeze([])

/** Why RE2 does not take a pattern, '' when it does. Look-around and back-references are not part of RE2. */
export function patternProblem(source: string): string {
  try {
    compile(source, false)
    return ''
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return `is not an RE2 pattern (no look-around, no back-references): ${reason}`
  }
}

/**
 * Compiles the patterns of all owners into one automaton per group of fields that share the same patterns.
 * Throws where a pattern is not RE2; configured patterns are checked before, with `patternProblem`.
 */
export function createPatternSet(owners: readonly PatternOwner[]): PatternSet {
  const all: Compiled[] = owners.flatMap(({ patterns = [] }, owner) =>
    patterns.map((pattern) => ({ pattern, owner, regexp: compile(pattern.source, pattern.case_insensitive === true) })),
  )
  const groups = new Map<string, FieldGroup>()
  const groupOf = new Map<TextField, FieldGroup>()
  for (const field of TEXT_FIELDS) {
    const members = all.filter(({ pattern }) => pattern.fields.includes(field))
    if (members.length === 0) continue
    const key = members.map((member) => all.indexOf(member)).join()
    const group = groups.get(key) ?? { set: compileSet(members), members }
    groups.set(key, group)
    groupOf.set(field, group)
  }
  const noHits: Scan['hits'] = Object.freeze(owners.map(() => NO_HITS))
  const clean: Scan = Object.freeze({ hits: noHits, cut: false })
  const cleanButCut: Scan = Object.freeze({ hits: noHits, cut: true })

  function scan(texts: readonly SpanText[], wanted: (owner: number) => boolean): Scan {
    let found: Hit[][] | undefined
    let cut = false
    for (let t = 0; t < texts.length; t++) {
      const text = texts[t]!
      const group = groupOf.get(text.field)
      if (group === undefined) continue
      let scanned = text.text
      if (scanned.length > MAX_SCAN_LENGTH) {
        scanned = scanned.slice(0, MAX_SCAN_LENGTH)
        cut = true
      }
      const matched = group.set.match(scanned)
      for (let i = 0; i < matched.length; i++) {
        const member = group.members[matched[i]!]!
        if (!wanted(member.owner)) continue
        found ??= owners.map(() => [])
        locate(member, text, scanned, found[member.owner]!)
      }
    }
    if (found === undefined) return cut ? cleanButCut : clean
    const order = new Map(texts.map(({ path }, index) => [path, index]))
    for (const hits of found) hits.sort((a, b) => order.get(a.path)! - order.get(b.path)! || a.start - b.start)
    return { hits: found, cut }
  }

  return { pattern_count: all.length, scan }
}

function compile(source: string, caseInsensitive: boolean): RE2JS {
  return RE2JS.compile(source, caseInsensitive ? RE2JS.CASE_INSENSITIVE : 0)
}

function compileSet(members: readonly Compiled[]): RE2Set {
  const set = new RE2Set(RE2Set.UNANCHORED, 0, MAX_AUTOMATON_BYTES)
  for (const { pattern } of members) {
    set.add(`${pattern.case_insensitive === true ? '(?i)' : ''}${pattern.trigger ?? pattern.source}`)
  }
  set.compile()
  return set
}

/** Adds the first hits of one pattern in one text. */
function locate({ pattern, regexp }: Compiled, text: SpanText, scanned: string, into: Hit[]): void {
  const matcher = regexp.matcher(scanned)
  const group = matcher.groupCount() > 0 ? 1 : 0
  const codePoints = codePointCounter(scanned)
  let count = 0
  let from = 0
  while (count < MAX_HITS_PER_PATTERN && from <= scanned.length) {
    from = nextCandidate(regexp, scanned, from)
    if (from < 0 || !matcher.find(from)) return
    const whole = matcher.end()
    const start = matcher.start(group)
    const end = matcher.end(group)
    from = whole > from ? whole : from + 1
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
  if (text.length - from <= WINDOW) return from
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
