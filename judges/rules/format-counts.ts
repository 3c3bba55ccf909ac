import { type CountUnit, type FormatInstruction, isNegated, type Sentence } from './format-demands.ts'
import { quotedAfter, wordAfter } from './format-quotes.ts'

const UNITS: ReadonlyMap<string, CountUnit> = new Map<string, CountUnit>([
  ['word', 'words'],
  ['words', 'words'],
  ['sentence', 'sentences'],
  ['sentences', 'sentences'],
  ['paragraph', 'paragraphs'],
  ['paragraphs', 'paragraphs'],
  ['bullets', 'bullets'],
  ['bullet', 'bullets'],
  ['placeholder', 'placeholders'],
  ['placeholders', 'placeholders'],
  ['section', 'sections'],
  ['sections', 'sections'],
  ['parts', 'sections'],
])
const NUMBERS: ReadonlyMap<string, number> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, value) => [word, value]),
)
const FILLERS = new Set(
  'different markdown full complete short main total highlighted separate distinct italic text bold single whole concise brief long simple'.split(
    ' ',
  ),
)
/** What shows that a sentence asks for something. */
const ASKS = new Set(
  (
    'write use using answer respond reply contain contains include includes have has must should limit keep give provide list make generate create produce compose summarize ' +
    'summarise explain describe put ensure need needs response reply output highlight italicize be do contain limited expand repeat rewrite draft tell return'
  ).split(' '),
)
/** Parts of an answer that have lengths of their own. */
const PARTS = new Set(
  'title titles name names headline subject label tagline heading headings caption introduction conclusion intro stanza verse each every per bullet point points step steps item items line lines'.split(
    ' ',
  ),
)

export function numberOf(word: string | undefined): number | null {
  if (word === undefined) return null
  const known = NUMBERS.get(word)
  if (known !== undefined) return known
  const plain = word.replace(',', '')
  return plain.length <= 6 && /^[0-9]+$/.test(plain) ? Number(plain) : null
}

interface Range {
  readonly min: number
  readonly max: number
}

const ANY = Number.MAX_SAFE_INTEGER

/** An instruction about how many of something there are, with the unit at word `at`; null where the sentence does not plainly say. */
export function countInstruction(sentence: Sentence, at: number): FormatInstruction | null {
  const { words } = sentence
  const word = words[at]!
  if (word === 'times' || word === 'once' || word === 'twice') return frequency(sentence, at)
  const unit = UNITS.get(word)
  if (unit === undefined || !asks(words)) return null
  if (word === 'bullet' && words[at + 1] !== 'point' && words[at + 1] !== 'points') return null
  if (capitalWords(sentence, at)) return capitalCount(sentence, at)
  const number = numberPlace(words, at)
  if (number === null || isOfPart(words, { number: number.at, unit: at, isBullet: unit === 'bullets' })) return null
  const range = rangeOf(words, number, { at, isExactAlone: unit !== 'words' })
  if (range === null) return null
  if (unit === 'sections') return sectionCount(sentence, range)
  return { kind: 'count', unit, ...range, marker: unit === 'paragraphs' ? markerOf(sentence) : '' }
}

const asks = (words: readonly string[]) =>
  words.some((word) => ASKS.has(word)) &&
  !(words[0] === 'i' && !(words[1] === 'want' || words[1] === 'need' || words[1] === "don't"))

const markerOf = ({ text }: Sentence): string => (text.includes('***') ? '***' : '')

/** Sections are told by a marker only: *highlights*, lines of asterisks, or "SECTION X". */
function sectionCount(sentence: Sentence, range: Range): FormatInstruction | null {
  const { words, text, start, end } = sentence
  if (words.some((word) => word.startsWith('highlight') || word.startsWith('italic'))) {
    return { kind: 'count', unit: 'highlights', ...range, marker: '' }
  }
  const around = text.slice(start, end + 120)
  const marked = /\b(section|paragraph|part|SECTION|PARAGRAPH|PART|Section|Paragraph|Part) X\b/.exec(around)
  if (marked !== null) return { kind: 'count', unit: 'sections', ...range, marker: marked[1]! }
  return around.includes('***') && !around.includes('******')
    ? { kind: 'count', unit: 'paragraphs', ...range, marker: '***' }
    : null
}

interface NumberPlace {
  readonly at: number
  readonly value: number
  /** "10 or more words", "100 or fewer words". */
  readonly behind: 'min' | 'max' | ''
}

function numberPlace(words: readonly string[], unit: number): NumberPlace | null {
  let at = unit - 1
  while (at >= 0 && FILLERS.has(words[at]!) && unit - at < 4) at--
  let behind: NumberPlace['behind'] = ''
  if (words[at - 1] === 'or' && (words[at] === 'more' || words[at] === 'less' || words[at] === 'fewer')) {
    behind = words[at] === 'more' ? 'min' : 'max'
    at -= 2
  }
  const value = numberOf(words[at])
  return value === null || value === 0 ? null : { at, value, behind }
}

function isOfPart(words: readonly string[], place: { number: number; unit: number; isBullet: boolean }): boolean {
  for (let i = Math.max(0, place.number - 8); i < Math.min(words.length, place.unit + 4); i++) {
    if (place.isBullet && i >= place.number && i <= place.unit + 1) continue
    if (PARTS.has(words[i]!)) return true
  }
  const before = words[place.number - 1]
  return (
    before === 'this' ||
    before === 'these' ||
    before === 'following' ||
    before === 'those' ||
    before === 'the' ||
    before === 'last' ||
    before === 'first'
  )
}

const VAGUE = new Set(
  'about around approximately roughly nearly almost some paragraph section part chapter number top a an'.split(' '),
)
const EXACT_BEFORE = new Set('exactly precisely just only in into with contains contain'.split(' '))

function rangeOf(
  words: readonly string[],
  { at, value, behind }: NumberPlace,
  { at: unit, isExactAlone }: { at: number; isExactAlone: boolean },
): Range | null {
  if (behind !== '') return behind === 'min' ? { min: value, max: ANY } : { min: 0, max: value }
  const last = words[unit] === 'bullet' ? unit + 1 : unit
  if (words[last + 1] === 'or') {
    const after = words[last + 2]
    if (after === 'less' || after === 'fewer' || after === 'under' || after === 'shorter') return { min: 0, max: value }
    if (after === 'more' || after === 'longer') return { min: value, max: ANY }
    return null
  }
  if (words[last + 1] === 'minimum') return { min: value, max: ANY }
  if (words[last + 1] === 'maximum' || words[last + 1] === 'max') return { min: 0, max: value }
  const low = numberOf(words[at - 2])
  if (low !== null && low < value && (words[at - 1] === 'to' || words[at - 1] === 'and'))
    return { min: low, max: value }
  const before = compared(words, at, value)
  if (before !== null) return before
  const previous = words[at - 1] ?? ''
  if (VAGUE.has(previous)) return null
  if (previous === 'exactly' || previous === 'precisely') return { min: value, max: value }
  return isExactAlone && EXACT_BEFORE.has(previous) ? { min: value, max: value } : null
}

/** Comparisons before a number: at least, no more than, under, up to, a minimum of. */
function compared(words: readonly string[], at: number, value: number): Range | null {
  const one = words[at - 1]
  const two = words[at - 2]
  const isDenied = words
    .slice(Math.max(0, at - 5), at - 2)
    .some((word) => word === 'no' || word === 'not' || word === "don't" || word === 'never')
  if (one === 'least' || one === 'minimum' || (one === 'of' && two === 'minimum')) return { min: value, max: ANY }
  if (
    one === 'most' ||
    one === 'maximum' ||
    one === 'within' ||
    (one === 'to' && two === 'up') ||
    (one === 'of' && two === 'maximum')
  )
    return { min: 0, max: value }
  if (one === 'than') {
    if (two === 'more' || two === 'longer' || two === 'over')
      return isDenied ? { min: 0, max: value } : two === 'longer' ? null : { min: value + 1, max: ANY }
    if (two === 'less' || two === 'fewer') return isDenied ? { min: value, max: ANY } : { min: 0, max: value - 1 }
    return null
  }
  if (one === 'under' || one === 'below') return { min: 0, max: value - 1 }
  if (one === 'over' || one === 'above') return { min: value + 1, max: ANY }
  if (one === 'exceed' || one === 'exceeding') return isDenied || two === 'not' ? { min: 0, max: value } : null
  return null
}

const capitalWords = ({ words }: Sentence, at: number) =>
  words[at] === 'words' &&
  words.slice(Math.max(at - 4, 0), at + 6).some((word) => word === 'capital' || word === 'caps' || word === 'capitals')

/** "words in all capital letters should appear at least 10 times", "at least 10 words in all capital letters". */
function capitalCount({ words }: Sentence, at: number): FormatInstruction | null {
  const direct = numberPlace(words, at)
  let range = direct === null ? null : rangeOf(words, direct, { at, isExactAlone: false })
  const timesAt = words.indexOf('times', at)
  if (range === null && timesAt > 0) range = timesRange(words, timesAt)
  return range === null ? null : { kind: 'count', unit: 'capital_words', ...range, marker: '' }
}

function timesRange(words: readonly string[], at: number): Range | null {
  if (words[at] === 'once' || words[at] === 'twice') {
    const value = words[at] === 'once' ? 1 : 2
    if (words[at - 1] === 'least') return { min: value, max: ANY }
    return words[at - 1] === 'most' || (words[at + 1] === 'or' && words[at + 2] === 'less')
      ? { min: 0, max: value }
      : null
  }
  const number = numberPlace(words, at)
  return number === null ? null : rangeOf(words, number, { at, isExactAlone: false })
}

/** "the word X should appear at least 3 times", "the letter q at least once". */
function frequency(sentence: Sentence, at: number): FormatInstruction | null {
  const { words, text, ends } = sentence
  const range = timesRange(words, at)
  if (range === null) return null
  // The nearest word or letter before: "the word war at least 8 times, and the word peace at least 10 times".
  const subject = words.findLastIndex(
    (word, i) => i < at && (word === 'word' || word === 'letter' || word === 'keyword'),
  )
  if (
    subject < 0 ||
    words.slice(subject, at).some((word) => word === 'capital' || word === 'caps') ||
    isNegated(sentence, subject, 3)
  )
    return null
  if (words.slice(subject + 1, at).some((word) => word === 'times' || word === 'once')) return null
  const word = quotedAfter(text, ends[subject]!, { reach: 3, most: 1 })[0] ?? wordAfter(text, ends[subject]!)
  const is_letter = words[subject] === 'letter'
  if (word === '' || (is_letter && word.length !== 1)) return null
  return { kind: 'frequency', word: word.toLowerCase(), is_letter, ...range }
}
