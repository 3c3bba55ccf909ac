import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Hit, Judge, Scanned, SpanInput, SpanText, TextField, Verdicts } from '../judge.ts'
import { PASS, PASS_CUT, placeOf, verdictOf } from '../verdicts.ts'
import { isFictionFrame } from './fiction-frame.ts'
import {
  INJECTION_PHRASES,
  type InjectionPhrase,
  PROMPT_INJECTION_LABELS,
  type PromptInjectionLabel,
} from './injection-phrases.ts'
import { endsInNoise } from './noisy-end.ts'
import { commonConfig, createRuleJudge, patternSource } from './rule-judge.ts'

export const promptInjectionConfig = z.strictObject({
  // Guardrails and evaluators quote attacks on purpose.
  ...commonConfig(
    ['llm', 'agent', 'chain', 'tool', 'retrieval', 'rerank', 'embedding', 'other'],
    ['input', 'tool_response', 'document', 'query'],
  ),
  severity: z.enum(SEVERITIES).default('high').describe('Severity of what users and applications write.'),
  indirect_severity: z
    .enum(SEVERITIES)
    .default('critical')
    .describe('Severity of what stands in documents and tool results: an attack on the user.'),
  /** A span fails when its score is below; the score is 1 minus the risk that all phrases of its riskiest text add up to. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Your own phrases (RE2, case-insensitive), with the risk of each. */
  phrases: z
    .array(z.strictObject({ source: patternSource, weight: z.number().min(0).max(1).default(0.8) }))
    .max(100)
    .default([]),
})

export type PromptInjectionConfig = z.infer<typeof promptInjectionConfig>

const SPOKEN_BY_MODEL = new Set(['assistant', 'model', 'ai'])
const NO_HITS: readonly Hit[] = Object.freeze([])
const SUFFIX = 'noisy_end'
const SUFFIX_RISK = 0.7
/** Phrases that say it is all not for real. */
const UNREAL = new Set(['not_for_real', 'fiction_wrapper'])
const FICTION_RISK = 0.6

/** Content that third parties write: an order there is an attack, whatever it asks for. */
const INDIRECT = new Set<TextField>(['tool_response', 'document'])

/**
 * Attempts to take over the model: overriding its instructions, extracting its prompt, posing as the system, jailbreak
 * personas, hidden or encoded orders, sending data out. Each text is judged alone; weak signs must come together.
 */
export function createPromptInjectionJudge(config: PromptInjectionConfig): Judge {
  const phrases: readonly InjectionPhrase[] = [
    ...INJECTION_PHRASES,
    ...config.phrases.map(({ source, weight }, index) => ({
      id: `custom:${index}`,
      label: 'custom' as const,
      weight,
      indirect_weight: weight,
      source,
    })),
  ]
  const looksAtInput = config.fields.includes('input')
  const byId = new Map(phrases.map((phrase) => [phrase.id, phrase]))

  const weightOf = ({ pattern, field }: Hit): number => {
    if (pattern === SUFFIX) return SUFFIX_RISK
    const phrase = byId.get(pattern)!
    return INDIRECT.has(field) ? phrase.indirect_weight : phrase.weight
  }
  /** What made it risky: signs without a weight of their own only where nothing else did. */
  const weighty = (hits: readonly Hit[]) => {
    const weighing = hits.filter((hit) => weightOf(hit) > 0)
    return weighing.length > 0 ? weighing : hits
  }
  const counts = (hit: Hit) => weightOf(hit) > 0 || (UNREAL.has(hit.pattern) && !INDIRECT.has(hit.field))
  const labelOf = ({ pattern }: Hit): PromptInjectionLabel =>
    pattern === SUFFIX ? 'adversarial_suffix' : byId.get(pattern)!.label

  /** Signs add up as independent ones: 1 - (1 - a)(1 - b); a phrase counts once a text. */
  function riskOf(hits: readonly Hit[], texts: readonly SpanText[]): number {
    const seen = new Set<string>()
    let passes = 1
    for (const hit of hits) {
      if (seen.has(hit.pattern)) continue
      seen.add(hit.pattern)
      passes *= 1 - weightOf(hit)
    }
    const { path, field } = hits[0]!
    const saysUnreal = !INDIRECT.has(field) && hits.some(({ pattern }) => UNREAL.has(pattern))
    if (saysUnreal && isFictionFrame(texts.find((text) => text.path === path)!.text)) passes *= 1 - FICTION_RISK
    return Math.round((1 - passes) * 1000) / 1000
  }

  function judge({ input, hits, cut }: Scanned<SpanInput>): Verdicts {
    const pass = cut ? PASS_CUT : PASS
    const suffixes = looksAtInput ? noisyEnds(input.texts) : NO_HITS
    if (hits.length === 0 && suffixes.length === 0) return pass
    // What the model itself said earlier is history, not input; a phrase of documents says nothing where users write.
    const signs = [...hits, ...suffixes].filter((hit) => !SPOKEN_BY_MODEL.has(hit.role) && counts(hit))
    const risky = [...Map.groupBy(signs, ({ path }) => path).values()]
      .map((inText) => ({ inText, risk: riskOf(inText, input.texts) }))
      .filter(({ risk }) => 1 - risk < config.threshold)
    if (risky.length === 0) return pass
    const risk = Math.max(...risky.map((text) => text.risk))
    const byLabel = Map.groupBy(
      risky.flatMap(({ inText }) => weighty(inText)),
      labelOf,
    )
    return PROMPT_INJECTION_LABELS.filter((label) => byLabel.has(label)).map((label) => {
      const found = byLabel.get(label)!
      const foreign = found.find(({ field }) => INDIRECT.has(field))
      const { path } = foreign ?? found[0]!
      const origin = foreign === undefined ? 'the input' : 'third-party content'
      return verdictOf({
        label,
        severity: foreign === undefined ? config.severity : config.indirect_severity,
        score: 1 - risk,
        passed: false,
        confidence: risk,
        explanation: `${TITLES[label]} in ${origin} (${path}, ${found.length} phrase${found.length === 1 ? '' : 's'}).`,
        evidence: found.map(placeOf),
      })
    })
  }

  return createRuleJudge({
    name: 'prompt_injection',
    code_version: '2.0.0',
    config,
    patterns: phrases
      .map(({ id, source, literals, weight, indirect_weight }) => ({
        id,
        source,
        ...(literals === undefined ? {} : { literals }),
        case_insensitive: true,
        // What could not count where it stands is not looked for there.
        fields: config.fields.filter((field) => UNREAL.has(id) || (INDIRECT.has(field) ? indirect_weight : weight) > 0),
      }))
      .filter(({ fields }) => fields.length > 0),
    judge,
  })
}

/** A hit for the end of each text of a user that a search for attacks may have written. */
function noisyEnds(texts: readonly SpanText[]): readonly Hit[] {
  let found: Hit[] | undefined
  for (const text of texts) {
    if (text.field !== 'input' || !endsInNoise(text.text)) continue
    const end = Array.from(text.text).length
    found ??= []
    found.push({ ...text, pattern: SUFFIX, start: Math.max(0, end - 120), end, match: '', before: '', after: '' })
  }
  return found ?? NO_HITS
}

const TITLES: Readonly<Record<(typeof PROMPT_INJECTION_LABELS)[number], string>> = {
  instruction_override: 'An attempt to override the instructions',
  prompt_extraction: 'An attempt to extract the prompt or a secret',
  role_spoofing: 'Text that poses as the system or another role',
  jailbreak: 'A jailbreak persona or licence to break the rules',
  encoded_payload: 'Hidden or encoded orders',
  exfiltration: 'An order to send data out',
  indirect_instruction: 'An order to the model',
  adversarial_suffix: 'A request that ends in noise, as attacks do that were searched by a machine,',
  custom: 'A phrase of your own list',
}
