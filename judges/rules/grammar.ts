import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Evidence, Judge, Scanned, SpanInput, SpanText, Verdicts } from '../judge.ts'
import { languageOfText } from '../language/language.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { codePointsBefore } from '../words.ts'
import { GRAMMAR_LANGUAGES, GRAMMAR_RULES, type GrammarRule } from './grammar-rules.ts'
import { findGrammarErrors, type GrammarError } from './grammar-words.ts'
import { isTooMany } from './prose.ts'
import { commonConfig, createRuleJudge } from './rule-judge.ts'

export const GRAMMAR_LABELS = ['ungrammatical'] as const

export const grammarConfig = z.strictObject({
  ...commonConfig(['llm'], ['output']),
  severity: z.enum(SEVERITIES).default('low'),
  rules: z
    .array(z.enum(GRAMMAR_RULES))
    .min(1)
    .default([...GRAMMAR_RULES])
    .describe('The rules to apply; all but `repeated_word` and `missing_space` are of English alone.'),
  min_errors: z.number().int().min(1).default(1).describe('Fewer errors never fail an answer.'),
  max_per_100_words: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('More errors per 100 words fail an answer; of a single one twice as many.'),
})

export type GrammarConfig = z.infer<typeof grammarConfig>

/** Shorter texts are no sentences. UTF-16 code units. */
const MIN_TEXT = 20

interface Placed extends GrammarError {
  readonly text: SpanText
}

/** How many errors per 100 words a few sure rules find: what they let pass may still be wrong. */
export function createGrammarJudge(config: GrammarConfig): Judge {
  const fields = new Set(config.fields)
  const limit = { at_least: config.min_errors, max_per_100_words: config.max_per_100_words }
  const rules: ReadonlySet<GrammarRule> = new Set(config.rules)

  /** '' for what is not judged: another field, a label, a language without rules. */
  function languageIn(text: SpanText): string {
    if (!fields.has(text.field) || text.text.length < MIN_TEXT) return ''
    const language = languageOfText(text)?.language ?? ''
    return GRAMMAR_LANGUAGES.has(language) ? language : ''
  }

  function judge({ input }: Scanned<SpanInput>): Verdicts {
    let words = 0
    let errors: Placed[] | undefined
    for (const text of input.texts) {
      const language = languageIn(text)
      if (language === '') continue
      const found = findGrammarErrors(text, language, rules)
      words += found.words
      if (found.errors.length === 0) continue
      errors ??= []
      for (const error of found.errors) errors.push({ ...error, text })
    }
    if (errors === undefined || !isTooMany(errors.length, words, limit)) return PASS
    const rate = Math.round((errors.length * 1000) / words) / 10
    return [
      verdictOf({
        label: 'ungrammatical',
        severity: config.severity,
        score: Math.max(0, Math.round(100 - rate * 10) / 100),
        passed: false,
        confidence: 0.8,
        explanation: `${countsOf(errors)} in ${words} words (${rate} per 100, at most ${config.max_per_100_words} are allowed).`,
        evidence: errors.slice(0, 20).map(placeOf),
      }),
    ]
  }

  return createRuleJudge({
    name: 'grammar',
    code_version: '1.0.0',
    config,
    concerns: ({ span, texts }) => span.status !== 'error' && texts.some((text) => languageIn(text) !== ''),
    judge,
  })
}

function countsOf(errors: readonly Placed[]): string {
  const counts = new Map<GrammarRule, number>()
  for (const { rule } of errors) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  const parts = GRAMMAR_RULES.filter((rule) => counts.has(rule)).map((rule) => `${counts.get(rule)} ${rule}`)
  return `${errors.length} error${errors.length === 1 ? '' : 's'} (${parts.join(', ')})`
}

const placeOf = ({ text, start, end }: Placed): Evidence => {
  const from = codePointsBefore(text.text, start)
  return { path: text.path, start: from, end: from + codePointsBefore(text.text.slice(start, end), end - start) }
}
