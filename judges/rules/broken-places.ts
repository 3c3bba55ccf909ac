import { MAX_UNITS, unitsOf } from '../text-units.ts'

export const BROKEN_TEXT_LABELS = [
  'mojibake',
  'replacement_character',
  'unfinished_template',
  'placeholder',
  'leaked_value',
  'special_token',
] as const
export type BrokenTextLabel = (typeof BROKEN_TEXT_LABELS)[number]

/** A place in a text, in UTF-16 code units, that looks broken before anyone asked whether it stands in code or was wanted. */
export interface Broken {
  readonly label: BrokenTextLabel
  readonly start: number
  readonly end: number
}

const NOTHING: readonly Broken[] = Object.freeze([])
const MAX_PLACES = 60

/** What the first pass over the characters notices; each bit sends one search on its way. */
const BRACE = 1
const ANGLE = 2
const SQUARE = 4
const PERCENT = 8
const LOST = 16
const LATIN_LEAD = 32
const CONTROL = 64
const MARKER = 128

let table: Uint8Array | undefined

function noticed(): Uint8Array {
  if (table !== undefined) return table
  table = new Uint8Array(65536)
  table[123] = BRACE
  table[60] = ANGLE
  table[91] = SQUARE
  table[37] = PERCENT
  table[0xfffd] = LOST
  // U+0085 is a line end in some encodings; the others of this block are no characters of any text.
  for (let code = 0x80; code < 0xa0; code++) if (code !== 0x85) table[code] = CONTROL
  for (let code = 0xc2; code <= 0xf0; code++) table[code] = LATIN_LEAD
  // Byte-level BPE writes a space as U+0120 and a line end as U+010A, SentencePiece a space as U+2581.
  for (const code of [0x120, 0x10a, 0x2581]) table[code] = MARKER
  return table
}

/** Places by kind, at most 60 of each, of the first MAX_UNITS characters. One pass for a text with none of the characters; linear in any case. */
export function brokenPlaces(text: string): readonly Broken[] {
  const notice = noticed()
  let seen = 0
  const length = Math.min(text.length, MAX_UNITS)
  const units = unitsOf(text)
  for (let i = 0; i < length; i++) seen |= notice[units[i]!]!
  let places: Broken[] | undefined
  const add = (label: BrokenTextLabel, start: number, end: number) => {
    places ??= []
    places.push({ label, start, end })
  }
  leakedWords(text, add)
  if (seen === 0) return places ?? NOTHING
  if (seen & BRACE) templates(text, add)
  if (seen & PERCENT) formats(text, add)
  if (seen & ANGLE) angles(text, add)
  if (seen & SQUARE) squares(text, add)
  if (seen & LOST) each(text, '\ufffd', (at) => add('replacement_character', at, at + 1))
  if (seen & (LATIN_LEAD | CONTROL)) mojibake(text, add)
  if (seen & MARKER) markers(text, add)
  return places ?? NOTHING
}

type Add = (label: BrokenTextLabel, start: number, end: number) => void

function each(text: string, part: string, found: (at: number) => void): void {
  let count = 0
  for (let at = text.indexOf(part); at >= 0 && count < MAX_PLACES; at = text.indexOf(part, at + part.length)) {
    found(at)
    count++
  }
}

/** Bytes 0x80 to 0x9f as Windows-1252 shows them. */
const WINDOWS_1252 = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'.split('').map((character) => character.charCodeAt(0)))
const isContinuation = (code: number) => (code >= 0x80 && code <= 0xbf) || (code > 0xff && WINDOWS_1252.has(code))
const isUpper = (code: number) => (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0xde)

/**
 * UTF-8 read as Latin-1 or Windows-1252: a lead byte of UTF-8 and its continuation bytes as characters. Western pairs
 * (Ã©, Â°) and typographic triples (â€™) tell alone; for other scripts, whose lead bytes are letters of living languages, three
 * pairs or two triples in a row are needed.
 */
function mojibake(text: string, add: Add): void {
  let inRow = 0
  let rowStart = 0
  let count = 0
  const length = Math.min(text.length, MAX_UNITS)
  const units = unitsOf(text)
  for (let i = 0; i < length && count < MAX_PLACES; i++) {
    const lead = units[i]!
    if (lead < 0x80) continue
    if (lead >= 0x80 && lead < 0xa0 && lead !== 0x85) {
      add('mojibake', i, i + 1)
      count++
      continue
    }
    const bytes = sequenceLength(text, i, lead)
    if (bytes === 0) continue
    const isSure =
      bytes === 4 ||
      ((lead === 0xc2 || lead === 0xc3) && !isUpper(text.charCodeAt(i - 1))) ||
      isTypographic(text, i, lead)
    inRow = i === rowStart ? inRow + 1 : 1
    rowStart = i + bytes
    if (isSure || inRow === (bytes === 2 ? 3 : 2)) {
      add('mojibake', i, i + bytes)
      count++
    }
    i += bytes - 1
  }
}

/** Curly quotes and dashes, and the byte order mark. */
const isTypographic = (text: string, at: number, lead: number) =>
  (lead === 0xe2 && text[at + 1] === '€') || (lead === 0xef && text.startsWith('»¿', at + 1))

function sequenceLength(text: string, at: number, lead: number): number {
  if (lead < 0xc2 || lead > 0xf0) return 0
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  for (let i = 1; i < length; i++) if (!isContinuation(text.charCodeAt(at + i))) return 0
  return length
}

const isNameStart = (code: number) => (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
const isName = (code: number) => isNameStart(code) || (code >= 48 && code <= 57) || code === 46 || code === 45

/** End of a name at `from`, `from` where there is none. */
function nameEnd(text: string, from: number): number {
  if (!isNameStart(text.charCodeAt(from))) return from
  let end = from
  while (end - from < 60 && isName(text.charCodeAt(end))) end++
  return end
}

const FIELD_NAMES = new Set(
  'name user username customer date email phone address company product order amount price city country title'.split(
    ' ',
  ),
)

function templates(text: string, add: Add): void {
  const isMath = text.indexOf('\\') >= 0
  each(text, '{', (at) => {
    const before = text.charCodeAt(at - 1)
    if (text[at + 1] === '{') {
      let from = at + 2
      while (' #/^>&~-'.includes(text[from] ?? '.') && from - at < 8) from++
      const end = nameEnd(text, from)
      const close = end > from ? text.indexOf('}}', end) : -1
      if (close >= 0 && close - end <= 40 && !isMath) add('unfinished_template', at, close + 2)
      return
    }
    const end = nameEnd(text, at + 1)
    if (before === 36 && end > at + 1 && text[end] === '}') {
      if (!isMath) add('unfinished_template', at - 1, end + 1)
      return
    }
    if (text[end] !== '}' || isMath || before === 123 || isName(before) || before === 94 || before === 125) return
    const name = text.slice(at + 1, end)
    if (name.length >= 3 && (name.indexOf('_', 1) > 0 || FIELD_NAMES.has(name))) add('unfinished_template', at, end + 1)
  })
  each(text, '{0}', (at) => {
    const before = text.charCodeAt(at - 1)
    if (!isMath && !isName(before) && before !== 94 && before !== 125 && before !== 36 && text.indexOf('=') < 0)
      add('unfinished_template', at, at + 3)
  })
}

/** `%s`, `%d` and `%(name)s` of printf and of Python, where no number stands before the sign. */
function formats(text: string, add: Add): void {
  each(text, '%', (at) => {
    const before = text.charCodeAt(at - 1)
    if ((before >= 48 && before <= 57) || before === 37 || (before === 32 && isDigitBefore(text, at - 2))) return
    let from = at + 1
    if (text[from] === '(') {
      const end = nameEnd(text, from + 1)
      if (end === from + 1 || text[end] !== ')') return
      from = end + 1
    }
    const isConversion = text[from] === 's' || text[from] === 'd'
    if (isConversion && !isName(text.charCodeAt(from + 1)) && !text.includes('printf') && !text.includes('strftime'))
      add('unfinished_template', at, from + 1)
  })
}

const isDigitBefore = (text: string, at: number) => text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57

const ANGLE_TOKENS = [
  '</s>', '<eos>', '<bos>', '<pad>', '<unk>', '<start_of_turn>', '<end_of_turn>', '<<SYS>>', '<</SYS>>', '<0x0A>', '</think>',
  '<tool_call>', '</tool_call>', '<function_calls>', '<end_of_utterance>', '<fim_middle>',
] // biome-ignore format: a list of tokens
const HTML_NAMES = new Set(
  'HTML HEAD BODY DIV SPAN TABLE TBODY THEAD TR TD TH BR HR IMG PRE CODE CENTER FONT FORM INPUT BUTTON SCRIPT STYLE TITLE META LINK STRONG DOCTYPE XML CDATA'.split(
    ' ',
  ),
)

function angles(text: string, add: Add): void {
  each(text, '<|', (at) => {
    const end = nameEnd(text, at + 2)
    if (end > at + 2 && text.startsWith('|>', end)) add('special_token', at, end + 2)
  })
  each(text, '<｜', (at) => add('special_token', at, Math.min(text.length, at + 2)))
  for (const token of ANGLE_TOKENS) {
    // Without its opening tag, which HTML's strike-through has.
    if (token === '</s>' && text.includes('<s>')) continue
    each(text, token, (at) => add('special_token', at, at + token.length))
  }
  each(text, '<', (at) => {
    let end = at + 1
    while (end - at < 40 && isShouted(text.charCodeAt(end))) end++
    if (text[end] !== '>' || end - at < 4) return
    const name = text.slice(at + 1, end)
    if (name.includes('_') || name.includes(' ') || !HTML_NAMES.has(name)) add('placeholder', at, end + 1)
  })
}

const isShouted = (code: number) => (code >= 65 && code <= 90) || code === 95 || code === 32

const SQUARE_TOKENS = ['[INST]', '[/INST]', '[TOOL_CALLS]', '[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']
const BRACKETED = [
  'your ', 'insert ', 'enter ', 'add ', 'recipient', 'company name', 'name]', 'date]', 'address', 'phone', 'email', 'e-mail',
  'customer name', 'user name', 'first name', 'last name', 'full name', 'city', 'position', 'job title', 'amount]', 'product name',
  'link]', 'url]', 'todo', 'tbd', 'placeholder', "recipient's", 'contact', 'number]',
] // biome-ignore format: a list of openings
const OBJECT_NAMES = [
  '[object Object]',
  '[object Promise]',
  '[object Array]',
  '[object Undefined]',
  '[object Null]',
  '[object HTML',
]

function squares(text: string, add: Add): void {
  for (const token of SQUARE_TOKENS) each(text, token, (at) => add('special_token', at, at + token.length))
  for (const name of OBJECT_NAMES) each(text, name, (at) => add('leaked_value', at, at + name.length))
  each(text, '[', (at) => {
    const close = text.indexOf(']', at)
    if (close < 0 || close - at > 60 || text[close + 1] === '(' || text[close + 1] === ':') return
    const inside = text.slice(at + 1, close + 1).toLowerCase()
    if (BRACKETED.some((opening) => inside.startsWith(opening))) add('placeholder', at, close + 1)
  })
}

/** Three words that begin with a marker: one alone may be a letter of Maltese or a block element. */
function markers(text: string, add: Add): void {
  const found: number[] = []
  for (const marker of ['\u0120', '\u010a', '\u2581'])
    each(text, marker, (at) => {
      if (marker === '\u010a' || isNameStart(text.charCodeAt(at + 1))) found.push(at)
    })
  if (found.length >= 3) for (const at of found) add('special_token', at, at + 1)
}

const GREETINGS = [
  'Dear ',
  'Hello ',
  'Hello, ',
  'Hi ',
  'Hi, ',
  'Hey ',
  'Welcome ',
  'Welcome, ',
  'Thanks, ',
  'Thank you, ',
  'Mr. ',
  'Ms. ',
]
const UNITS = [
  '%',
  ' %',
  ' USD',
  ' EUR',
  ' GBP',
  '€',
  ' dollars',
  ' euros',
  ' days',
  ' hours',
  ' minutes',
  ' items',
  ' points',
  '/NaN',
  '-NaN',
  ':NaN',
]
const SIGNS = '$€£#@'
const LABELS = [
  'Name: ', 'Email: ', 'Date: ', 'Price: ', 'Total: ', 'Amount: ', 'Order: ', 'Order ID: ', 'Phone: ', 'Address: ', 'Cost: ',
  'Subtotal: ', 'Quantity: ', 'Customer: ', 'Status: ', 'order ', 'Order ', 'invoice ', 'ticket ', 'on ', 'at ',
] // biome-ignore format: a list of labels

/** Words of programming languages where only a value can stand: after a greeting, a currency sign or a label, before a unit. */
function leakedWords(text: string, add: Add): void {
  for (const word of ['undefined', 'NaN', 'null', 'None']) {
    each(text, word, (at) => {
      const end = at + word.length
      const before = text.charCodeAt(at - 1)
      if (isName(before) && before !== 45) return
      const after = text.charCodeAt(end)
      if (isNameStart(after) || after === 61 || after === 40) return
      const isValue =
        (at > 0 && SIGNS.includes(text[at - 1]!)) ||
        GREETINGS.some((greeting) => text.startsWith(greeting, at - greeting.length)) ||
        (word === 'NaN' && UNITS.some((unit) => text.startsWith(unit, end))) ||
        ((word === 'undefined' || word === 'NaN') && hasLabelBefore(text, at, end)) ||
        (word === 'undefined' && text.startsWith(' undefined', end))
      if (isValue) add('leaked_value', at, end)
    })
  }
  each(text, 'Invalid Date', (at) => add('leaked_value', at, at + 12))
  if (text.indexOf('0x') >= 0) each(text, ' object at 0x', (at) => add('leaked_value', at + 1, at + 13))
}

function hasLabelBefore(text: string, at: number, end: number): boolean {
  if (!LABELS.some((label) => text.startsWith(label, at - label.length))) return false
  // "at undefined behaviour": a word that goes on names a thing; a value stands alone.
  return !(text.charCodeAt(end) === 32 && isNameStart(text.charCodeAt(end + 1)) && !text.startsWith('.', end))
}
