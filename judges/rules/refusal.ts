import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Hit, Judge, Scanned, SpanInput, Verdict, Verdicts } from '../judge.ts'
import { re2 } from '../re2.ts'
import { PASS, PASS_CUT, placeOf, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { finishKinds } from './finish-reasons.ts'
import { type Phrase, REFUSAL_PHRASES } from './refusal-phrases.ts'
import { createRuleJudge, patternSource } from './rule-judge.ts'

export const REFUSAL_LABELS = ['refusal', 'partial_refusal', 'provider_refusal', 'content_filter'] as const

export const refusalConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium'),
  /** A refusal that goes on to help. */
  partial_severity: z.enum(SEVERITIES).default('low'),
  /** An answer fails when its score is below; the score is 1 minus how sure the refusal is. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Your own refusal phrases (RE2, case-insensitive). */
  phrases: z.array(patternSource).max(100).default([]),
})

export type RefusalConfig = z.infer<typeof refusalConfig>

/** Position: a refusal opens the answer; the same words deep in a long text mostly talk about something else. */
const OPENING = 160
const EARLY = 500
const MAX_DIALOGUE = 8000
const HELPS_LATER = re2(
  '(?im)^\\s*(?:\\d+[.)]|[-*•]) \\S|```|\\b(?:however|that said|with that said|instead|but i can|but here|here (?:is|are)|i can (?:suggest|offer|provide|tell|share|help)|in general|generally|hypothetically|step 1)\\b',
)
/** Modesty: alone, and with help after them, they refuse nothing. */
const WEAK = new Set(['as_an_ai', 'no_knowledge'])
/** Who does not know a thing and asks for it refuses nothing. */
const ASKS_BACK = /[?？]\s*$/
const knowsNot = ({ match }: Hit) => /\bknow$/i.test(match)
/** "I can't recommend it enough", "I cannot thank you enough". */
const isPraise = ({ match, after }: Hit) =>
  /\b(?:recommend|praise|thank|stress|emphasi[sz]e|tell|express)(?: you)?$/i.test(match) &&
  /^[^.!?\n]{0,50}\b(?:enough|how (?:much|happy|glad|grateful))\b/i.test(after)
/** The name of a speaker at the start of a line: jailbroken models refuse in one voice and comply in another. */
const SPEAKER = re2('(?m)^\\W{0,4}(?:as )?[A-Z][\\w .+-]{1,24}[^\\w\\n]{0,8}(?:[:\\])])')
const OPEN_QUOTES = '“„«「‘'
const CLOSED_QUOTES = '”»」'

/**
 * Whether the model declined: by the provider's own word (a refusal part, a filter as finish reason) or by its text.
 * Phrases weigh by how sure they are, where they stand, and how many there are; quoted ones hardly count.
 */
export function createRefusalJudge(config: RefusalConfig): Judge {
  const phrases: readonly (Omit<Phrase, 'literals'> & Partial<Phrase>)[] = [
    ...REFUSAL_PHRASES,
    ...config.phrases.map((source, index) => ({ id: `custom:${index}`, weight: 0.9, source })),
  ]
  const weights = new Map(phrases.map(({ id, weight }) => [id, weight]))

  function judge({ input, hits: found, cut }: Scanned<SpanInput>): Verdicts {
    const byProvider = providerVerdict(input, config)
    if (byProvider !== null) return [byProvider]
    const hits = found.length === 0 ? found : found.filter((hit) => !isPraise(hit))
    if (hits.length === 0) return cut ? PASS_CUT : PASS
    const answer = input.texts.filter(({ field }) => field === 'output')
    const length = answer.reduce((sum, { text }) => sum + text.length, 0)
    const first = answer.find(({ path }) => path === hits[0]!.path)!
    const helps = length > 150 && (HELPS_LATER.test(first.text) || anotherVoiceAnswers(first.text, hits))
    const isWeak = hits.every(({ pattern }) => WEAK.has(pattern))
    const asks = ASKS_BACK.test(answer.at(-1)!.text) && hits.every((hit) => WEAK.has(hit.pattern) || knowsNot(hit))
    const risk = riskOf(hits, length, weights) * ((helps && isWeak) || asks ? 0.5 : 1)
    if (1 - risk >= config.threshold) return cut ? PASS_CUT : PASS
    const isPartial = helps && length > 300
    const opening = hits[0]!.start < OPENING ? 'opens the answer' : 'stands in the answer'
    return [
      verdictOf({
        label: isPartial ? 'partial_refusal' : 'refusal',
        severity: isPartial ? config.partial_severity : config.severity,
        score: 1 - risk,
        passed: false,
        confidence: risk,
        explanation: `A refusal ${opening}${isPartial ? ', and help follows' : ''} (${hits.length} phrase${hits.length === 1 ? '' : 's'}).`,
        evidence: hits.map(placeOf),
      }),
    ]
  }

  return createRuleJudge({
    name: 'refusal',
    code_version: '1.1.0',
    config,
    patterns: phrases.map(({ weight: _, ...phrase }) => ({ ...phrase, case_insensitive: true, fields: ['output'] })),
    concerns: ({ span }) => span.output_captured || span.finish_reasons.length > 0,
    judge,
  })
}

/** [0, 1]: independent signs add up as 1 - (1 - a)(1 - b); each kind of phrase counts once. */
function riskOf(hits: readonly Hit[], length: number, weights: ReadonlyMap<string, number>): number {
  const strongest = new Map<string, number>()
  for (const hit of hits) {
    const weight = (weights.get(hit.pattern) ?? 0) * positionFactor(hit, length)
    strongest.set(hit.pattern, Math.max(strongest.get(hit.pattern) ?? 0, weight))
  }
  let passes = 1
  for (const weight of strongest.values()) passes *= 1 - weight * 0.85
  return Math.round((1 - passes) * 1000) / 1000
}

/** Whether a second speaker begins after the first refusal and does not refuse within the next 300 characters. */
function anotherVoiceAnswers(text: string, hits: readonly Hit[]): boolean {
  const matcher = SPEAKER.matcher(text.slice(0, MAX_DIALOGUE))
  while (matcher.find()) {
    const start = matcher.start()
    if (start <= hits[0]!.start) continue
    return !hits.some((hit) => hit.start >= start && hit.start < start + 300)
  }
  return false
}

function positionFactor({ start, before }: Hit, length: number): number {
  if (isQuoted(before)) return 0.15
  if (start < OPENING) return 1
  if (start < EARLY) return 0.65
  return length < 1500 ? 0.4 : 0.25
}

/** Whether a quotation opens in what stands before, and does not close: somebody in a story says it. */
function isQuoted(before: string): boolean {
  for (let i = before.length - 1; i >= 0 && before[i] !== '\n'; i--) {
    const character = before[i]!
    if (OPEN_QUOTES.includes(character)) return true
    if (CLOSED_QUOTES.includes(character)) return false
    if (character === '"') return (i === 0 || /[\s(–—-]/.test(before[i - 1]!)) && !/\s/.test(before[i + 1] ?? 'x')
  }
  return false
}

function providerVerdict({ span }: SpanInput, config: RefusalConfig): Verdict | null {
  const { severity } = config
  for (let m = 0; m < span.output_messages.length; m++) {
    const { parts } = span.output_messages[m]!
    const p = parts.findIndex(({ type }) => type === 'refusal')
    if (p < 0) continue
    const end = Array.from(parts[p]!.content).length
    const evidence = end === 0 ? [] : [{ path: `output/${m}/${p}`, start: 0, end }]
    const explanation = 'The provider marks the answer as a refusal.'
    return verdictOf({
      label: 'provider_refusal',
      severity,
      score: 0,
      passed: false,
      explanation,
      evidence,
      confidence: 1,
    })
  }
  if (!finishKinds(span).has('filter')) return null
  const explanation = "The provider's content filter ended the answer."
  return verdictOf({
    label: 'content_filter',
    severity,
    score: 0,
    passed: false,
    explanation,
    evidence: [],
    confidence: 1,
  })
}
