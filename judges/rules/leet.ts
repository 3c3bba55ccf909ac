import { unitsOf } from '../text-units.ts'

/** Digits and signs that stand for letters (k1ll, b0mb, $arin). Places stay: one code unit becomes one code unit. */
const LETTER_OF: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
}

const NONE = 0
const LETTER = 1
const LEET = 2
const { classes: CLASS, letters: FOLDED } = tables()

function tables(): { readonly classes: Uint8Array; readonly letters: Uint16Array } {
  const classes = new Uint8Array(65536)
  const letters = Uint16Array.from({ length: 65536 }, (_, unit) => unit)
  for (let unit = 65; unit <= 90; unit++) {
    classes[unit] = LETTER
    classes[unit + 32] = LETTER
  }
  for (const [sign, letter] of Object.entries(LETTER_OF)) {
    classes[sign.charCodeAt(0)] = LEET
    letters[sign.charCodeAt(0)] = letter.charCodeAt(0)
  }
  return { classes, letters }
}

const MAX_LENGTH = 64 * 1024
/** `!` and `@`: all signs lie between them, and hardly anything else does. */
const FIRST_SIGN = 33
const LAST_SIGN = 64

/** Whether a sign stands where a letter should: between letters, or before letters at the start of a word. */
export function hasLeet(text: string): boolean {
  const end = Math.min(text.length, MAX_LENGTH) - 1
  const units = unitsOf(text)
  for (let i = 0; i < end; i++) {
    const unit = units[i]!
    if (unit > LAST_SIGN || unit < FIRST_SIGN || CLASS[unit] !== LEET) continue
    if (CLASS[units[i + 1]!] !== NONE && touchesLetter(text, i)) return true
  }
  return false
}

function touchesLetter(text: string, at: number): boolean {
  if (at > 0 && CLASS[text.charCodeAt(at - 1)] === LETTER) return true
  return CLASS[text.charCodeAt(at + 1)] === LETTER
}

const ONE = '1'.charCodeAt(0)
const L = 'l'.charCodeAt(0)

/** The beginning of the text with its signs read as letters; two ones are two l. */
export function withoutLeet(text: string): string {
  const length = Math.min(text.length, MAX_LENGTH)
  const units = new Uint16Array(length)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    const isPair = unit === ONE && (text.charCodeAt(i + 1) === ONE || text.charCodeAt(i - 1) === ONE)
    units[i] = isPair ? L : FOLDED[unit]!
  }
  return Buffer.from(units.buffer).toString('utf16le')
}
