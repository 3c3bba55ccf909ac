import type { z } from 'zod'
import { type Judge, TEXT_FIELDS } from '../judge.ts'
import { createDetectorJudge, detectorConfig } from './detector-judge.ts'
import { SECRET_LABELS } from './provider-keys.ts'
import { SECRET_DETECTORS } from './secret-detectors.ts'

export const secretsConfig = detectorConfig(SECRET_LABELS, { kinds: [], fields: TEXT_FIELDS })

/** Credentials: the formats of known providers, and assignments to words like `password` judged by their entropy. */
export function createSecretsJudge(config: z.infer<typeof secretsConfig>): Judge {
  return createDetectorJudge({ name: 'secrets', code_version: '1.1.0', detectors: SECRET_DETECTORS, config })
}
