import type { SpanText } from '../judge.ts'
import { WORD, type Words, wordHash, wordsOf } from '../words.ts'
import { createGrammarTables, type GrammarRule, type GrammarTables, type Pair } from './grammar-rules.ts'
import { isWrongArticle } from './indefinite-article.ts'
import { codeStretches, writesCapitals } from './prose.ts'

export interface GrammarError {
  readonly rule: GrammarRule
  /** UTF-16 offsets into the text. */
  readonly start: number
  readonly end: number
}

export interface GrammarErrors {
  readonly words: number
  readonly errors: readonly GrammarError[]
}

const MAX_ERRORS = 50
const NOTHING: readonly GrammarError[] = []
const SPACE = 32
const FULL_STOP = 46
const QUESTION = 63
const EXCLAMATION = 33
const SHORT_BEFORE_STOP = 4

let tables: ReadonlyMap<string, GrammarTables> | undefined
let article: { readonly a: number; readonly an: number } | undefined

/** The errors of a text outside code, and its words; none for a language without rules. */
export function findGrammarErrors(text: SpanText, language: string, rules: ReadonlySet<GrammarRule>): GrammarErrors {
  tables ??= createGrammarTables()
  const table = tables.get(language)
  if (table === undefined) return { words: 0, errors: NOTHING }
  article ??= { a: wordHash('a'), an: wordHash('an') }
  const words = wordsOf(text)
  const { count, starts, ends, hashes } = words
  const source = text.text
  const code = codeStretches(source)
  let errors: GrammarError[] | undefined
  let counted = 0
  for (let i = 0; i < count; i++) {
    if (code.holds(starts[i]!)) continue
    counted++
    if (i + 1 >= count) break
    const rule = ruleBroken({ words, table, at: i })
    if (rule === undefined || !rules.has(rule) || code.holds(starts[i + 1]!)) continue
    errors ??= []
    if (errors.length < MAX_ERRORS) errors.push({ rule, start: starts[i]!, end: ends[i + 1]! })
  }
  if (errors === undefined) return { words: counted, errors: NOTHING }
  const isStyle = errors.some(isCapitalisation) && !writesCapitals(source)
  return { words: counted, errors: isStyle ? errors.filter((error) => !isCapitalisation(error)) : errors }

  /** What is wrong with the word and the next one. */
  function ruleBroken(place: Place): GrammarRule | undefined {
    const { at } = place
    const gap = starts[at + 1]! - ends[at]!
    const sign = source.charCodeAt(ends[at]!)
    if (gap !== 1 || sign !== SPACE) return atSentenceEnd(place, sign, gap)
    const hash = hashes[at]!
    if (hash === hashes[at + 1]) return isDoubled(place) ? 'repeated_word' : undefined
    if (table!.is_english && (hash === article!.a || hash === article!.an)) {
      return isArticleWrong(place) ? 'article' : undefined
    }
    const pairs = table!.pairs.get(hash)
    return pairs === undefined ? undefined : pairs.find((pair) => breaks(pair, place))?.rule
  }
}

const isCapitalisation = ({ rule }: GrammarError) => rule === 'capitalisation'

interface Place {
  readonly words: Words
  readonly table: GrammarTables
  readonly at: number
}

/** The same letters in the same case, or the first at the start of a sentence; hardly ever the name of something. */
function isDoubled({ words: { text, starts, ends, hashes, kinds }, table, at }: Place): boolean {
  if (kinds[at] !== WORD || !table.never_twice.has(hashes[at]!)) return false
  const [first, second] = [text.slice(starts[at], ends[at]), text.slice(starts[at + 1], ends[at + 1])]
  if (second !== second.toLowerCase()) return false
  // a a b: letters, not words; "in in-house": part of another word.
  if (second.length === 1 && first === second && hashes[at + 2] === hashes[at]) return false
  const behind = text[ends[at + 1]!] ?? ' '
  return !/[-_/\\=.(]/.test(behind) || (behind === '.' && /\s|$/.test(text[ends[at + 1]! + 1] ?? ' '))
}

function isArticleWrong({ words: { text, starts, ends }, at }: Place): boolean {
  const written = text.slice(starts[at], ends[at])
  if (written !== 'a' && written !== 'an') return false
  const before = text[starts[at]! - 1] ?? ' '
  if (before !== ' ' && before !== '(' && before !== '"' && before !== '\n') return false
  const next = text.slice(starts[at + 1], ends[at + 1])
  const behind = text[ends[at + 1]!] ?? ' '
  // e-mail, u-turn: the first letter is read by its name.
  if (behind === '-' && next.length < 3) return false
  return isWrongArticle(written, next)
}

function breaks(pair: Pair, { words, at }: Place): boolean {
  const { text, starts, ends, hashes, count } = words
  if (!pair.second.has(hashes[at + 1]!)) return false
  const isStart = startsSentence(words, at)
  if (pair.start === 'only' && !isStart) return false
  const previous = at > 0 && !isStart ? hashes[at - 1]! : 0
  if (pair.start === 'or_behind' && !isStart && !pair.behind!.has(previous)) return false
  if (pair.not_behind.has(previous)) return false
  if (pair.lower_case && text.charCodeAt(starts[at]!) < 97) return false
  const behind = text.charCodeAt(ends[at + 1]!)
  if (behind === 45 || behind === 0x2019 || behind === 39) return false
  if (pair.only_end) return !(behind === SPACE || behind === 44)
  const isNext = at + 2 < count && starts[at + 2]! - ends[at + 1]! === 1 && behind === SPACE
  const next = isNext ? hashes[at + 2]! : 0
  if (pair.before !== undefined && !pair.before.has(next)) return false
  return !pair.not_before.has(next)
}

/** Whether nothing, a line end or a sentence end stands before the word, and no quotation of others. */
function startsSentence({ text, starts, ends }: Words, at: number): boolean {
  const start = starts[at]!
  if (start === 0) return true
  const gap = text.slice(at === 0 ? 0 : ends[at - 1]!, start)
  return /[.!?]\s+$|\n\s*$/.test(gap) || (at === 0 && /^[\s#>*_-]*$/.test(gap))
}

function atSentenceEnd({ words, table, at }: Place, sign: number, gap: number): GrammarRule | undefined {
  const { text, starts, ends, hashes } = words
  if (sign !== FULL_STOP && sign !== QUESTION && sign !== EXCLAMATION) return undefined
  const next = starts[at + 1]!
  const first = text[next]!
  const isLower = first === first.toLowerCase()
  if (gap === 1 && !isLower && table.sentence_starts.has(hashes[at + 1]!)) {
    return isPlainWord(text, starts[at]!, ends[at]!) && isFollowedBySpace(text, ends[at + 1]!)
      ? 'missing_space'
      : undefined
  }
  if (gap === 2 && isLower && text.charCodeAt(next - 1) === SPACE && table.lower_case_starts.has(hashes[at + 1]!)) {
    const isSentence = ends[at]! - starts[at]! >= SHORT_BEFORE_STOP && isPlainWord(text, starts[at]!, ends[at]!)
    return isSentence && isFollowedBySpace(text, ends[at + 1]!) ? 'capitalisation' : undefined
  }
  return undefined
}

const isPlainWord = (text: string, start: number, end: number) =>
  end - start > 1 && /^[\s(,;]?[\p{Ll}'’]+$/u.test(text.slice(Math.max(0, start - 1), end))

const isFollowedBySpace = (text: string, end: number) => end < text.length && text.charCodeAt(end) === SPACE
