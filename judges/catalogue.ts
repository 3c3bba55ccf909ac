import { z } from 'zod'
import type { Judge } from './judge.ts'
import { createOutputFormatJudge, outputFormatConfig } from './rules/output-format.ts'
import { createPiiJudge, piiConfig } from './rules/pii.ts'
import { createPromptInjectionJudge, promptInjectionConfig } from './rules/prompt-injection.ts'
import { createRefusalJudge, refusalConfig } from './rules/refusal.ts'
import { createSecretsJudge, secretsConfig } from './rules/secrets.ts'
import { createTruncationJudge, truncationConfig } from './rules/truncation.ts'

/**
 * The `judges:` section of evalforge.yaml, with all defaults. Reading it also tries every pattern and JSON Schema, so that
 * all that is wrong is listed at once, with paths. A new judge is a file in judges/rules, its golden cases, and a line in
 * each of these two lists.
 */
export const judgesConfig = z.strictObject({
  output_format: outputFormatConfig.prefault({}),
  truncation: truncationConfig.prefault({}),
  refusal: refusalConfig.prefault({}),
  pii: piiConfig.prefault({}),
  secrets: secretsConfig.prefault({}),
  prompt_injection: promptInjectionConfig.prefault({}),
})

export type JudgesConfig = z.infer<typeof judgesConfig>

/** The enabled judges, in the order of the catalogue. */
export function createRuleJudges(config: JudgesConfig): readonly Judge[] {
  const create: Readonly<Record<keyof JudgesConfig, () => Judge>> = {
    output_format: () => createOutputFormatJudge(config.output_format),
    truncation: () => createTruncationJudge(config.truncation),
    refusal: () => createRefusalJudge(config.refusal),
    pii: () => createPiiJudge(config.pii),
    secrets: () => createSecretsJudge(config.secrets),
    prompt_injection: () => createPromptInjectionJudge(config.prompt_injection),
  }
  const names = Object.keys(create) as (keyof JudgesConfig)[]
  return names.filter((name) => config[name].enabled).map((name) => create[name]())
}
