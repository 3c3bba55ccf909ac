import type { SpanText } from '../judge.ts'
import { NUMBER, numberAt, type Words, wordHash, wordsOf } from '../words.ts'

/** What can be cited by number in a call. */
export interface NumberedSources {
  /** The highest number that a source has; 0 where none is numbered. */
  readonly highest: number
  /** Numbers of citations mean something: there are documents, or the prompt or a tool numbers its sources from 1 or 0. */
  readonly has_numbers: boolean
  /** There is something to cite: the same, or results of tools. */
  readonly has_sources: boolean
}

const MAX_SOURCES = 999
const SOURCE_WORDS =
  'doc document passage source chunk reference ref result article excerpt snippet context section page paper id index text item quelle dokument fuente documento'

let sourceWords: ReadonlySet<number> | undefined

/** Documents count from 1 (a citation of 0 is never unknown); prompts number theirs as `[3]`, `Document 3`, `3.`, `id="3"`. */
export function numberedSources(documents: number, given: readonly SpanText[]): NumberedSources {
  let highest = documents
  const firsts = new Set<number>()
  let hasTool = false
  for (const text of given) {
    if (text.field === 'tool_response') hasTool = true
    const words = wordsOf(text)
    for (let i = 0; i < words.count; i++) {
      if (words.kinds[i] !== NUMBER || words.ends[i]! - words.starts[i]! > 3) continue
      const form = formOf(words, i)
      if (form === '') continue
      const number = numberAt(words, i)
      if (number === null || number > MAX_SOURCES) continue
      if (number > highest) highest = number
      if (form === 'source' && number <= 2) firsts.add(number)
    }
  }
  const hasNumbers = documents > 0 || firsts.size >= 2
  return { highest, has_numbers: hasNumbers, has_sources: hasNumbers || hasTool }
}

/** `source`: a number in brackets or behind a word for sources; `list`: at the start of a line. */
function formOf(words: Words, index: number): 'source' | 'list' | '' {
  const { text, starts, ends, hashes } = words
  const start = starts[index]!
  const before = text[start - 1] ?? '\n'
  if (before === '[' || before === '【' || before === '#' || before === '^') return 'source'
  sourceWords ??= new Set(SOURCE_WORDS.split(' ').flatMap((word) => [wordHash(word), wordHash(`${word}s`)]))
  if (index > 0 && start - ends[index - 1]! <= 4 && sourceWords.has(hashes[index - 1]!)) return 'source'
  const after = text[ends[index]!]
  const isListed = after === '.' || after === ')' || after === ':' || after === ']'
  return isListed && (before === '\n' || before === '(') ? 'list' : ''
}
