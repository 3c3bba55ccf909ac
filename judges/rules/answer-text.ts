import type { Evidence } from '../../schemas/evaluation.ts'
import type { SpanInput, SpanText } from '../judge.ts'
import { codePointsBefore } from '../words.ts'

/** Reading an answer as prose: where its code is, where its table rows are, and what the request said. */

/** The texts of the answer, in order; shared by nobody, so call it once. */
export const answersOf = ({ texts }: SpanInput): readonly SpanText[] => texts.filter(({ field }) => field === 'output')

/** Start and end in UTF-16 code units of the text as code points. */
export function evidenceAt({ path, text }: SpanText, start: number, end: number): Evidence {
  const before = codePointsBefore(text, start)
  return { path, start: before, end: before + Math.max(1, codePointsBefore(text.slice(start, end), end - start)) }
}

/**
 * Code in Markdown as pairs of UTF-16 offsets, in order: fences of backticks or tildes at the start of a line (an open one
 * reaches to the end), and inline code within one line (CommonMark 4.5, 6.1).
 */
export function codeRanges(text: string): readonly number[] {
  const ranges: number[] = []
  if (text.indexOf('`') < 0 && text.indexOf('~~~') < 0) return ranges
  let fence = ''
  let since = 0
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf('\n', line)
    const end = newline < 0 ? text.length : newline
    const mark = fenceMark(text, line)
    if (fence !== '') {
      if (mark === fence) {
        ranges.push(since, end)
        fence = ''
      }
    } else if (mark !== '') {
      fence = mark
      since = line
    } else inlineCode(text, line, end, ranges)
    line = end + 1
  }
  if (fence !== '') ranges.push(since, text.length)
  return ranges
}

function fenceMark(text: string, line: number): string {
  let at = line
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 62 || text.charCodeAt(at) === 9) at++
  if (text.startsWith('```', at)) return '```'
  return text.startsWith('~~~', at) ? '~~~' : ''
}

function inlineCode(text: string, line: number, end: number, ranges: number[]): void {
  for (let open = text.indexOf('`', line); open >= 0 && open < end; ) {
    const close = text.indexOf('`', open + 1)
    if (close < 0 || close >= end) return
    ranges.push(open, close + 1)
    open = text.indexOf('`', close + 1)
  }
}

/** Whether an offset lies in one of the pairs of `codeRanges`. */
export function isInside(ranges: readonly number[], offset: number): boolean {
  let low = 0
  let high = ranges.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if (offset < ranges[2 * middle]!) high = middle - 1
    else if (offset >= ranges[2 * middle + 1]!) low = middle + 1
    else return true
  }
  return false
}

const CODE_START =
  /^(?:import |from \w|def |class |function |const |let |var |public |private |static |return |#!|#include|using |package |if ?\(|for ?\(|while ?\(|echo |export |SELECT |INSERT |UPDATE |CREATE |<\/?[a-z])/
const CODE_LINES = 400

/** Code, JSON or markup without a fence around it. */
export function isCodeItself(text: string): boolean {
  const trimmed = text.trimStart()
  if ('{[<'.includes(trimmed[0] ?? ' ')) return true
  let code = 0
  let all = 0
  for (let line = 0; line < text.length && all < CODE_LINES; ) {
    const newline = text.indexOf('\n', line)
    const end = newline < 0 ? text.length : newline
    const content = text.slice(line, Math.min(end, line + 200)).trim()
    line = end + 1
    if (content === '') continue
    all++
    if (';{}'.includes(content.at(-1)!) || CODE_START.test(content)) code++
  }
  return code >= 3 || (code > 0 && code * 2 >= all)
}

/** Whether anything that went into the call holds the string. */
export const wasGiven = ({ texts }: SpanInput, part: string): boolean =>
  texts.some(({ field, text }) => field !== 'output' && field !== 'reasoning' && text.includes(part))

/** The last message of the user, lower case, its first and last 4,000 characters. */
export function requestOf({ texts }: SpanInput): string {
  for (let t = texts.length - 1; t >= 0; t--) {
    const { field, role, text } = texts[t]!
    if (field !== 'input' || role === 'assistant' || role === 'model' || role === 'ai') continue
    return (text.length <= 8000 ? text : `${text.slice(0, 4000)}\n${text.slice(-4000)}`).toLowerCase()
  }
  return ''
}
