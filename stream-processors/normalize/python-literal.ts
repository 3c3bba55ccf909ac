/** Longer texts stay texts: SDKs that print Python objects cut them far below. */
const MAX_LENGTH = 262_144
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' }
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  "'": "'",
  '"': '"',
  '\\': '\\',
}
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

const BRACKETS: Readonly<Record<string, string>> = { '(': '[', ')': ']' }

interface Piece {
  readonly text: string
  /** Behind its last character. */
  readonly end: number
}

/**
 * The repr of Python dicts, lists, tuples, strings and numbers as JSON text (`{'role': 'user', 'ok': True}`); undefined for
 * everything else, such as calls of constructors. Reads each character once and evaluates nothing.
 */
export function pythonToJson(text: string): string | undefined {
  if (text.length > MAX_LENGTH || !text.includes("'")) return undefined
  const pieces: string[] = []
  /** Where the last comma lies, as long as nothing but spaces follows it: `(1,)` and `[1, 2, ]` are Python. */
  let comma = -1
  let i = 0
  while (i < text.length) {
    const piece = readPiece(text, i)
    if (!piece) return undefined
    if (piece.text === ',') comma = pieces.length
    else if (piece.text === ']' || piece.text === '}') {
      if (comma >= 0) pieces[comma] = ''
      comma = -1
    } else if (piece.text !== ' ') comma = -1
    pieces.push(piece.text)
    i = piece.end
  }
  return pieces.join('')
}

function readPiece(text: string, at: number): Piece | undefined {
  const char = text[at] as string
  if (char === "'" || char === '"') {
    const quoted = readQuoted(text, at)
    return quoted && { text: JSON.stringify(quoted.text), end: quoted.end }
  }
  if (isLetter(char)) {
    const end = endOf(text, at, isLetter)
    const word = WORDS[text.slice(at, end)]
    return word === undefined ? undefined : { text: word, end }
  }
  if (isDigit(char)) {
    const end = endOf(text, at, isOfNumber)
    return { text: text.slice(at, end), end }
  }
  return { text: BRACKETS[char] ?? char, end: at + 1 }
}

function readQuoted(source: string, begin: number): Piece | undefined {
  const quote = source[begin] as string
  let text = ''
  let i = begin + 1
  while (i < source.length) {
    const char = source[i] as string
    if (char === quote) return { text, end: i + 1 }
    if (char !== '\\') {
      const end = endOf(source, i, (one) => one !== quote && one !== '\\')
      text += source.slice(i, end)
      i = end
      continue
    }
    const kind = source[i + 1] ?? ''
    const length = CODE_LENGTHS[kind]
    if (length === undefined) {
      text += ESCAPES[kind] ?? `\\${kind}`
      i += 2
    } else {
      const code = source.slice(i + 2, i + 2 + length)
      const point = /^[0-9a-f]+$/i.test(code) && code.length === length ? Number.parseInt(code, 16) : Number.NaN
      if (!(point <= 0x10ffff)) return undefined
      text += String.fromCodePoint(point)
      i += 2 + length
    }
  }
  return undefined
}

function endOf(text: string, begin: number, isPart: (char: string) => boolean): number {
  let end = begin
  while (end < text.length && isPart(text[end] as string)) end++
  return end
}

function isLetter(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_'
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9'
}

function isOfNumber(char: string): boolean {
  return isDigit(char) || char === '.' || char === 'e' || char === 'E' || char === '+' || char === '-'
}
