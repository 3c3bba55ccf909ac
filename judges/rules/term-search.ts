import { createLiteralScan } from '../literal-scan.ts'

/** Where a term stands: UTF-16 offsets into the text that was given. */
export interface TermPlace {
  /** Index of the term. */
  readonly term: number
  readonly start: number
  readonly end: number
}

export interface TermSearch {
  /** All places of the terms, in text order; of a text full of them, the first ones. Time is linear in the text, whatever it says. */
  find(text: string): readonly TermPlace[]
}

/** Different terms that are looked for in one text, and places of each. */
const MAX_TERMS = 64
const MAX_PLACES = 20
const MAX_LOOKS = 200
const LETTER = /[\p{L}\p{N}_]/u

/** The literal of a term for a table of literals (judge.ts, Pattern): with a border where both agree what one is. */
export function literalOf(term: string): string {
  const bare = bareOf(term)
  if (hasNoSpaces(bare)) return bare
  const ends = bare === term && /\w$/.test(bare) ? '|' : ''
  return `${/^\w/.test(bare) ? '|' : ''}${bare}${ends}`
}

/**
 * Finds whole words and phrases in either case; a `*` at the end of a term stands for any ending. Scripts that write
 * without spaces have no borders of words.
 */
export function createTermSearch(terms: readonly string[]): TermSearch {
  const scan = createLiteralScan(terms.map((term, owner) => ({ literal: literalOf(term), owner })))
  const forms = terms.map((term) => ({
    bare: foldCase(bareOf(term)),
    is_open: bareOf(term) !== term,
    has_borders: !hasNoSpaces(term),
  }))

  function placesOf(term: number, folded: string): readonly TermPlace[] {
    const { bare, is_open, has_borders } = forms[term]!
    const places: TermPlace[] = []
    let looks = 0
    for (let at = folded.indexOf(bare); at >= 0 && looks < MAX_LOOKS; at = folded.indexOf(bare, at + bare.length)) {
      looks++
      let end = at + bare.length
      if (has_borders && at > 0 && LETTER.test(folded[at - 1]!)) continue
      if (is_open) while (end < folded.length && LETTER.test(folded[end]!)) end++
      else if (has_borders && end < folded.length && LETTER.test(folded[end]!)) continue
      places.push({ term, start: at, end })
      if (places.length === MAX_PLACES) break
    }
    return places
  }

  return {
    find(text) {
      const found = new Set<number>()
      scan.scan(text, (term) => {
        if (found.size < MAX_TERMS) found.add(term)
      })
      if (found.size === 0) return []
      const folded = foldCase(text)
      return [...found]
        .flatMap((term) => placesOf(term, folded))
        .sort((a, b) => a.start - b.start || b.end - a.end || a.term - b.term)
    },
  }
}

const bareOf = (term: string) => (term.endsWith('*') ? term.slice(0, -1) : term)

const hasNoSpaces = (text: string) => /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]/.test(text)

/** Lower case and straight apostrophes, one code unit for one: U+0130 alone would become two. */
const foldCase = (text: string) =>
  text
    .replaceAll('\u0130', 'i')
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
