import type { SpanText } from '../judge.ts'
import { NUMBER, numberAt, type Sentences, sentencesOf, type Words, wordHash, wordsOf } from '../words.ts'

/** The parts of a request that each want an answer of their own. */
export interface AskedParts {
  /** The parts are numbered 1, 2, 3 in the request. */
  readonly is_numbered: boolean
  readonly parts: readonly AskedPart[]
}

export interface AskedPart {
  /** From 1. */
  readonly number: number
  /** UTF-16 offsets into the request. */
  readonly start: number
  readonly end: number
  /** Indexes of words of the request: first, and behind the last. */
  readonly first_word: number
  readonly last_word: number
}

const MAX_REQUEST = 4000
const MAX_PARTS = 20
const DEMANDS =
  /\b(?:answer|address|respond to|reply to|cover|discuss|explain) (?:each|all|every|the following|these|both)\b|\b(?:following|these) questions\b|\bquestions?\s*:|\beach (?:question|point|part)\b/i
/** What the text of the request is for: its questions are material, and nobody waits for their answers. */
const MATERIAL =
  /\b(?:translat\w*|rewrit\w*|rephras\w*|paraphras\w*|summari[sz]\w*|proofread\w*|correct\w*|classif\w*|categori[sz]\w*|edit|extract\w*|identify|generate|create|compose|draft|write|role-?play|pretend|act as|continue|complete|quiz|riddles?|jokes?|poem|story|dialogue|conversation|interview\w*|survey|questionnaire|choose|select|options?|true or false|multiple.choice|prompts?|repeat|one of|any of|either|if (?:yes|no|so|not))\b/i

const DIALOGUE = /\n\s*(?:human|assistant|user|ai|bot|system) ?:/i

/** null where a request has one part, is long, or holds questions that it does not ask. */
export function askedParts(request: SpanText): AskedParts | null {
  const { text } = request
  if (text.length > MAX_REQUEST || !mayHaveParts(text) || text.includes('```') || MATERIAL.test(text)) return null
  if (DIALOGUE.test(text)) return null
  const words = wordsOf(request)
  const numbered = numberedParts(text, words)
  if (numbered.length >= 2) {
    const areAsked = DEMANDS.test(text.slice(0, numbered[0]!.start)) || numbered.every((part) => isQuestion(text, part))
    return areAsked ? { is_numbered: true, parts: numbered } : null
  }
  const sentences = sentencesOf(request)
  const questions = questionsOf(text, sentences)
  const isMostlyQuestions = questions.length * 2 >= sentences.count && questions.length <= MAX_PARTS
  return questions.length >= 2 && isMostlyQuestions ? { is_numbered: false, parts: questions } : null
}

/** Most requests are told by this alone. */
function mayHaveParts(text: string): boolean {
  const first = text.search(/[?？]/)
  if (first >= 0 && /[?？]/.test(text.slice(first + 1))) return true
  return text.includes('2.') || text.includes('2)')
}

const isQuestion = (text: string, { start, end }: AskedPart) => /[?？]/.test(text.slice(start, end))

/** `1.`, `2)`, `(3)`, `Q4:` one after the other, each behind white space, a bracket or the like. */
function numberedParts(text: string, words: Words): readonly AskedPart[] {
  const marks: number[] = []
  for (let i = 0; i < words.count && marks.length < MAX_PARTS; i++) {
    if (isMark(text, words, i, marks.length + 1)) marks.push(i)
  }
  return marks.map((word, index) => {
    const next = marks[index + 1]
    const last = next ?? lastWordOf(text, words, word)
    return {
      number: index + 1,
      start: words.starts[word]!,
      end: last < words.count && next !== undefined ? words.starts[last]! : endOfLine(text, words.starts[word]!),
      first_word: word + 1,
      last_word: last,
    }
  })
}

export function isMark(text: string, words: Words, index: number, expected: number): boolean {
  if (words.kinds[index] !== NUMBER || numberAt(words, index) !== expected) return false
  const before = text[words.starts[index]! - 1] ?? '\n'
  const after = text[words.ends[index]!] ?? ''
  const behind = text[words.ends[index]! + 1] ?? ' '
  return '\n (*#Q'.includes(before) && '.):'.includes(after) && after !== '' && ' \n*)\t'.includes(behind)
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from)
  return newline < 0 ? text.length : newline
}

/** The last part ends with its line: what follows speaks about all of them. */
function lastWordOf(text: string, words: Words, mark: number): number {
  const end = endOfLine(text, words.starts[mark]!)
  let word = mark + 1
  while (word < words.count && words.starts[word]! < end) word++
  return word
}

function questionsOf(text: string, sentences: Sentences): readonly AskedPart[] {
  const questions: AskedPart[] = []
  for (let i = 0; i < sentences.count; i++) {
    const end = sentences.ends[i]!
    if (!/[?？]["”)]?$/.test(text.slice(Math.max(0, end - 2), end))) continue
    questions.push({
      number: questions.length + 1,
      start: sentences.starts[i]!,
      end,
      first_word: sentences.first_words[i]!,
      last_word: sentences.last_words[i]!,
    })
  }
  return questions
}

interface Openings {
  readonly open: ReadonlySet<number>
  readonly behind_how: ReadonlySet<number>
  readonly lead_ins: ReadonlySet<number>
  readonly how: number
}

let sharedOpenings: Openings | undefined

/** Questions that take words to answer. Those for a value, a name, a yes need not say a word of the question again. */
function openings(): Openings {
  const hashes = (words: string) => new Set(words.split(' ').map(wordHash))
  sharedOpenings ??= {
    open: hashes('what why which explain describe compare list discuss'),
    behind_how: hashes('do does did can could would should to'),
    lead_ins: hashes('and also then or finally lastly so but secondly please'),
    how: wordHash('how'),
  }
  return sharedOpenings
}

/** `how does`, `why`, `what`, `explain`, with or without an `and` before it. */
export function isOpenQuestion(words: Words, { first_word, last_word }: AskedPart): boolean {
  const { open, behind_how, lead_ins, how } = openings()
  let word = first_word
  while (word < last_word && lead_ins.has(words.hashes[word]!)) word++
  const first = words.hashes[word] ?? 0
  return first === how ? behind_how.has(words.hashes[word + 1] ?? 0) : open.has(first)
}
