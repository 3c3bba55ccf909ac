import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Judge, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { createSelector, whereConfig } from '../where.ts'
import { sentencesOf, wordsOf } from '../words.ts'
import { evidenceAt, requestOf } from './answer-text.ts'
import { createRuleJudge } from './rule-judge.ts'

export const LENGTH_LABELS = ['too_short', 'too_long', 'no_words'] as const

const bound = z.number().int().min(0).max(10_000_000).optional()

const bounds = z
  .strictObject({
    where: whereConfig([]).prefault({}),
    min_characters: bound.describe('Unicode code points.'),
    max_characters: bound,
    min_words: bound.describe(
      'Words and numbers; each character of Chinese, Japanese and Thai is one. Exact up to 64 Ki characters.',
    ),
    max_words: bound,
    min_sentences: bound,
    max_sentences: bound,
  })
  .superRefine((entry, context) => {
    for (const unit of ['characters', 'words', 'sentences'] as const) {
      const [min, max] = [entry[`min_${unit}`], entry[`max_${unit}`]]
      if (min === undefined || max === undefined || min <= max) continue
      context.addIssue({ code: 'custom', path: [`max_${unit}`], message: `is below min_${unit}` })
    }
  })

export const lengthConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Severity of `too_short` and `too_long`.'),
  no_words_severity: z
    .enum(SEVERITIES)
    .default('high')
    .describe(
      'Severity of an answer of punctuation only. Answers of nothing at all are `empty` of the judge `truncation`.',
    ),
  bounds: z
    .array(bounds)
    .max(200)
    .default([])
    .describe('Bounds of answers. The first entry that selects a span counts.'),
})

export type LengthConfig = z.infer<typeof lengthConfig>
type Bounds = z.infer<typeof bounds>

/** Is the answer as long as it may be, and does it say anything? Turns that call tools, and failed calls, are not measured. */
export function createLengthJudge(config: LengthConfig): Judge {
  const entries = config.bounds.map((entry) => ({ entry, isSelected: createSelector(entry.where) }))

  function judge({ input }: Scanned<SpanInput>): Verdicts {
    const { span, texts } = input
    if (isOtherThanText(span)) return PASS
    const entry = entries.length === 0 ? undefined : entries.find(({ isSelected }) => isSelected(span))?.entry
    let verdicts: Verdict[] | undefined
    const marks = onlyMarks(texts)
    if (marks !== undefined && !isAboutMarks(requestOf(input))) verdicts = [noWords(marks)]
    if (entry === undefined) return verdicts ?? PASS
    const measured = outOfBounds(
      texts.filter(({ field }) => field === 'output'),
      entry,
    )
    return measured.length === 0 ? (verdicts ?? PASS) : [...(verdicts ?? []), ...measured]
  }

  function noWords(text: SpanText): Verdict {
    return verdictOf({
      label: 'no_words',
      severity: config.no_words_severity,
      explanation: 'The answer is made of punctuation only.',
      evidence: [evidenceAt(text, 0, text.text.length)],
      confidence: 0.9,
    })
  }

  /** The answer as a whole: the texts of all its parts together. */
  function outOfBounds(answers: readonly SpanText[], entry: Bounds): readonly Verdict[] {
    const verdicts: Verdict[] = []
    for (const unit of ['characters', 'words', 'sentences'] as const) {
      const [min, max] = [entry[`min_${unit}`], entry[`max_${unit}`]]
      if (min === undefined && max === undefined) continue
      const count = COUNTS[unit](answers)
      const isShort = min !== undefined && count < min
      if (!isShort && (max === undefined || count <= max)) continue
      const limit = isShort ? `at least ${min}` : `at most ${max}`
      const last = answers.at(-1)
      verdicts.push(
        verdictOf({
          label: isShort ? 'too_short' : 'too_long',
          severity: config.severity,
          explanation: `The answer has ${count} ${unit}, and ${limit} were allowed for.`,
          evidence: last === undefined ? [] : [evidenceAt(last, 0, last.text.length)],
          confidence: unit === 'sentences' ? 0.8 : 1,
        }),
      )
    }
    return verdicts
  }

  return createRuleJudge({
    name: 'length',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.output_captured && span.status !== 'error' && span.error_type === '',
    judge,
  })
}

const COUNTS = {
  characters: (answers: readonly SpanText[]) =>
    answers.reduce((sum, { text }) => {
      let count = 0
      for (const _ of text) count++
      return sum + count
    }, 0),
  words: (answers: readonly SpanText[]) => answers.reduce((sum, text) => sum + wordsOf(text).count, 0),
  sentences: (answers: readonly SpanText[]) => answers.reduce((sum, text) => sum + sentencesOf(text).count, 0),
}

function isOtherThanText({ output_messages }: LlmSpan): boolean {
  for (const { parts } of output_messages)
    for (const { type } of parts) if (type === 'tool_call' || type === 'media' || type === 'refusal') return true
  return false
}

/** Only ASCII and general punctuation, at least one: a sign such as ✓ or 👍, a letter or a digit is an answer. */
function isMarksOnly(text: string): boolean {
  let marks = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code <= 32 || code === 0xa0) continue
    const isMark =
      (code < 48 || (code > 57 && code < 65) || (code > 90 && code < 97) || (code > 122 && code < 127)) && code < 127
    if (!isMark && !(code >= 0x2010 && code <= 0x2027) && !(code >= 0x3001 && code <= 0x303f)) return false
    if (++marks > 2000) return true
  }
  return marks > 0
}

/** The first part of an answer all of whose parts are punctuation; parts of white space do not count. */
function onlyMarks(texts: readonly SpanText[]): SpanText | undefined {
  let first: SpanText | undefined
  for (let t = texts.length - 1; t >= 0; t--) {
    const text = texts[t]!
    if (text.field !== 'output') continue
    if (isMarksOnly(text.text)) first = text
    else if (text.text.trimStart() !== '') return undefined
  }
  return first
}

const MARK_WORDS = [
  'punctuation',
  'symbol',
  'character',
  'sign',
  'operator',
  'mark',
  'emoticon',
  'complete',
  'ascii',
  'bracket',
]
const isAboutMarks = (request: string) => MARK_WORDS.some((word) => request.includes(word))
