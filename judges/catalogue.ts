import { z } from 'zod'
import type { Judge } from './judge.ts'
import { createPiiJudge, piiConfig } from './rules/pii.ts'
import { createSecretsJudge, secretsConfig } from './rules/secrets.ts'

/** All rule judges. Adding one is a file in judges/rules, its golden cases, and a line in each of these two lists. */
export const judgesConfig = z.strictObject({
  secrets: secretsConfig.prefault({}),
  pii: piiConfig.prefault({}),
})

/** The `judges:` section of evalforge.yaml, with all defaults. Its schema also tries every pattern and JSON Schema. */
export type JudgesConfig = z.infer<typeof judgesConfig>

/** The enabled judges, in the order of the catalogue. */
export function createRuleJudges(config: JudgesConfig): readonly Judge[] {
  const judges: Judge[] = []
  if (config.secrets.enabled) judges.push(createSecretsJudge(config.secrets))
  if (config.pii.enabled) judges.push(createPiiJudge(config.pii))
  return judges
}
