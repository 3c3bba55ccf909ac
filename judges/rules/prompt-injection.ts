import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Hit, Judge, Scanned, SpanInput, TextField, Verdicts } from '../judge.ts'
import { PASS, PASS_CUT, placeOf, verdictOf } from '../verdicts.ts'
import { INJECTION_PHRASES, type InjectionPhrase, PROMPT_INJECTION_LABELS } from './injection-phrases.ts'
import { commonConfig, createRuleJudge, patternSource } from './rule-judge.ts'

export const promptInjectionConfig = z.strictObject({
  // Guardrails and evaluators quote attacks on purpose.
  ...commonConfig(
    ['llm', 'agent', 'chain', 'tool', 'retrieval', 'rerank', 'embedding', 'other'],
    ['input', 'tool_response', 'document', 'query'],
  ),
  severity: z.enum(SEVERITIES).default('high'),
  /** A span fails when its score is below; the score is 1 minus the risk that all phrases of its riskiest text add up to. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Your own phrases (RE2, case-insensitive), with the risk of each. */
  phrases: z
    .array(z.strictObject({ source: patternSource, weight: z.number().min(0).max(1).default(0.8) }))
    .max(100)
    .default([]),
})

export type PromptInjectionConfig = z.infer<typeof promptInjectionConfig>

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
  const byId = new Map(phrases.map((phrase) => [phrase.id, phrase]))

  /** Signs add up as independent ones: 1 - (1 - a)(1 - b); a phrase counts once a text. */
  function riskOf(hits: readonly Hit[]): number {
    const seen = new Set<string>()
    let passes = 1
    for (const { pattern, field } of hits) {
      if (seen.has(pattern)) continue
      seen.add(pattern)
      const phrase = byId.get(pattern)!
      passes *= 1 - (INDIRECT.has(field) ? phrase.indirect_weight : phrase.weight)
    }
    return Math.round((1 - passes) * 1000) / 1000
  }

  function judge({ hits, cut }: Scanned<SpanInput>): Verdicts {
    const pass = cut ? PASS_CUT : PASS
    // What the model itself said earlier is history, not input.
    const written = hits.filter(({ role }) => role !== 'assistant' && role !== 'model' && role !== 'ai')
    if (written.length === 0) return pass
    const byText = Map.groupBy(written, ({ path }) => path)
    const risky = [...byText.values()]
      .map((inText) => ({ inText, risk: riskOf(inText) }))
      .filter(({ risk }) => 1 - risk < config.threshold)
    if (risky.length === 0) return pass
    const risk = Math.max(...risky.map((text) => text.risk))
    const byLabel = Map.groupBy(
      risky.flatMap(({ inText }) => inText),
      ({ pattern }) => byId.get(pattern)!.label,
    )
    return PROMPT_INJECTION_LABELS.filter((label) => byLabel.has(label)).map((label) => {
      const found = byLabel.get(label)!
      const { field, path } = found[0]!
      const origin = INDIRECT.has(field) ? 'third-party content' : 'the input'
      return verdictOf({
        label,
        severity: config.severity,
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
    code_version: '1.0.0',
    config,
    patterns: phrases.map(({ id, source, literals }) => ({
      id,
      source,
      ...(literals === undefined ? {} : { literals }),
      case_insensitive: true,
      fields: config.fields,
    })),
    judge,
  })
}

const TITLES: Readonly<Record<(typeof PROMPT_INJECTION_LABELS)[number], string>> = {
  instruction_override: 'An attempt to override the instructions',
  prompt_extraction: 'An attempt to extract the prompt or a secret',
  role_spoofing: 'Text that poses as the system or another role',
  jailbreak: 'A jailbreak persona or licence to break the rules',
  encoded_payload: 'Hidden or encoded orders',
  exfiltration: 'An order to send data out',
  indirect_instruction: 'An order to the model',
  custom: 'A phrase of your own list',
}
