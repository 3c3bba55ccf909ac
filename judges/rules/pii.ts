import type { z } from 'zod'
import type { Judge } from '../judge.ts'
import { createDetectorJudge, detectorConfig } from './detector-judge.ts'
import { PII_DETECTORS, PII_LABELS } from './pii-detectors.ts'

/** The system prompt is the application's own text and left out by default. */
export const piiConfig = detectorConfig(PII_LABELS, {
  kinds: [],
  fields: ['input', 'output', 'reasoning', 'tool_call', 'tool_response', 'document', 'query'],
})

/** Personal data that can be told from its form: every number with a checksum is checked, the rest needs its context. */
export function createPiiJudge(config: z.infer<typeof piiConfig>): Judge {
  return createDetectorJudge({ name: 'pii', code_version: '1.0.0', detectors: PII_DETECTORS, config })
}
