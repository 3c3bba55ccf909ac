import { unitsOf } from '../text-units.ts'

/** Stretches of a text that hold code, asked for in order. */
export interface CodeStretches {
  /** Whether the offset lies in code. Offsets must not go back. */
  holds(offset: number): boolean
}

const NO_CODE: CodeStretches = { holds: () => false }

/** Fenced blocks (an open one to the end) and inline code. */
export function codeStretches(text: string): CodeStretches {
  if (!text.includes('`')) return NO_CODE
  let { start, end } = nextCode(text, 0)
  return {
    holds(offset) {
      while (offset >= end) ({ start, end } = nextCode(text, end))
      return offset >= start
    },
  }
}

interface Stretch {
  readonly start: number
  readonly end: number
}

function nextCode(text: string, from: number): Stretch {
  const start = text.indexOf('`', from)
  const none = Number.POSITIVE_INFINITY
  if (start < 0) return { start: none, end: none }
  const fence = text.startsWith('```', start) ? '```' : '`'
  const close = text.indexOf(fence, start + fence.length)
  if (close < 0) return { start: fence === '`' ? none : start, end: none }
  return { start, end: close + fence.length }
}

const SAMPLE = 4096
/** Of the words of any prose one in so many begins with a capital. */
const FEWEST_CAPITALS = 15

/** Whether sentences and names are written with capitals; false for text that is all in lower case by style. */
export function writesCapitals(text: string): boolean {
  let words = 0
  let capitals = 0
  let isStart = true
  let first = 0
  const length = Math.min(text.length, SAMPLE)
  const units = unitsOf(text)
  for (let i = 0; i < length; i++) {
    const code = units[i]!
    const isSmall = (code >= 97 && code <= 122) || (code >= 0xdf && code <= 0xff) || (code >= 0x430 && code <= 0x45f)
    const isCapital = (code >= 65 && code <= 90) || (code >= 0xc0 && code <= 0xde) || (code >= 0x400 && code <= 0x42f)
    if (isStart && (isSmall || isCapital)) {
      words++
      if (isCapital) capitals++
      if (words === 1 && isCapital) first = 1
    }
    isStart = code <= 32
  }
  return capitals * FEWEST_CAPITALS >= words || (first === 1 && capitals * 3 * FEWEST_CAPITALS >= words)
}

export interface RateLimit {
  /** Fewer are never too many. */
  readonly at_least: number
  readonly max_per_100_words: number
}

/** Whether errors stand too close. A single one may be a word or a turn that we do not know: it must be twice as many per 100. */
export function isTooMany(count: number, words: number, { at_least, max_per_100_words }: RateLimit): boolean {
  if (count === 0 || count < at_least) return false
  return (count * 100) / words > max_per_100_words * (count === 1 ? 2 : 1)
}
