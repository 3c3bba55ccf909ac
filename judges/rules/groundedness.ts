import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Judge, Pattern, Scanned, SpanInput, SpanText, Verdicts } from '../judge.ts'
import { isSameLanguage, languageBetween } from '../language/language.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { wordsOf } from '../words.ts'
import { evidenceAt, isCodeItself } from './answer-text.ts'
import { createRuleJudge } from './rule-judge.ts'
import { claimOf, riskOf, type Support, supportBy, supportOf, unknownWords } from './support.ts'

export const GROUNDEDNESS_LABELS = ['unsupported', 'unknown_numbers'] as const

export const groundednessConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm', 'agent', 'chain']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Severity of an answer that its documents do not support.'),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.17)
    .describe('An answer fails when its score is below. The score is lexical: 0.5 and up is usual.'),
  min_support: z
    .number()
    .min(0)
    .max(1)
    .default(0.4)
    .describe('An answer fails too when a smaller share of its content words stands in the documents.'),
  min_words: z
    .number()
    .int()
    .min(1)
    .default(8)
    .describe('Answers with fewer content words have a score and never fail.'),
  report_numbers: z
    .boolean()
    .default(false)
    .describe('Whether a number above 12 that stands nowhere fails an answer; right only where nothing is computed.'),
  tool_results: z.boolean().default(true).describe('Whether results of tools count as documents.'),
  context_in_prompt: z
    .boolean()
    .default(true)
    .describe('Whether a prompt with a marked context (`Context:`, `<documents>`) counts as one with documents.'),
})

export type GroundednessConfig = z.infer<typeof groundednessConfig>

const CONTEXT_MARK: Pattern = {
  id: 'context',
  source:
    '<(?:context|documents?|sources?|passages?|search_results)[ >]|(?:^|\\n)[^\\w\\n]{0,6}(?:(?:retrieved|relevant|provided|given|background|reference) )?(?:context|documents?|sources|passages?|search results|excerpts)(?: information)?(?: \\d+)?[^\\w\\n]{0,4}:',
  literals: ['context', 'document', 'source', 'passage', 'search results', 'search_results', 'excerpts'].map(
    (word) => `|${word}`,
  ),
  case_insensitive: true,
  fields: ['system', 'input'],
}
/** Documents below this say too little to hold an answer against them. UTF-16 code units of all of them. */
const MIN_GIVEN = 40
/** Of the texts that an answer could draw on, so much is read in all. */
const MAX_GIVEN = 256 * 1024
/** Fewer content words give no score. */
const MIN_SCORED = 1
const SCALE = 3
const NO_ANSWER =
  /\b(?:(?:do(?:es)?|did|is|are|was|were|has|have|could|can|would)(?: not|n['’]t)|cannot|unable to|no (?:information|mention|details?|data|results?|record)|not (?:enough|mentioned|specified|provided|available|stated|included|found)|unfortunately|sorry|leider|kein\w*|désolé|pas|lamentablemente|lo siento)\b/i
const OPENING = 300
const GLANCE = 200

/**
 * Whether the words, names and numbers of an answer stand in the documents, tool results and messages that it was given.
 * Lexical: it finds answers about something else and much that was added, and neither a wrong combination of right words
 * nor a good paraphrase. Answers without documents, short ones, code, answers that say that nothing was found, and answers
 * in another language than the documents pass.
 */
export function createGroundednessJudge(config: GroundednessConfig): Judge {
  function judge({ input, hits }: Scanned<SpanInput>): Verdicts {
    const answer = longestAnswer(input)
    if (answer === undefined) return PASS
    const given = givenTexts(input, config, hits.length > 0)
    if (given.length === 0 || isCodeItself(answer.text)) return PASS
    const language = glance(answer.text)
    const ofGiven = glance(given[0]!.text)
    if (language !== '' && ofGiven !== '' && !isSameLanguage(language, ofGiven)) return PASS
    const claim = claimOf(wordsOf(answer), language === '' ? 'en' : language)
    for (const text of given) supportBy(claim, wordsOf(text))
    const support = supportOf(claim)
    if (support.words < MIN_SCORED) return PASS
    return verdictsOf(support, answer, () => unknownWords(claim, language === '' ? 'en' : language))
  }

  function verdictsOf(support: Support, answer: SpanText, unknown: () => readonly number[]): Verdicts {
    const score = Math.round(Math.exp(-riskOf(support) / SCALE) * 1000) / 1000
    const share = support.supported / support.words
    const isUnsupported = support.words >= config.min_words && (score < config.threshold || share < config.min_support)
    const hasNumbers = config.report_numbers && support.unknown_numbers > 0
    if ((!isUnsupported && !hasNumbers) || NO_ANSWER.test(answer.text.slice(0, OPENING))) {
      return score === 1 ? PASS : [verdictOf({ ...PASSED, score, explanation: sentence(support) })]
    }
    const { starts, ends } = wordsOf(answer)
    const shown = isUnsupported ? unknown() : unknown().slice(0, support.unknown_numbers)
    return [
      verdictOf({
        label: isUnsupported ? 'unsupported' : 'unknown_numbers',
        severity: config.severity,
        score,
        passed: false,
        confidence: isUnsupported ? 0.8 : 0.6,
        explanation: sentence(support),
        evidence: shown.slice(0, 20).map((index) => evidenceAt(answer, starts[index]!, ends[index]!)),
      }),
    ]
  }

  return createRuleJudge({
    name: 'groundedness',
    code_version: '1.0.0',
    config,
    patterns: config.context_in_prompt ? [CONTEXT_MARK] : [],
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

/** The language that the beginning of a text shows, '' where it shows none. */
const glance = (text: string): string => languageBetween(text, 0, GLANCE)?.language ?? ''

const PASSED = { label: '', severity: 'none', passed: true, evidence: [] } as const

function sentence({ words, supported, unknown_numbers }: Support): string {
  const numbers =
    unknown_numbers === 0 ? '' : `, and ${unknown_numbers} number${unknown_numbers === 1 ? '' : 's'} nowhere`
  return `${supported} of ${words} content words stand in what was given${numbers}.`
}

/** Documents first, then all else that the answer could draw on; [] where the span has nothing to hold it against. */
function givenTexts({ texts }: SpanInput, config: GroundednessConfig, isMarked: boolean): readonly SpanText[] {
  const documents: SpanText[] = []
  const others: SpanText[] = []
  let length = 0
  let documentLength = 0
  for (const text of texts) {
    if (text.field === 'output' || text.field === 'reasoning' || text.field === 'tool_call') continue
    length += text.text.length
    if (length > MAX_GIVEN && documents.length > 0) return []
    if (text.field === 'document' || (config.tool_results && text.field === 'tool_response')) {
      documents.push(text)
      documentLength += text.text.length
    } else others.push(text)
  }
  const hasDocuments = documentLength >= MIN_GIVEN || (isMarked && length >= 4 * MIN_GIVEN)
  return hasDocuments ? [...documents, ...others] : []
}

function longestAnswer({ texts }: SpanInput): SpanText | undefined {
  let longest: SpanText | undefined
  for (const text of texts) {
    if (text.field === 'output' && text.text.length > (longest?.text.length ?? 0)) longest = text
  }
  return longest
}
