import type { SpanText } from '../judge.ts'
import {
  foldedAt,
  holdsWord,
  type Sentences,
  sentencesOf,
  type WordSet,
  type Words,
  wordSet,
  wordsOf,
} from '../words.ts'
import { countInstruction } from './format-counts.ts'
import { type FormatInstruction, isNegated, type Sentence } from './format-demands.ts'
import { quotedAfter, wordAfter } from './format-quotes.ts'

const TRIGGERS =
  'comma commas lowercase lowercases uppercase capital capitals capitalize capitalized caps json quotation quotations quotes words word sentence sentences ' +
  'paragraph paragraphs bullet bullets placeholder placeholders section sections highlight italicize italic title angular postscript post keyword keywords ' +
  'phrase phrases asterisk asterisks repeat letter letters mention case yes versions divider parts end finish say'
let triggers: WordSet | undefined
const MAX_SENTENCES = 200
/** In a longer message the instructions stand at its ends, and the middle is material. */
const LONG = 2000
const END_LENGTH = 600
const MAX_INSTRUCTIONS = 12

const NOTHING: readonly FormatInstruction[] = Object.freeze([])

/** The plainly stated instructions of a message. English. Conditional ones, questions and quoted material are passed over. */
export function formatInstructions(message: SpanText): readonly FormatInstruction[] {
  const { text } = message
  triggers ??= wordSet(TRIGGERS.split(' '))
  if (!holdsWord(text, triggers)) return NOTHING
  const words = wordsOf(message)
  const sentences = sentencesOf(message)
  const found: FormatInstruction[] = []
  const count = Math.min(sentences.count, MAX_SENTENCES * 10)
  let read = 0
  for (let s = 0; s < count && read < MAX_SENTENCES && found.length < MAX_INSTRUCTIONS; s++) {
    const start = sentences.starts[s]!
    if (text.length > LONG && start > END_LENGTH && start < text.length - END_LENGTH) continue
    read++
    const sentence = sentenceOf(words, sentences, s)
    if (sentence === null) continue
    readSentence(sentence, found)
  }
  return found
}

const MAX_SENTENCE_WORDS = 120
const CONDITIONS = new Set(['if', 'unless', 'when', 'whenever'])
const POLITE = new Set(['can', 'could', 'would', 'will', 'please'])

function sentenceOf(words: Words, sentences: Sentences, s: number): Sentence | null {
  const first = sentences.first_words[s]!
  const last = Math.min(sentences.last_words[s]!, first + MAX_SENTENCE_WORDS)
  let isAsked = false
  for (let i = first; i < last; i++) if (triggers?.hashes.has(words.hashes[i]!) === true) isAsked = true
  if (!isAsked) return null
  const folded: string[] = []
  const ends: number[] = []
  for (let i = first; i < last; i++) {
    folded.push(foldedAt(words, i))
    ends.push(words.ends[i]!)
  }
  if (folded.some((word) => CONDITIONS.has(word))) return null
  const [start, end] = [sentences.starts[s]!, sentences.ends[s]!]
  if (words.text[end - 1] === '?' && !POLITE.has(folded[0]!)) return null
  return { words: folded, text: words.text, start, end, ends }
}

function readSentence(sentence: Sentence, found: FormatInstruction[]): void {
  for (let i = 0; i < sentence.words.length; i++) {
    const read = READERS.get(sentence.words[i]!)
    const instruction = read?.(sentence, i) ?? countInstruction(sentence, i)
    if (instruction === null || instruction === undefined) continue
    const key = JSON.stringify(instruction)
    if (found.length < MAX_INSTRUCTIONS && !found.some((known) => JSON.stringify(known) === key))
      found.push(instruction)
  }
}

type Reader = (sentence: Sentence, at: number) => FormatInstruction | null

const ANSWER = new Set('response answer reply output message text email letter poem story essay'.split(' '))
const has = ({ words }: Sentence, ...wanted: readonly string[]) => wanted.some((word) => words.includes(word))
const hasAnswer = ({ words }: Sentence) => words.some((word) => ANSWER.has(word))

/** An order or a rule, not a description of some input. */
const asksFor = (sentence: Sentence) =>
  hasAnswer(sentence) ||
  has(
    sentence,
    'write',
    'use',
    'make',
    'must',
    'should',
    'please',
    'answer',
    'respond',
    'reply',
    'create',
    'provide',
    'give',
  )

function noComma(sentence: Sentence, at: number): FormatInstruction | null {
  const { words } = sentence
  const isForbiddenLater = (words[at + 1] === 'are' || words[at + 1] === 'is') && words[at + 2] === 'not'
  return isNegated(sentence, at) || isForbiddenLater ? { kind: 'no_comma' } : null
}

/** Cases of parts of an answer are not those of all of it. */
const PARTS = new Set(
  'title titles heading headings name names header headers label labels section sections first keywords keyword acronym acronyms word words paragraph'.split(
    ' ',
  ),
)
const isAboutPart = ({ words }: Sentence, at: number) => {
  for (let i = Math.max(0, at - 8); i < Math.min(words.length, at + 5); i++)
    if (PARTS.has(words[i]!) && !(words[i] === 'words' && words[i - 1] === 'your')) return true
  return false
}

function lowercase(sentence: Sentence, at: number): FormatInstruction | null {
  const { words } = sentence
  const before = words[at - 1]
  const isWhole =
    before === 'all' ||
    before === 'only' ||
    before === 'in' ||
    before === 'entirely' ||
    has(sentence, 'entire', 'only', 'all')
  return isWhole &&
    !isNegated(sentence, at, 3) &&
    !isAboutPart(sentence, at) &&
    words[at + 1] !== 'or' &&
    asksFor(sentence)
    ? { kind: 'lowercase' }
    : null
}

function uppercase(sentence: Sentence, at: number): FormatInstruction | null {
  const { words } = sentence
  if (words[at] === 'letters') return null
  if (isAboutPart(sentence, at)) return null
  if (
    isNegated(sentence, at, 5) ||
    (words[at + 1] === 'letters' && words[at + 2] === 'are' && words[at + 3] === 'not')
  ) {
    return words[at] === 'uppercase' || words[at + 1] === 'letters' ? { kind: 'lowercase' } : null
  }
  const before = words[at - 1]
  const isWhole =
    before === 'all' || before === 'only' || before === 'entirely' || (before === 'in' && hasAnswer(sentence))
  const isLetters =
    words[at] === 'caps' || words[at] === 'uppercase' || words[at + 1] === 'letters' || words[at] === 'capitals'
  return isWhole && isLetters ? { kind: 'uppercase' } : null
}

function quoted(sentence: Sentence): FormatInstruction | null {
  const isWrapped = has(sentence, 'wrap', 'wrapped', 'put', 'surround', 'enclose', 'enclosed', 'inside')
  return isWrapped &&
    has(sentence, 'double') &&
    has(sentence, 'response', 'answer', 'reply', 'output') &&
    !has(sentence, 'title', 'if')
    ? { kind: 'quoted' }
    : null
}

function title(sentence: Sentence): FormatInstruction | null {
  return sentence.text.slice(sentence.start, sentence.end + 40).includes('<<') ? { kind: 'title' } : null
}

function json(sentence: Sentence, at: number): FormatInstruction | null {
  const { words } = sentence
  if (isNegated(sentence, at, 4)) return null
  const isWhole =
    has(sentence, 'entire', 'whole', 'only') &&
    has(sentence, 'output', 'response', 'answer', 'respond', 'return', 'reply', 'wrap', 'json')
  const isFormat =
    words[at + 1] === 'format' &&
    (words[at - 1] === 'use' || (words[at - 1] === 'in' && has(sentence, 'respond', 'answer', 'reply', 'output')))
  const isOnly =
    (words[at - 1] === 'only' || words[at - 1] === 'valid') &&
    has(sentence, 'respond', 'return', 'reply', 'output', 'answer')
  return isWhole || isFormat || isOnly ? { kind: 'json' } : null
}

function postscript(sentence: Sentence, at: number): FormatInstruction | null {
  if (sentence.words[at] === 'post' && sentence.words[at + 1] !== 'script') return null
  const around = sentence.text.slice(sentence.start, sentence.end + 24).toLowerCase()
  if (around.includes('p.p.s')) return { kind: 'postscript', text: 'p.p.s' }
  return around.includes('p.s') ? { kind: 'postscript', text: 'p.s' } : null
}

function separator({ text, start, end }: Sentence): FormatInstruction | null {
  const around = text.slice(start, end + 120)
  return around.includes('******') ? { kind: 'separator', text: '******' } : null
}

/** The ending: quoted, or what stands behind "exact phrase" or a colon to the end of the line. */
function ending(sentence: Sentence, at: number): FormatInstruction | null {
  const { words, text, ends, end } = sentence
  if (isNegated(sentence, at, 3) || has(sentence, 'each', 'every', 'line', 'lines', 'sentence', 'paragraph', 'word'))
    return null
  const withAt = words.findIndex(
    (word, i) => i > at && i < at + 12 && (word === 'with' || word === 'like' || word === 'be' || word === 'read'),
  )
  if (withAt < 0) return null
  const [quote] = quotedAfter(text, ends[withAt]!, { reach: 60, most: 1 })
  if (quote !== undefined) return quote.length >= 8 ? { kind: 'ending', text: quote } : null
  const phraseAt = words.findIndex(
    (word, i) => i > withAt && (word === 'phrase' || word === 'question' || word === 'like'),
  )
  const isExact = phraseAt > 0 && has(sentence, 'exact', 'exactly')
  if (!isExact) return null
  const from = ends[phraseAt]!
  const newline = text.indexOf('\n', from)
  const rest = text.slice(from, newline < 0 ? Math.min(text.length, end + 60) : newline).replace(/^[:\s]+/, '')
  const stop = rest.search(/[.?!](?:\s|$)/)
  const phrase = stop < 0 ? rest.trim() : rest.slice(0, stop + 1)
  return phrase.length >= 8 && phrase.length <= 160 ? { kind: 'ending', text: phrase } : null
}

const USES = new Set(
  'include includes including contain contains containing use using mention incorporate insert add have'.split(' '),
)

function keywords(sentence: Sentence, at: number): FormatInstruction | null {
  const { words, text, ends } = sentence
  const isForbidden = isNegated(sentence, at, 7)
  const verbAt = words.findLastIndex(
    (word, i) => i < at && i >= at - 7 && (USES.has(word) || word === 'say' || word === 'avoid' || word === 'without'),
  )
  if (verbAt < 0 || has(sentence, 'times', 'once', 'twice', 'start', 'starts', 'begin', 'end', 'or')) {
    if (!(isForbidden && has(sentence, 'or') && !has(sentence, 'times', 'once'))) return null
  }
  const texts = quotedAfter(text, ends[at]!, { reach: 16, most: 12 })
    .map((quote) => quote.replace(/[,.;]+$/, ''))
    .filter((quote) => quote.length <= 40)
  if (texts.length === 0) return null
  return { kind: isForbidden ? 'forbidden' : 'keywords', texts }
}

function options(sentence: Sentence, at: number): FormatInstruction | null {
  const { words, text, ends } = sentence
  const isOneOf = words[at - 1] === 'following' || words[at - 1] === 'exact' || words[at - 2] === 'following'
  if (!isOneOf || !has(sentence, 'one') || isNegated(sentence, at)) return null
  const texts = quotedAfter(text, ends[at]!, { reach: 24, most: 12 })
  return texts.length >= 2 ? { kind: 'options', texts } : null
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']

function paragraphStart(sentence: Sentence, at: number): FormatInstruction | null {
  const { words, text, ends } = sentence
  const startAt = words.findIndex((word) => word === 'start' || word === 'begin')
  if (startAt < 0 || isNegated(sentence, startAt, 3)) return null
  const ordinal = ORDINALS.indexOf(words[at - 1] ?? '') + 1
  const paragraph = ordinal > 0 ? ordinal : Number(words[at + 1])
  const wordPlace = words.findIndex((word, i) => i > Math.min(at, startAt) && word === 'word')
  if (!(paragraph >= 1 && paragraph <= 20) || wordPlace < 0) return null
  const first = quotedAfter(text, ends[wordPlace]!, { reach: 6, most: 1 })[0] ?? wordAfter(text, ends[wordPlace]!)
  return first === '' ? null : { kind: 'first_word', paragraph, text: first }
}

function repeat(sentence: Sentence, at: number): FormatInstruction | null {
  const { words, text } = sentence
  const isExact =
    has(sentence, 'exact', 'exactly') || words.join(' ').includes('word for word') || has(sentence, 'first', 'before')
  if (!has(sentence, 'request', 'prompt') || !isExact || isNegated(sentence, at, 3) || has(sentence, 'repeating'))
    return null
  const before = text.slice(0, sentence.start).trim()
  const request = before.length >= 20 ? before : text.slice(text.indexOf('\n\n', sentence.end) + 2).trim()
  return request.length >= 20 && text.indexOf('\n', 0) >= 0 ? { kind: 'repeat', request: request.slice(0, 400) } : null
}

const firstOf =
  (...readers: readonly Reader[]): Reader =>
  (sentence, at) => {
    for (const read of readers) {
      const found = read(sentence, at)
      if (found !== null) return found
    }
    return null
  }

const keywordsOrOptions = firstOf(options, keywords)
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['comma', noComma],
  ['commas', noComma],
  ['lowercase', lowercase],
  ['lowercases', lowercase],
  ['uppercase', uppercase],
  ['capital', uppercase],
  ['capitals', uppercase],
  ['caps', uppercase],
  ['quotation', quoted],
  ['quotes', quoted],
  ['angular', title],
  ['json', json],
  ['postscript', postscript],
  ['post', postscript],
  ['asterisk', separator],
  ['asterisks', separator],
  ['separated', separator],
  ['end', ending],
  ['finish', ending],
  ['word', keywordsOrOptions],
  ['words', keywordsOrOptions],
  ['keyword', keywordsOrOptions],
  ['keywords', keywordsOrOptions],
  ['phrase', keywordsOrOptions],
  ['phrases', keywordsOrOptions],
  ['following', options],
  ['paragraph', paragraphStart],
  ['repeat', repeat],
])
