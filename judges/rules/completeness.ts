import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Judge, Scanned, SpanInput, SpanText, Verdicts } from '../judge.ts'
import { isStopWord } from '../language/language.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { WORD, type Words, wordsOf } from '../words.ts'
import { answersOf, evidenceAt, isCodeItself } from './answer-text.ts'
import { type AskedPart, type AskedParts, askedParts, isMark, isOpenQuestion } from './asked-parts.ts'
import { createRuleJudge } from './rule-judge.ts'
import { unitOf } from './support.ts'

export const COMPLETENESS_LABELS = ['unanswered_part'] as const

export const completenessConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Severity of an answer that leaves a part out.'),
  min_words: z
    .number()
    .int()
    .min(1)
    .default(2)
    .describe(
      'A numbered part is judged by so many content words of its own, none of which the answer holds; a question without a number by one more.',
    ),
})

export type CompletenessConfig = z.infer<typeof completenessConfig>

/** Answers below this many words may be a list of values. */
const MIN_ANSWER_WORDS = 20
const DECLINES = /\b(?:sorry|cannot|can['’]t|unable|won['’]t|not able|don['’]t (?:know|have)|as an ai)\b/i

/**
 * Parts of a request, numbered or one question after the other, that the answer does not touch: no number, no heading, not
 * one content word of the part, while other parts are answered. Questions for a value (when, who, how many, yes or no),
 * refusals, questions back, and requests whose questions are material for a task pass.
 */
export function createCompletenessJudge(config: CompletenessConfig): Judge {
  function judge({ input }: Scanned<SpanInput>): Verdicts {
    const request = lastRequest(input)
    if (request === undefined) return PASS
    const asked = askedParts(request)
    if (asked === null) return PASS
    const answers = answersOf(input)
    if (answers.length === 0 || !isJudgeable(answers)) return PASS
    return verdicts(request, asked, answers)
  }

  function verdicts(request: SpanText, asked: AskedParts, answers: readonly SpanText[]): Verdicts {
    const words = wordsOf(request)
    const said = new Set<number>()
    let marks = 0
    for (const answer of answers) {
      const ofAnswer = wordsOf(answer)
      for (let i = 0; i < ofAnswer.count; i++) {
        said.add(unitOf(ofAnswer, i))
        if (isMark(answer.text, ofAnswer, i, marks + 1)) marks++
      }
    }
    const own = ownWords(words, asked.parts)
    const unanswered = asked.parts.filter((part, index) => {
      if (asked.is_numbered ? part.number <= marks : !isOpenQuestion(words, part)) return false
      const distinct = own[index]!
      const least = asked.is_numbered ? config.min_words : config.min_words + 1
      return distinct.length >= least && distinct.every((unit) => !said.has(unit))
    })
    const answered = own.filter((units) => units.some((unit) => said.has(unit))).length
    // An answer that touches no part says it in other words, or in another language.
    if (unanswered.length === 0 || answered === 0) return PASS
    if (!asked.is_numbered && unanswered.length > 1) return PASS
    return [
      verdictOf({
        label: 'unanswered_part',
        severity: config.severity,
        score: Math.round((1 - unanswered.length / asked.parts.length) * 100) / 100,
        passed: config.severity === 'none',
        confidence: asked.is_numbered ? 0.8 : 0.65,
        explanation: `Of ${asked.parts.length} parts of the request the answer leaves out: ${unanswered.map(({ number }) => number).join(', ')}.`,
        evidence: unanswered.map(({ start, end }) => evidenceAt(request, start, Math.max(start + 1, end))),
      }),
    ]
  }

  return createRuleJudge({
    name: 'completeness',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

function isJudgeable(answers: readonly SpanText[]): boolean {
  const words = answers.reduce((count, answer) => count + wordsOf(answer).count, 0)
  const last = answers.at(-1)!.text.trimEnd()
  return (
    words >= MIN_ANSWER_WORDS &&
    !last.endsWith('?') &&
    !answers.some(({ text }) => DECLINES.test(text) || isCodeItself(text))
  )
}

/** Of each part the content words that no other part has. */
function ownWords(words: Words, parts: readonly AskedPart[]): readonly (readonly number[])[] {
  const count = new Map<number, number>()
  const ofParts = parts.map(({ first_word, last_word }) => {
    const units = new Set<number>()
    for (let i = first_word; i < last_word; i++) {
      const isContent = words.kinds[i] === WORD && words.ends[i]! - words.starts[i]! > 2
      if (isContent && !isStopWord(words.hashes[i]!, 'en')) units.add(unitOf(words, i))
    }
    for (const unit of units) count.set(unit, (count.get(unit) ?? 0) + 1)
    return [...units]
  })
  return ofParts.map((units) => units.filter((unit) => count.get(unit) === 1))
}

/** The last message of the user, and only where it is the last thing said before the answer. */
function lastRequest({ span, texts }: SpanInput): SpanText | undefined {
  const last = span.input_messages.at(-1)
  if (last === undefined || last.role !== 'user' || last.parts.length !== 1) return undefined
  const path = `input/${span.input_messages.length - 1}/0`
  return texts.find((text) => text.path === path)
}
