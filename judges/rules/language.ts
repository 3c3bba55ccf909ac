import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Hit, Judge, Pattern, Scanned, SpanInput, SpanText, Verdicts } from '../judge.ts'
import { ANY_TEXT } from '../judge.ts'
import { isSameLanguage, languageBetween, languageOf, languageOfText } from '../language/language.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { createSelector, whereConfig } from '../where.ts'
import { evidenceAt } from './answer-text.ts'
import { LANGUAGE_NAMES, languageNamed } from './language-names.ts'
import { createRuleJudge } from './rule-judge.ts'

export const LANGUAGE_LABELS = ['not_declared_language', 'not_input_language'] as const

export const languageConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Severity of an answer in another language.'),
  expected: z
    .array(
      z.strictObject({
        where: whereConfig([]).prefault({}),
        languages: z
          .array(z.string().regex(/^[a-z]{2,3}$/))
          .min(1)
          .describe('Languages that an answer may be in (ISO 639, e.g. `de`).'),
      }),
    )
    .max(100)
    .default([])
    .describe('Languages of the answers of these spans; the first entry that names a span holds.'),
  from_instructions: z
    .boolean()
    .default(true)
    .describe('Whether an instruction such as "answer in German" declares the language.'),
  from_input: z
    .boolean()
    .default(true)
    .describe('Whether an answer must be in the language of the last message of the user where nothing is declared.'),
  min_confidence: z
    .number()
    .min(0.4)
    .max(1)
    .default(0.75)
    .describe('How sure the language of the answer, and of the input, must be.'),
})

export type LanguageConfig = z.infer<typeof languageConfig>

/** What is read where a quick look is enough, and at each end where it is not. UTF-16 code units. */
const GLANCE = 130
const END = 250
const MIN_ANSWER = 40
const MAX_EVIDENCE = 200

/** `in German`, `auf Deutsch`, `en français`: behind a word that asks for an answer, and not behind one that forbids it. */
const ASKS =
  /(?:^|[.!?:;,\n*-]\s*|\b(?:please|always|must|should|only|shall|will|you|to|and|then|can you|could you|bitte|immer|toujours|siempre|sempre)\s+)(?:answer|respond|reply|responses?|answers?|replies|write|speak|talk|communicate|output|explain|describe|summari[sz]e|give|tell|compose|draft|antworte\w*|schreib\w*|erklär\w*|réponds?|répondez|répondre|explique\w*|responde\w*|contesta\w*|escrib\w+|rispond\w+|antwoord\w*|отвечай\w*|ответь\w*|odpowiad\w+|svara)\b[^.!?\n]{0,36}?(?<=\s)(?:in|auf|en|em|op|på|по|на|po)\s+(?:plain\s+|simple\s+|fluent\s+|formal\s+)?$|^\s*(?:please\s+)?(?:in|auf|en|em|op|på|на|po)\s+$/iu
/** Talk about somebody who speaks a language: no instruction. */
const TELLS =
  /\b(?:how|what|why|when|where|who|did|does|do|learn\w*|want\w*|like|love|able|know|try\w*|people|they|he|she|wie|warum|comment|cómo|come)\b[^.!?\n]*$/iu
const ASKS_EAST_ASIAN = /(?:请用|請用|使用|用)\s*$/u
const FORBIDS = /\b(?:not|never|don't|don’t|nicht|nie|kein\w*|jamais|pas|nunca|no|non|не)\b|n't\b/iu

const isPlain = (name: string) => /^[a-z]+$/.test(name)

/** What is searched for by name is searched again by ourselves: an alternation this long costs RE2 a millisecond a hit. */
const NAME_PATTERN: Pattern = {
  id: 'name',
  source: ANY_TEXT,
  literals: LANGUAGE_NAMES.map((name) => (isPlain(name) ? `|${name}|` : name)),
  fields: ['system', 'input', 'query'],
}
const NAMES = new RegExp(
  `(?<![\\p{L}\\p{N}_])(?:${LANGUAGE_NAMES.filter(isPlain).join('|')})(?![\\p{L}\\p{N}_])|${LANGUAGE_NAMES.filter((name) => !isPlain(name)).join('|')}`,
  'giu',
)
/** Of a text, in UTF-16 units: instructions stand at its beginning or at its end. */
const MAX_NAMED = 16_384
const MAX_NAMES = 20
const BEFORE = 64

/** Translating, learning and quoting change the language by intention; so does the wish to have two of them. */
const TASK_WORDS = [
  ...[
    'translat',
    'bilingual',
    'multilingual',
    'vocabulary',
    'pronounc',
    'foreign language',
    'language tutor',
    'another language',
    'different language',
    'other language',
    'andere sprache',
    'anderen sprache',
    'autre langue',
    'otro idioma',
  ],
  ...['language teacher', 'language learn', 'traduct', 'traduc', 'traduir', 'traduis', 'traduz', 'tradur', 'tradu'],
  ...['übersetz', 'zweisprachig', 'vokabel', 'fremdsprach', 'vertaal', 'tłumacz', 'przetłumacz', 'översätt', 'oversæt'],
  ...[
    'oversett',
    'çevir',
    'перевед',
    'перевод',
    'переклад',
    '翻译',
    '翻譯',
    '翻訳',
    '번역',
    'ترجم',
    'अनुवाद',
    'localiz',
    'localis',
  ],
]
const TASK_PATTERN: Pattern = {
  id: 'task',
  source: ANY_TEXT,
  literals: TASK_WORDS,
  fields: ['system', 'input', 'query'],
}

/**
 * Whether an answer is in the language that the configuration or an instruction declares, else in that of the user's last
 * message. Undecided texts pass: short ones, code, JSON, mixtures, translations, lessons, and every input that speaks about
 * languages.
 */
export function createLanguageJudge(config: LanguageConfig): Judge {
  const rules = config.expected.map(({ where, languages }) => ({ isSelected: createSelector(where), languages }))

  function judge({ input, hits }: Scanned<SpanInput>): Verdicts {
    const answer = longestAnswer(input)
    if (answer === undefined) return PASS
    const configured = rules.find(({ isSelected }) => isSelected(input.span))?.languages
    if (configured !== undefined) return compare(answer, configured, 'not_declared_language')
    if (hits.length > 0) {
      if (!config.from_instructions || hits.some(({ pattern }) => pattern === 'task')) return PASS
      const declared = declaredBy(namesIn(input, hits))
      return declared === '' ? PASS : compare(answer, [declared], 'not_declared_language')
    }
    if (!config.from_input) return PASS
    const asked = lastRequest(input)
    if (asked === undefined || isPlainlyAlike(asked.text, answer.text)) return PASS
    const languages = languagesOfInput(input, asked)
    return languages.length === 0 ? PASS : compare(answer, languages, 'not_input_language')
  }

  /** Fails an answer that is surely in another language, at its beginning, its end, and all in all. */
  function compare(answer: SpanText, expected: readonly string[], label: (typeof LANGUAGE_LABELS)[number]): Verdicts {
    const found = languageOfText(answer)
    if (found === null || found.confidence < config.min_confidence) return PASS
    const isExpected = (language: string | undefined) =>
      language !== undefined && expected.some((one) => isSameLanguage(one, language))
    const { text } = answer
    if (isExpected(found.language) || isCode(text)) return PASS
    const ends = [languageBetween(text, 0, END), languageBetween(text, text.length - END, text.length)]
    if (ends.some((end) => isExpected(end?.language))) return PASS
    const source = label === 'not_input_language' ? 'the user wrote' : 'the instructions ask for'
    return [
      verdictOf({
        label,
        severity: config.severity,
        score: Math.round((1 - found.confidence) * 100) / 100,
        passed: false,
        confidence: found.confidence,
        explanation: `The answer is in "${found.language}"; ${source} "${expected.join('", "')}".`,
        evidence: [evidenceAt(answer, 0, Math.min(text.length, MAX_EVIDENCE))],
      }),
    ]
  }

  function languagesOfInput({ span, texts }: SpanInput, asked: SpanText): readonly string[] {
    const { text } = asked
    const found = languageOfText(asked)
    if (found === null || found.confidence < config.min_confidence || isCode(text)) return []
    // A question about a pasted text is in one language and the text in another: both ends must agree.
    const ends = [languageBetween(text, 0, END), languageBetween(text, text.length - END, text.length)]
    if (text.length > END && ends.some((end) => end === null || !isSameLanguage(end.language, found.language)))
      return []
    const system = texts.find(({ field }) => field === 'system')
    const ofSystem = system === undefined ? null : languageOf(system.text)
    // Instructions in English go with users of any language; others tell the language of the application.
    const others = ofSystem === null || ofSystem.language === 'en' ? [] : [ofSystem.language]
    return [found.language, ...others, ...earlierLanguages(span)]
  }

  return createRuleJudge({
    name: 'language',
    code_version: '1.0.2',
    config,
    patterns: [NAME_PATTERN, TASK_PATTERN],
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

/** A quick look, which is enough for most spans: the answer begins or ends in the language in which the request begins. */
function isPlainlyAlike(asked: string, answer: string): boolean {
  const language = languageBetween(asked, 0, GLANCE)?.language
  if (language === undefined) return true
  const first = languageBetween(answer, 0, GLANCE)?.language
  if (first !== undefined && isSameLanguage(first, language)) return true
  const last = languageBetween(answer, answer.length - GLANCE, answer.length)?.language
  return last !== undefined && isSameLanguage(last, language)
}

/** What stands in JSON or markup has the language of its schema. */
const isCode = (text: string) => '{[<'.includes(text.trimStart()[0] ?? '<')

function longestAnswer({ texts }: SpanInput): SpanText | undefined {
  let longest: SpanText | undefined
  for (const text of texts) {
    if (text.field === 'output' && text.text.length > (longest?.text.length ?? MIN_ANSWER - 1)) longest = text
  }
  return longest
}

function lastRequest({ texts }: SpanInput): SpanText | undefined {
  for (let i = texts.length - 1; i >= 0; i--) {
    const text = texts[i]!
    if (text.field === 'input' && text.role !== 'assistant') return text
  }
  return texts.find(({ field }) => field === 'query')
}

/** A user who changed languages may be answered in either. */
function earlierLanguages({ input_messages }: LlmSpan): readonly string[] {
  const languages: string[] = []
  for (const { role, parts } of input_messages.slice(-9, -1)) {
    if (role !== 'user') continue
    for (const { type, content } of parts) {
      const found = type === 'text' ? languageBetween(content, 0, END) : null
      if (found !== null) languages.push(found.language)
    }
  }
  return languages
}

interface NamedLanguage {
  readonly before: string
  readonly match: string
}

/** Names of languages in the texts that hold one, and what stands before each. */
function namesIn({ texts }: SpanInput, hits: readonly Hit[]): readonly NamedLanguage[] {
  const paths = new Set(hits.map(({ path }) => path))
  const found: NamedLanguage[] = []
  for (const { path, text } of texts) {
    if (!paths.has(path)) continue
    const ends = text.length <= 2 * MAX_NAMED ? [text] : [text.slice(0, MAX_NAMED), text.slice(text.length - MAX_NAMED)]
    for (const end of ends) {
      for (const { index, 0: match } of end.matchAll(NAMES)) {
        if (found.length >= MAX_NAMES) return found
        found.push({ before: end.slice(Math.max(0, index - BEFORE), index), match })
      }
    }
  }
  return found
}

/** The language of the last instruction; '' where a language is spoken about in another way, or several are asked for. */
function declaredBy(names: readonly NamedLanguage[]): string {
  let declared = ''
  for (const { before, match } of names) {
    const isAsked = (ASKS.test(before) && !TELLS.test(before)) || ASKS_EAST_ASIAN.test(before)
    const language = languageNamed(match)
    if (!isAsked || FORBIDS.test(before) || language === '') return ''
    // Instructions of the system may differ from those of the user: nobody can say which of them holds.
    if (declared !== '' && declared !== language) return ''
    declared = language
  }
  return declared
}
