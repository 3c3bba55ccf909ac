import { codeRanges, isInside } from './answer-text.ts'

/** A place in UTF-16 code units; explanations hold nothing of the text. */
export interface MarkdownProblem {
  readonly label: 'broken_markdown' | 'invalid_code'
  readonly explanation: string
  readonly start: number
  readonly end: number
}

const NOTHING: readonly MarkdownProblem[] = Object.freeze([])
const MAX_LENGTH = 64 * 1024
const MAX_PROBLEMS = 20
const MAX_JSON = 32 * 1024

/**
 * What does not render as it was meant, where Markdown is evidently used: tables whose delimiter row has another number of
 * cells (GFM 4.10), links without an end or a target, headings without a space (CommonMark 4.2); fenced JSON that does not
 * parse (YAML takes milliseconds a kilobyte). An open fence is `cut_off` of the judge `truncation`.
 */
export function markdownProblems(text: string): readonly MarkdownProblem[] {
  if (text.length > MAX_LENGTH) return NOTHING
  const hasFence = text.indexOf('```') >= 0
  const hasTable =
    text.indexOf('|-') >= 0 || text.indexOf('| -') >= 0 || text.indexOf('|:') >= 0 || text.indexOf('| :') >= 0
  const hasLink = text.indexOf('](') >= 0
  const hasHeading = text.indexOf('##') >= 0
  if (!hasFence && !hasTable && !hasLink && !hasHeading) return NOTHING
  const code = codeRanges(text)
  const problems: MarkdownProblem[] = []
  if (hasFence) fencedCode(text, code, problems)
  if (hasLink) links(text, code, problems)
  if (hasTable || hasHeading) lines(text, code, problems)
  return problems.length === 0 ? NOTHING : problems
}

function fencedCode(text: string, code: readonly number[], problems: MarkdownProblem[]): void {
  for (let r = 0; r < code.length && problems.length < MAX_PROBLEMS; r += 2) {
    const [start, end] = [code[r]!, code[r + 1]!]
    const open = text.indexOf('```', start)
    const newline = text.indexOf('\n', start)
    if (open < 0 || newline < 0 || newline >= end || open > newline) continue
    const language = text
      .slice(open + 3, newline)
      .trim()
      .toLowerCase()
    const close = text.lastIndexOf('```', end)
    if (close <= newline) continue
    const content = text.slice(newline + 1, close)
    if (isIllustration(content)) continue
    if (language === 'json' && content.length <= MAX_JSON && !isJson(content)) {
      problems.push({ label: 'invalid_code', explanation: 'A code block marked as JSON does not parse.', start, end })
    }
  }
}

/** Left out, commented or templated: shown, not meant to be parsed. */
const isIllustration = (content: string) =>
  ['...', '…', '//', '/*', '{{', '${', '{%', '<', '# '].some((sign) => content.includes(sign))

function isJson(content: string): boolean {
  if (parses(content)) return true
  const rows = content.split('\n').filter((row) => row.trim() !== '')
  // JSON Lines, and pieces of an object or a list.
  return (rows.length > 1 && rows.every(parses)) || parses(`{${content}}`) || parses(`[${content}]`)
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function links(text: string, code: readonly number[], problems: MarkdownProblem[]): void {
  for (let at = text.indexOf(']('); at >= 0 && problems.length < MAX_PROBLEMS; at = text.indexOf('](', at + 2)) {
    const isEmpty = text[at + 2] === ')'
    const isUrl = text.startsWith('http', at + 2)
    if ((!isEmpty && !isUrl) || isInside(code, at)) continue
    const open = text.lastIndexOf('[', at)
    if (open < 0 || at - open > 300 || open + 1 === at) continue
    // f[0]() is a call.
    if (isEmpty && open > 0 && !' \n\t!(*-:'.includes(text[open - 1]!)) continue
    let end = at + 2
    while (end < text.length && text.charCodeAt(end) > 32 && text[end] !== ')') end++
    // A title may follow the target: [text](url "title").
    if (text[end] === ')' ? !isEmpty : text[end] === ' ' && text.indexOf(')', end) > 0) continue
    const explanation = isEmpty ? 'A link has no target.' : 'A link is not closed.'
    problems.push({ label: 'broken_markdown', explanation, start: open, end })
  }
}

function lines(text: string, code: readonly number[], problems: MarkdownProblem[]): void {
  let before = ''
  for (let line = 0; line < text.length && problems.length < MAX_PROBLEMS; ) {
    const newline = text.indexOf('\n', line)
    const end = newline < 0 ? text.length : newline
    const content = text.slice(line, Math.min(end, line + 2000)).trim()
    if (isHeadingWithoutSpace(content) && !isInside(code, line)) {
      const explanation = 'A heading has no space behind its signs.'
      problems.push({ label: 'broken_markdown', explanation, start: line, end })
    } else if (
      isDelimiterRow(content) &&
      before.startsWith('|') &&
      cells(before) !== cells(content) &&
      !isInside(code, line)
    ) {
      const explanation = `A table has ${cells(before)} columns in its head and ${cells(content)} in the row below.`
      problems.push({ label: 'broken_markdown', explanation, start: line, end })
    }
    before = content
    line = end + 1
  }
}

function isHeadingWithoutSpace(content: string): boolean {
  if (!content.startsWith('##')) return false
  let signs = 2
  while (content[signs] === '#') signs++
  const next = content.charCodeAt(signs) | 32
  return signs <= 6 && next >= 97 && next <= 122 && content.length > signs + 2
}

function isDelimiterRow(content: string): boolean {
  if (!content.startsWith('|') || content.indexOf('-') < 0) return false
  for (let i = 0; i < content.length; i++) if (!'|-: \t'.includes(content[i]!)) return false
  return true
}

/** Cells of a row that begins with a bar; escaped bars part nothing. */
function cells(row: string): number {
  let bars = 0
  for (let i = 0; i < row.length; i++) if (row[i] === '|' && row[i - 1] !== '\\') bars++
  return row.endsWith('|') ? bars - 1 : bars
}
