import type { SpanText } from '../judge.ts'
import { characters, sentencesOf, wordsIn, wordsOf } from '../words.ts'
import type { CountUnit, FormatInstruction } from './format-demands.ts'

export const INSTRUCTION_FORMAT_LABELS = [
  'word_count',
  'sentence_count',
  'paragraph_count',
  'bullet_count',
  'placeholder_count',
  'highlight_count',
  'section_count',
  'capital_word_count',
  'frequency',
  'comma',
  'wrong_case',
  'not_quoted',
  'no_title',
  'not_json',
  'wrong_ending',
  'no_postscript',
  'no_separator',
  'keyword_missing',
  'forbidden_word',
  'no_option',
  'wrong_first_word',
  'request_not_repeated',
] as const
export type InstructionFormatLabel = (typeof INSTRUCTION_FORMAT_LABELS)[number]

/** What is wrong, without a word of the answer. */
export interface Violation {
  readonly label: InstructionFormatLabel
  readonly explanation: string
}

const LABEL_OF: Readonly<Record<CountUnit, InstructionFormatLabel>> = {
  words: 'word_count',
  sentences: 'sentence_count',
  paragraphs: 'paragraph_count',
  bullets: 'bullet_count',
  placeholders: 'placeholder_count',
  highlights: 'highlight_count',
  sections: 'section_count',
  capital_words: 'capital_word_count',
}

/** null where the answer keeps the instruction, or where that depends on how one counts. */
export function violationOf(instruction: FormatInstruction, answer: SpanText): Violation | null {
  const { text } = answer
  switch (instruction.kind) {
    case 'count':
      return countViolation(instruction, answer)
    case 'frequency':
      return frequencyViolation(instruction, text)
    case 'no_comma':
      return text.includes(',')
        ? { label: 'comma', explanation: 'Commas were ruled out, and the answer has some.' }
        : null
    case 'lowercase':
      return text !== text.toLowerCase() ? { label: 'wrong_case', explanation: 'Only lower case was asked for.' } : null
    case 'uppercase':
      return text !== text.toUpperCase()
        ? { label: 'wrong_case', explanation: 'Only capital letters were asked for.' }
        : null
    case 'quoted':
      return isQuoted(text.trim())
        ? null
        : { label: 'not_quoted', explanation: 'The answer was to stand in double quotation marks.' }
    case 'title':
      return hasTitle(text)
        ? null
        : { label: 'no_title', explanation: 'A title in double angular brackets was asked for, and there is none.' }
    case 'json':
      return isJson(text)
        ? null
        : { label: 'not_json', explanation: 'The instructions ask for JSON only, and the answer is none.' }
    case 'ending':
      return endsWith(text, instruction.text)
        ? null
        : { label: 'wrong_ending', explanation: 'The answer does not end with the phrase that was asked for.' }
    case 'postscript':
      return lettersOf(text).includes(lettersOf(instruction.text))
        ? null
        : { label: 'no_postscript', explanation: 'A postscript was asked for, and there is none.' }
    case 'separator':
      return text.includes(instruction.text)
        ? null
        : { label: 'no_separator', explanation: 'The parts are not separated as was asked for.' }
    default:
      return wordViolation(instruction, text)
  }
}

type Words = Extract<
  FormatInstruction,
  { readonly kind: 'keywords' | 'forbidden' | 'options' | 'first_word' | 'repeat' }
>

function wordViolation(instruction: Words, text: string): Violation | null {
  const lower = text.toLowerCase()
  switch (instruction.kind) {
    case 'keywords': {
      const missing = instruction.texts.filter((word) => !lower.includes(word.toLowerCase())).length
      if (missing === 0) return null
      return {
        label: 'keyword_missing',
        explanation: `${missing} of ${instruction.texts.length} words that were asked for do not occur.`,
      }
    }
    case 'forbidden': {
      const used = instruction.texts.filter((word) => countWord(lower, word.toLowerCase()) > 0).length
      if (used === 0) return null
      return {
        label: 'forbidden_word',
        explanation: `${used} of ${instruction.texts.length} words that were ruled out occur.`,
      }
    }
    case 'options':
      return instruction.texts.some((option) => lower.includes(option.toLowerCase().replace(/[.!?]$/, '')))
        ? null
        : { label: 'no_option', explanation: 'The answer holds none of the options that were offered.' }
    case 'first_word': {
      const paragraph = blocksOf(text)[instruction.paragraph - 1]
      if (paragraph === undefined) return null
      return lettersOf(paragraph.slice(0, 200)).startsWith(lettersOf(instruction.text))
        ? null
        : {
            label: 'wrong_first_word',
            explanation: `Paragraph ${instruction.paragraph} does not start with the word that was asked for.`,
          }
    }
    case 'repeat': {
      const start = lettersOf(instruction.request.slice(0, 120)).slice(0, 30)
      return lettersOf(text.slice(0, 400)).startsWith(start)
        ? null
        : {
            label: 'request_not_repeated',
            explanation: 'The answer does not begin with the request, as was asked for.',
          }
    }
  }
}

function countViolation(
  instruction: Extract<FormatInstruction, { kind: 'count' }>,
  answer: SpanText,
): Violation | null {
  const { unit, min, max } = instruction
  const counts = COUNTS[unit](answer, instruction.marker)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  if (most >= min && least <= max) return null
  const wanted = min === max ? `${min}` : most < min ? `at least ${min}` : `at most ${max}`
  const found = most < min ? most : least
  return {
    label: LABEL_OF[unit],
    explanation: `The number of ${unit.replace('_', ' ')} that was asked for is ${wanted}, and the answer has ${found}.`,
  }
}

/** Several ways of counting: only what breaks the bound in each of them breaks it. */
const COUNTS: Readonly<Record<CountUnit, (answer: SpanText, marker: string) => readonly number[]>> = {
  words: (answer) => {
    const spaced = answer.text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length
    return [spaced, wordsOf(answer).count]
  },
  sentences: (answer) => [sentencesOf(answer).count, Math.max(1, endedSentences(answer.text))],
  paragraphs: ({ text }, marker) => {
    if (marker !== '') return [text.split('***').filter((block) => block.trim() !== '').length]
    const blocks = blocksOf(text)
    if (blocks.length === 1) return [1, text.split('\n').filter((line) => line.trim() !== '').length]
    return [blocks.length, blocks.filter(isProse).length]
  },
  bullets: ({ text }) => {
    const lines = text.split('\n')
    const top = lines.filter((line) => isBullet(line) && line.search(/\S/) < 2).length
    const all = lines.filter((line) => isBullet(line)).length
    return all > 0 ? [top, all] : [lines.filter((line) => /^\s*\d{1,3}[.)] /.test(line)).length]
  },
  placeholders: ({ text }) => [bracketed(text)],
  highlights: ({ text }) => [emphasised(text)],
  sections: ({ text }, marker) => [countWord(text.toLowerCase(), marker.toLowerCase())],
  capital_words: ({ text }) => {
    const words = text.split(/[^\p{L}\p{N}'’-]+/u).filter((word) => /\p{Lu}/u.test(word) && word === word.toUpperCase())
    return [words.length, words.filter((word) => word.length > 1).length]
  },
}

const blocksOf = (text: string) => text.split(/\n[ \t]*\n/).filter((block) => block.trim() !== '')
const isProse = (block: string) => {
  const trimmed = block.trim()
  return trimmed.length > 60 || (/[.!?]["'”)*]*$/.test(trimmed) && !trimmed.startsWith('#'))
}
const isBullet = (line: string) => {
  const trimmed = line.trimStart()
  return (
    (trimmed[1] === ' ' && '*-•+–'.includes(trimmed[0]!)) ||
    trimmed.startsWith('•') ||
    (trimmed[0] === '*' && trimmed[1] !== '*' && !trimmed.endsWith('*'))
  )
}

function endedSentences(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    if (!'.!?。！？'.includes(text[i]!)) continue
    const next = text[i + 1]
    if (next === undefined || next.trim() === '' || '"”\')*'.includes(next)) count++
  }
  return count
}

function bracketed(text: string): number {
  let count = 0
  for (let open = text.indexOf('['); open >= 0; open = text.indexOf('[', open + 1)) {
    const close = text.indexOf(']', open)
    if (close < 0) break
    count++
    open = close
  }
  return count
}

/** `*one*` and `**one**`, within a line. */
function emphasised(text: string): number {
  let count = 0
  for (const line of text.split('\n')) {
    let stars = 0
    for (let i = 0; i < line.length; i++) {
      if (line[i] !== '*' && line[i] !== '_') continue
      if (line[i + 1] === line[i]) i++
      stars++
    }
    count += Math.floor(stars / 2)
  }
  return count
}

function frequencyViolation(
  { word, is_letter, min, max }: Extract<FormatInstruction, { kind: 'frequency' }>,
  text: string,
): Violation | null {
  const lower = text.toLowerCase()
  const loose = lower.split(word).length - 1
  const counts = is_letter ? [loose] : [loose, countWord(lower, word)]
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  if (most >= min && least <= max) return null
  const [wanted, found] = most < min ? [`at least ${min}`, most] : [`at most ${max}`, least]
  return {
    label: 'frequency',
    explanation: `A ${is_letter ? 'letter' : 'word'} was to occur ${wanted} times, and occurs ${found} times.`,
  }
}

const isWordAt = (text: string, at: number) => at >= 0 && at < text.length && characters()[text.charCodeAt(at)] !== 0

function countWord(text: string, word: string): number {
  let count = 0
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length))
    if (!isWordAt(text, at - 1) && !isWordAt(text, at + word.length)) count++
  return count
}

const isQuoted = (text: string) => /^["“”«„]/.test(text) && /["”»“]$/.test(text)

function hasTitle(text: string): boolean {
  const open = text.indexOf('<<')
  const close = text.indexOf('>>', open)
  return open >= 0 && close > open + 2
}

function isJson(text: string): boolean {
  const trimmed = text.trim()
  const fence = /^```[a-z]*\n/i.exec(trimmed)
  const inner = fence !== null && trimmed.endsWith('```') ? trimmed.slice(fence[0].length, -3) : trimmed
  try {
    JSON.parse(inner)
    return true
  } catch {
    return false
  }
}

/** Letters and digits only: quotation marks, emphasis and spacing are no part of a wording. */
const lettersOf = (text: string) => {
  const { text: read, starts, ends, count } = wordsIn(text)
  let letters = ''
  for (let i = 0; i < count; i++) letters += read.slice(starts[i], ends[i])
  return letters.toLowerCase().replaceAll(/['’.,]/g, '')
}

const endsWith = (text: string, phrase: string) =>
  lettersOf(text.slice(-2 * phrase.length - 200)).endsWith(lettersOf(phrase))
