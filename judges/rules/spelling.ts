import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import { type InstalledLanguage, installedLanguages, vocabularyOf } from '../dictionaries/dictionary-files.ts'
import { SPELLING_LANGUAGES } from '../dictionaries/spelling-languages.ts'
import type { Evidence, Judge, Scanned, SpanInput, SpanText, Verdicts } from '../judge.ts'
import { isSameLanguage, languageOf, languageOfText } from '../language/language.ts'
import { errorVerdicts, PASS, verdictOf } from '../verdicts.ts'
import { codePointsBefore } from '../words.ts'
import { isTooMany } from './prose.ts'
import { commonConfig, createRuleJudge } from './rule-judge.ts'
import { type Doubt, type Reading, readForSpelling } from './spelling-words.ts'

export const SPELLING_LABELS = ['misspelled'] as const

const languageNames = SPELLING_LANGUAGES.map(({ language }) => language)
const language = z.enum(languageNames as [string, ...string[]])

export const spellingConfig = z.strictObject({
  ...commonConfig(['llm'], ['output']),
  severity: z.enum(SEVERITIES).default('low'),
  languages: z
    .array(language)
    .default([])
    .describe('Languages to judge; default: all whose dictionaries are installed.'),
  dictionaries: z
    .partialRecord(language, z.string().min(1).max(1000))
    .default({})
    .describe('Hunspell files by language: the path without `.aff` and `.dic`, instead of the installed package.'),
  allow: z.array(z.string().min(1).max(60)).max(10_000).default([]).describe('Words that are right, in any case.'),
  min_misspelled: z.number().int().min(1).default(1).describe('Fewer misspelled words never fail an answer.'),
  max_per_100_words: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('More misspelled words per 100 fail an answer; of a single one twice as many.'),
})

export type SpellingConfig = z.infer<typeof spellingConfig>

/** Shorter texts are labels, names and numbers more often than prose. UTF-16 code units. */
const MIN_TEXT = 20
/** Doubtful words that are compared with the dictionary letter by letter, and their letters together. */
const MAX_COMPARED = 8
const MAX_COMPARED_LETTERS = 64
/** Characters of input and documents in which doubtful words are looked for. */
const MAX_SOURCE = 64 * 1024
const REPEATED = 3

/**
 * How many words per 100 of an answer look misspelled: words that the dictionary of the text's language does not know, and
 * that one letter more, less, other, or two exchanged would make a word of it. Other unknown words are left alone: names,
 * terms, other languages. So are words of the input, code, links, what stands in capitals, repeats, or is alone in quotes.
 */
export function createSpellingJudge(config: SpellingConfig): Judge {
  const { languages, missing } = installedLanguages(config.dictionaries)
  const chosen = ({ about }: InstalledLanguage) =>
    config.languages.length === 0 || config.languages.includes(about.language)
  const installed = new Map(languages.filter(chosen).map((one) => [one.about.language, one]))
  const allowed = new Set(config.allow.map((word) => word.toLowerCase()))
  const fields = new Set(config.fields)
  const limit = { at_least: config.min_misspelled, max_per_100_words: config.max_per_100_words }

  /** '' for what is not judged: another field, a label, no language that we could tell. */
  const languageIn = (text: SpanText) =>
    fields.has(text.field) && text.text.length >= MIN_TEXT ? (languageOfText(text)?.language ?? '') : ''

  /** Where no dictionary is there, nothing was judged, which is no pass. */
  function canJudge(text: SpanText): boolean {
    const language = languageIn(text)
    return installed.has(language) || missing.includes(language)
  }

  function judge({ input }: Scanned<SpanInput>): Verdicts {
    const reading: Reading = { words: 0, effort: 0, doubts: [] }
    for (const text of input.texts) {
      const language = languageIn(text)
      if (missing.includes(language)) return errorVerdicts(unavailable(language))
      const files = installed.get(language)
      if (files !== undefined) readForSpelling(text, vocabularyOf(files), reading)
    }
    return reading.doubts.length < config.min_misspelled ? PASS : weigh(input, reading)
  }

  function weigh(input: SpanInput, { words, doubts }: Reading): Verdicts {
    if (!isTooMany(doubts.length, words, limit)) return PASS
    const suspects = withoutTerms(doubts)
    if (!isTooMany(suspects.length, words, limit)) return PASS
    const compared = sampleOf(suspects)
    if (compared.length === 0) return PASS
    const near = compared.filter(({ word, vocabulary }) => vocabulary.resembles(word))
    if (near.length === 0) return PASS
    const sources = sourcesOf(input, fields)
    const misspelled = near.filter((doubt) => !sources.includes(doubt.word) && !isInForeignSentence(doubt))
    const count = Math.round((misspelled.length / compared.length) * suspects.length)
    if (!isTooMany(count, words, limit)) return PASS
    const rate = Math.round((count * 1000) / words) / 10
    const about = compared.length < suspects.length ? 'About ' : ''
    return [
      verdictOf({
        label: 'misspelled',
        severity: config.severity,
        score: Math.max(0, Math.round(100 - rate * 10) / 100),
        passed: false,
        confidence: 0.8,
        explanation: `${about}${count} of ${words} words look misspelled (${rate} per 100, at most ${config.max_per_100_words} are allowed).`,
        evidence: misspelled.map(placeOf),
      }),
    ]
  }

  /** Without what the user allows and what comes again and again: these are terms. A word counts once. */
  function withoutTerms(doubts: readonly Doubt[]): readonly Doubt[] {
    const times = new Map<string, number>()
    for (const { word } of doubts) times.set(word, (times.get(word) ?? 0) + 1)
    return doubts.filter(({ word }) => {
      const isSuspect = (times.get(word) ?? REPEATED) < REPEATED && !allowed.has(word)
      times.delete(word)
      return isSuspect
    })
  }

  // What is installed decides verdicts as the configuration does, and so belongs to the version.
  const found = [...installed.values()].flatMap(({ files }) => files.map(({ version }) => version))
  const settings = { ...config, found, missing }
  return createRuleJudge({
    name: 'spelling',
    code_version: '1.0.0',
    config: settings,
    concerns: ({ span, texts }) => span.status !== 'error' && texts.some(canJudge),
    judge,
  })
}

const unavailable = (language: string) =>
  `CONFIG_INVALID: the files that judges.spelling.dictionaries.${language} names cannot be read; correct the path or remove it.`

const placeOf = ({ text, start, end }: Doubt): Evidence => {
  const from = codePointsBefore(text.text, start)
  return { path: text.path, start: from, end: from + end - start }
}

const SENTENCE_ENDS = '.!?\n'
/** UTF-16 code units on either side. */
const SENTENCE_REACH = 150

/** Whether the sentence of the word is of another language than its text: a translation, a quotation, an example. */
function isInForeignSentence({ text: { text }, vocabulary, start, end }: Doubt): boolean {
  let from = start
  while (from > 0 && start - from < SENTENCE_REACH && !SENTENCE_ENDS.includes(text[from - 1]!)) from--
  let to = end
  while (to < text.length && to - end < SENTENCE_REACH && !SENTENCE_ENDS.includes(text[to]!)) to++
  const found = languageOf(text.slice(from, to))
  return found !== null && !isSameLanguage(found.language, vocabulary.language)
}

/** In lower case, all that the answer could have its words from. */
function sourcesOf({ texts }: SpanInput, judged: ReadonlySet<string>): string {
  let all = ''
  for (const { field, text } of texts as readonly SpanText[]) {
    if (judged.has(field) || all.length >= MAX_SOURCE) continue
    all += `${text.slice(0, MAX_SOURCE - all.length)}\n`
  }
  return all.toLowerCase().replaceAll('’', "'")
}

/** Evenly over the text; very long words are no typing errors that anybody could tell. */
function sampleOf(doubts: readonly Doubt[]): readonly Doubt[] {
  const chosen: Doubt[] = []
  let letters = 0
  const step = Math.max(1, doubts.length / MAX_COMPARED)
  for (let at = 0; at < doubts.length; at += step) {
    const doubt = doubts[Math.floor(at)]!
    letters += doubt.word.length
    if (letters > MAX_COMPARED_LETTERS) break
    chosen.push(doubt)
  }
  return chosen
}
