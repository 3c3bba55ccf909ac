const OPENING = '"“”\'‘`'
const CLOSING: Readonly<Record<string, string>> = { '"': '"”', '“': '”"', '”': '”"', "'": "'’", '‘': "’'", '`': '`' }
const MAX_QUOTE = 160

/**
 * The quoted pieces that follow a place of a text: the first within `reach` characters, each further one within 12 of the one
 * before ("a", "b" and "c"), at most `most`.
 */
export function quotedAfter(text: string, from: number, { reach, most }: { reach: number; most: number }): string[] {
  const pieces: string[] = []
  let at = from
  let left = reach
  while (pieces.length < most) {
    const open = openingAt(text, at, left)
    if (open < 0) return pieces
    const close = closingAt(text, open)
    if (close < 0) return pieces
    const piece = text
      .slice(open + 1, close)
      .replace(/^[*_]+|[*_]+$/g, '')
      .trim()
    if (piece !== '') pieces.push(piece)
    at = close + 1
    left = 12
  }
  return pieces
}

function openingAt(text: string, from: number, reach: number): number {
  for (let i = from; i < Math.min(text.length, from + reach); i++) {
    const character = text[i]!
    if (character === '\n' && text[i + 1] === '\n') return -1
    // An apostrophe inside a word opens nothing.
    if (OPENING.includes(character) && !(character === "'" && isLetterAt(text, i - 1))) return i
    if ((character === '.' || character === '!' || character === '?') && i > from) return -1
  }
  return -1
}

function closingAt(text: string, open: number): number {
  const closings = CLOSING[text[open]!]!
  for (let i = open + 1; i < Math.min(text.length, open + MAX_QUOTE); i++) {
    if (text[i] === '\n') return -1
    if (closings.includes(text[i]!) && !(closings.includes("'") && isLetterAt(text, i + 1))) return i
  }
  return -1
}

const isLetterAt = (text: string, at: number) => {
  const code = text.charCodeAt(at) | 32
  return code >= 97 && code <= 122
}

/** The bare word behind a place, '' where something else follows. */
export function wordAfter(text: string, from: number): string {
  let start = from
  while (text[start] === ' ') start++
  let end = start
  while (isLetterAt(text, end)) end++
  return text.slice(start, end)
}
