import { CodedError } from './errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

export interface JsonBounds {
  readonly max_depth: number
  /** Objects, lists, and members of both. */
  readonly max_values: number
}

/**
 * Counts what JSON.parse would build, before it does: a body of `[[[[...` or `[0,0,0,...` costs many times its size once
 * parsed, and code that walks it needs stack. Throws REQUEST_TOO_LARGE. Whether the text is JSON at all is not checked.
 */
export function checkJsonBounds(json: Uint8Array, { max_depth, max_values }: JsonBounds): void {
  let depth = 0
  let values = 0
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = endOfString(json, at + 1)
    } else if (byte === 0x7b || byte === 0x5b) {
      values++
      if (++depth > max_depth) throw tooMuch(`nests deeper than ${max_depth} levels`)
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
    } else if (byte === COMMA) {
      values++
    }
  }
  if (values > max_values) throw tooMuch(`holds more than ${max_values} values`)
}

/** Where the closing quote of the string lies that begins at `from`; the length where there is none. */
function endOfString(json: Uint8Array, from: number): number {
  let at = json.indexOf(QUOTE, from)
  while (at >= 0) {
    let backslashes = 0
    while (json[at - 1 - backslashes] === BACKSLASH && at - 1 - backslashes >= from) backslashes++
    if (backslashes % 2 === 0) return at
    at = json.indexOf(QUOTE, at + 1)
  }
  return json.length
}

function tooMuch(what: string): CodedError {
  return new CodedError('REQUEST_TOO_LARGE', `The JSON body ${what}.`)
}
