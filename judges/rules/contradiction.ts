import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Judge, Pattern, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { unitsOf } from '../text-units.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { MAX_WORDS_TEXT, sentencesOf, wordsOf } from '../words.ts'
import { codeRanges, evidenceAt, isInside } from './answer-text.ts'
import { createRuleJudge } from './rule-judge.ts'
import { CONTRARY_WORDS, type Statement, statementOf } from './statements.ts'

export const CONTRADICTION_LABELS = ['number_conflict', 'negation_conflict'] as const

export const contradictionConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Severity of an answer that contradicts itself.'),
  numbers: z.boolean().default(true).describe('Whether one quantity or date with two values is looked for.'),
  negations: z.boolean().default(true).describe('Whether a sentence and its contrary are looked for.'),
})

export type ContradictionConfig = z.infer<typeof contradictionConfig>

const CONTRARY_PATTERN: Pattern = {
  id: 'contrary',
  source: `\\b(?:${CONTRARY_WORDS.join('|')})\\b`,
  literals: CONTRARY_WORDS.map((word) => `|${word}|`),
  case_insensitive: true,
  fields: ['output'],
}
const MAX_STATEMENTS = 400
/** Lists, headings, tables, quotes and labels: sentences below different ones may speak about different things. */
const STRUCTURE = /^(?:[-*•#|>–]|\d{1,3}[.):]|[A-Za-z][.)] |\*\*)|:$/
/** Of a line this much is looked at. */
const LINE_START = 90
const QUOTES = /["“”«»]/

/**
 * An answer that says a thing and its contrary in English: two sentences that are the same but for their number or date, or
 * but for a `not` or an antonym. Rephrased contradictions need a model. Conditions, questions, opinions, quotes, steps,
 * stories about before and after pass; in structured answers only sentences of one line are compared.
 */
export function createContradictionJudge(config: ContradictionConfig): Judge {
  function judge({ input: { texts }, hits }: Scanned<SpanInput>): Verdicts {
    for (const text of texts) {
      if (text.field !== 'output' || (hits.length === 0 && !mayConflict(text.text))) continue
      const found = conflictIn(text)
      if (found !== null) return [found]
    }
    return PASS
  }

  function conflictIn(text: SpanText): Verdict | null {
    const sentences = sentencesOf(text)
    if (sentences.count < 2) return null
    const words = wordsOf(text)
    const bySignature = new Map<number, Statement[]>()
    const count = Math.min(sentences.count, MAX_STATEMENTS)
    for (let i = 0; i < count; i++) {
      const statement = statementOf(words, sentences, i)
      if (statement === null) continue
      const same = bySignature.get(statement.signature)
      if (same === undefined) bySignature.set(statement.signature, [statement])
      else {
        const other = same.find((earlier) => isConflict(earlier, statement))
        if (other !== undefined && isFair(text, other, statement)) return verdict(text, other, statement)
        if (same.length < 4) same.push(statement)
      }
    }
    return null
  }

  function isConflict(a: Statement, b: Statement): boolean {
    if (a.is_negated !== b.is_negated) return config.negations && a.value === b.value
    return config.numbers && !a.is_negated && a.value !== null && b.value !== null && a.value !== b.value
  }

  function verdict(text: SpanText, a: Statement, b: Statement): Verdict {
    const isNumber = a.is_negated === b.is_negated
    const { starts, ends } = sentencesOf(text)
    return verdictOf({
      label: isNumber ? 'number_conflict' : 'negation_conflict',
      severity: config.severity,
      passed: config.severity === 'none',
      confidence: 0.8,
      explanation: isNumber
        ? 'Two sentences say the same with different numbers.'
        : 'One sentence denies what another one says.',
      evidence: [a, b].map(({ sentence }) => evidenceAt(text, starts[sentence]!, ends[sentence]!)),
    })
  }

  return createRuleJudge({
    name: 'contradiction',
    code_version: '1.0.0',
    config,
    patterns: [CONTRARY_PATTERN],
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

function hasTwoNumbers(text: string): boolean {
  const length = Math.min(text.length, MAX_WORDS_TEXT)
  const units = unitsOf(text)
  let numbers = 0
  let before = false
  for (let i = 0; i < length; i++) {
    const isDigit = (units[i]! - 48) >>> 0 < 10
    if (isDigit && !before && ++numbers === 2) return true
    before = isDigit
  }
  return false
}

/** Most answers are told by this alone: two numbers, or a `not`. */
const mayConflict = (text: string): boolean =>
  hasTwoNumbers(text) ||
  text.includes(' not ') ||
  text.includes("n't ") ||
  text.includes('annot ') ||
  text.includes('n’t ')

/** Looked at only for the few pairs that collide: whether both are plain statements about one thing. */
function isFair(answer: SpanText, a: Statement, b: Statement): boolean {
  const { text } = answer
  const { starts, ends } = sentencesOf(answer)
  const code = codeRanges(text)
  for (const { sentence } of [a, b]) {
    const from = starts[sentence]!
    const to = ends[sentence]!
    if (text[to - 1] === '?' || QUOTES.test(text.slice(Math.max(0, from - 2), to + 1)) || isInside(code, from))
      return false
  }
  const isOneLine = !text.slice(starts[a.sentence]!, ends[b.sentence]!).includes('\n')
  return isOneLine || !hasStructure(text)
}

function hasStructure(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    if (STRUCTURE.test(text.slice(at, Math.min(end, at + LINE_START)).trim())) return true
    at = end + 1
  }
  return false
}
