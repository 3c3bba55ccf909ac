import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Hit, Judge, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { PASS, placeOf, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { wordsOf } from '../words.ts'
import { answersOf, codeRanges, isInside } from './answer-text.ts'
import { CITATION_PATTERNS, citedNumbers, DEMAND_PATTERN, isDemanded, mentionsSource } from './citation-forms.ts'
import { createRuleJudge } from './rule-judge.ts'
import { type NumberedSources, numberedSources } from './sources.ts'

export const CITATIONS_LABELS = ['unknown_citation', 'unknown_url', 'unknown_file', 'missing_citation'] as const
type Label = (typeof CITATIONS_LABELS)[number]

export const citationsConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm', 'agent', 'chain']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium').describe('Severity of a citation that points at no document.'),
  missing_severity: z.enum(SEVERITIES).default('low').describe('Severity of `missing_citation`.'),
  urls: z
    .boolean()
    .default(true)
    .describe('Whether links are checked, where documents or tool results hold links at all.'),
  files: z.boolean().default(true).describe('Whether cited file names are checked, where documents name files at all.'),
  require: z
    .enum(['asked', 'always', 'never'])
    .default('asked')
    .describe('When an answer with documents must cite: where the prompt asks for it, always, or never.'),
})

export type CitationsConfig = z.infer<typeof citationsConfig>

/** Words of an answer below which none need cite. */
const MIN_WORDS = 25
/** Of all texts that an answer could cite, so much is looked at. UTF-16 code units. */
const MAX_GIVEN = 512 * 1024
const SENTENCES: Readonly<Record<Label, string>> = {
  unknown_citation: 'Citations with a number that no document has',
  unknown_url: 'Links that stand in nothing that was given',
  unknown_file: 'Cited files that stand in nothing that was given',
  missing_citation: '',
}

/**
 * Citations of an answer that point at nothing: numbers above those of the documents, footnotes without a note, links and
 * file names that nothing in the call holds; and answers without any citation where the prompt asks for them. Spans without
 * documents, tool results or numbered sources in the prompt pass.
 */
export function createCitationsJudge(config: CitationsConfig): Judge {
  function judge({ input, hits }: Scanned<SpanInput>): Verdicts {
    if (hits.length === 0 && config.require !== 'always') return PASS
    const given = givenTexts(input)
    if (given === null) return PASS
    const sources = numberedSources(input.span.documents.length, given)
    if (!sources.has_sources) return PASS
    const cited = hits.filter((hit) => hit.field === 'output')
    const unknown = unknownOnes(input, cited, given, sources)
    if (unknown.length > 0) return unknown
    return isMissing(input, hits) ? [missing()] : PASS
  }

  function unknownOnes(
    input: SpanInput,
    cited: readonly Hit[],
    given: readonly SpanText[],
    sources: NumberedSources,
  ): readonly Verdict[] {
    const found = new Map<Label, Hit[]>()
    const ofAnswers = new Map(answersOf(input).map((text) => [text.path, { text, code: codeRanges(text.text) }]))
    const names = createNames(input, given)
    for (const hit of cited) {
      const answer = ofAnswers.get(hit.path)
      if (answer === undefined || isInCode(answer.text.text, answer.code, hit)) continue
      const label = labelOf(hit, answer.text.text)
      if (label !== '') found.set(label, [...(found.get(label) ?? []), hit])
    }
    return [...found].map(([label, hits]) =>
      verdictOf({
        label,
        severity: config.severity,
        passed: config.severity === 'none',
        confidence: label === 'unknown_citation' ? 0.9 : 0.75,
        explanation: `${SENTENCES[label]}: ${hits.length} of ${cited.length}.`,
        evidence: hits.map(placeOf),
      }),
    )

    function labelOf(hit: Hit, text: string): Label | '' {
      if (hit.pattern === 'url') return config.urls && names.isUnknownLink(hit.match) ? 'unknown_url' : ''
      if (hit.pattern === 'file') return config.files && names.isUnknownFile(hit) ? 'unknown_file' : ''
      if (hit.pattern === 'footnote') return text.includes(`[^${hit.match}]:`) ? '' : 'unknown_citation'
      const isUnknown =
        sources.has_numbers &&
        citedNumbers(hit).some((number) => number > sources.highest && !definesNote(text, number))
      return isUnknown ? 'unknown_citation' : ''
    }
  }

  function isMissing(input: SpanInput, hits: readonly Hit[]): boolean {
    if (config.require === 'never') return false
    if (config.require === 'asked' && !hits.some((hit) => hit.pattern === DEMAND_PATTERN.id && isDemanded(hit))) {
      return false
    }
    const answers = answersOf(input)
    const words = answers.reduce((count, text) => count + wordsOf(text).count, 0)
    return words >= MIN_WORDS && answers.every(({ text }) => !mentionsSource(text)) && !namesDocument(input, answers)
  }

  function missing(): Verdict {
    const asked = config.require === 'always' ? 'The configuration' : 'The prompt'
    return verdictOf({
      label: 'missing_citation',
      severity: config.missing_severity,
      passed: config.missing_severity === 'none',
      confidence: 0.7,
      explanation: `${asked} asks for citations, there is something to cite, and the answer cites nothing.`,
      evidence: [],
    })
  }

  return createRuleJudge({
    name: 'citations',
    code_version: '1.0.0',
    config,
    patterns: config.require === 'asked' ? [...CITATION_PATTERNS, DEMAND_PATTERN] : CITATION_PATTERNS,
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

/** All that an answer could cite; null where it is too much to look at. */
function givenTexts({ texts }: SpanInput): readonly SpanText[] | null {
  const given: SpanText[] = []
  let length = 0
  for (const text of texts) {
    if (text.field === 'output' || text.field === 'reasoning') continue
    length += text.text.length
    if (length > MAX_GIVEN) return null
    given.push(text)
  }
  return given
}

/** Hits count code points, code ranges UTF-16 units: where they differ, what stands before the hit decides. */
function isInCode(text: string, code: readonly number[], hit: Hit): boolean {
  if (code.length === 0) return false
  const around = `${hit.before}${hit.match}${hit.after}`
  const at = text.indexOf(around, Math.max(0, hit.start - hit.before.length))
  return at >= 0 && isInside(code, at + hit.before.length)
}

/** Whether the answer has a list of its own references: `[7] Title` or `7. Title` under a heading. */
function definesNote(text: string, number: number): boolean {
  return text.startsWith(`[${number}]`) || text.includes(`\n[${number}]`) || text.includes(`\n- [${number}]`)
}

/** An id or a title in the answer is a citation too. */
const namesDocument = ({ span }: SpanInput, answers: readonly SpanText[]): boolean =>
  span.documents.some(({ id }) => id.length >= 3 && answers.some(({ text }) => text.includes(id)))

interface Names {
  isUnknownLink(url: string): boolean
  isUnknownFile(hit: Hit): boolean
}

const OWN_HOSTS = /^https?:\/\/(?:localhost|127\.|(?:[\w-]+\.)*example\.(?:com|org|net))/i
const FILE = /\w\.(?:pdf|docx?|xlsx?|pptx?|csv|txt|md|html?)\b/i
const CITES =
  /(?:[[(]\s*(?:source:?\s*|see\s*|file:?\s*)?|\b(?:sources?|according to|see|quelle|siehe|laut|cited from)\W{1,4})$/i

function createNames({ span }: SpanInput, given: readonly SpanText[]): Names {
  const ids = span.documents.map(({ id }) => id).join('\n')
  const holds = (part: string) => ids.includes(part) || given.some(({ text }) => text.includes(part))
  const sources = given.filter(({ field }) => field === 'document' || field === 'tool_response' || field === 'input')
  return {
    isUnknownLink(url) {
      if (OWN_HOSTS.test(url) || !(ids.includes('://') || sources.some(({ text }) => text.includes('://'))))
        return false
      const bare = url
        .replace(/^https?:\/\/(?:www\.)?/i, '')
        .replace(/[#?].*$/, '')
        .replace(/[/.,;:!*_]+$/, '')
      return bare !== '' && !holds(bare)
    },
    isUnknownFile({ before, match }) {
      if (!CITES.test(before) || holds(match)) return false
      return FILE.test(ids) || given.some(({ text }) => FILE.test(text))
    },
  }
}
