import type { z } from 'zod'
import type { Judge, SpanText } from '../judge.ts'
import { MAX_SCAN_LENGTH } from '../pattern-set.ts'
import { addressesIn } from './addresses.ts'
import { createDetectorJudge, detectorConfig, type Found } from './detector-judge.ts'
import { digitRuns } from './digit-runs.ts'
import { createIdentifierScan, hitAt } from './identifier-scan.ts'
import { IDENTIFIER_SEVERITIES, IDENTIFIERS } from './identifiers.ts'
import { PII_DETECTORS, PII_LABELS } from './pii-detectors.ts'

/** The system prompt is the application's own text and left out by default. */
export const piiConfig = detectorConfig(PII_LABELS, {
  kinds: [],
  fields: ['input', 'output', 'reasoning', 'tool_call', 'tool_response', 'document', 'query'],
})

const NOTHING: readonly Found[] = Object.freeze([])
const STREET_ADDRESS = { label: 'postal_address', title: 'street address', severity: 'medium' } as const
/** Below it a number is reported, and nobody is woken. */
const UNSURE = 0.6

/** Personal data that can be told from its form: every number with a checksum is checked, the rest needs its context. */
export function createPiiJudge(config: z.infer<typeof piiConfig>): Judge {
  const sightingsIn = createIdentifierScan(IDENTIFIERS, config.min_confidence)
  function findNumbers(text: SpanText): readonly Found[] {
    const runs = digitRuns(text.text, Math.min(text.text.length, MAX_SCAN_LENGTH))
    if (runs.length === 0) return NOTHING
    const identifiers = sightingsIn(text, runs)
    const addresses = addressesIn(text.text, runs)
    if (identifiers.length === 0 && addresses.length === 0) return NOTHING
    return [
      ...identifiers.map(({ kind: { label, title }, start, end, confidence }) => ({
        hit: hitAt(text, start, end),
        detector: { label, title, severity: confidence < UNSURE ? ('low' as const) : IDENTIFIER_SEVERITIES[label] },
        confidence,
      })),
      ...addresses.map(({ start, end, confidence }) => ({
        hit: hitAt(text, start, end),
        detector: STREET_ADDRESS,
        confidence,
      })),
    ]
  }
  const finders = [findNumbers]
  return createDetectorJudge({ name: 'pii', code_version: '2.0.0', detectors: PII_DETECTORS, finders, config })
}
