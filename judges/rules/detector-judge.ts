import { z } from 'zod'
import { SEVERITIES, type Severity } from '../../schemas/evaluation.ts'
import type { SpanKind } from '../../schemas/llm-span.ts'
import type { Hit, Judge, Pattern, Scanned, SpanInput, SpanText, TextField, Verdicts } from '../judge.ts'
import { masked, PASS, PASS_CUT, placeOf, verdictOf } from '../verdicts.ts'
import { commonConfig, createRuleJudge, patternSource, severitiesConfig } from './rule-judge.ts'

/** Judges that look for values: a table of patterns, each with a check that looks closer (checksum, entropy, context). */
export interface Detector<Label extends string> {
  readonly id: string
  readonly label: Label
  /** For a person: `e-mail address`. */
  readonly title: string
  readonly source: string
  readonly literals?: readonly string[]
  readonly min_digits?: number
  readonly hint?: RegExp
  readonly case_insensitive?: boolean
  readonly severity: Severity
  /** How sure it is, [0, 1], 0 for no; `test` for values that documentation and test systems use. Default 0.9. */
  readonly check?: (hit: Hit) => number | 'test'
  /** It is never surer than this: where that is not wanted, its pattern is not even looked for. */
  readonly at_most?: number
}

const LOWER_CONFIDENCE_FOR_CUSTOM = 0.8
const TEST_CONFIDENCE = 0.5

export function detectorConfig<const Labels extends readonly string[]>(
  labels: Labels,
  { kinds, fields }: { kinds: readonly SpanKind[]; fields: readonly TextField[] },
) {
  return z.strictObject({
    ...commonConfig(kinds, fields),
    /** One severity for all labels; without it each label has its own. */
    severity: z.enum(SEVERITIES).optional(),
    severities: severitiesConfig(labels),
    /** Findings below it are not reported. */
    min_confidence: z.number().min(0).max(1).default(0.5),
    /** Values that may stand in a text, such as the address of your own support. Compared as written. */
    allow: z.array(z.string().min(1)).default([]),
    /** Report test and documentation values too (severity low). */
    report_test_values: z.boolean().default(false),
    /** Your own patterns (RE2), reported with the label `custom`. */
    patterns: z
      .array(
        z.strictObject({
          id: z.string().min(1),
          source: patternSource,
          case_insensitive: z.boolean().default(false),
          severity: z.enum(SEVERITIES).default('high'),
        }),
      )
      .max(200)
      .default([]),
  })
}

export type DetectorConfig = z.infer<ReturnType<typeof detectorConfig<readonly string[]>>>

export interface DetectorJudge {
  readonly name: string
  readonly code_version: string
  readonly detectors: readonly Detector<string>[]
  /** What is found otherwise than by a pattern, in the texts of the configured fields. */
  readonly finders?: readonly ((text: SpanText) => readonly Found[])[]
  readonly config: DetectorConfig
}

/** A value and how sure it is that it is one. */
export interface Found {
  readonly hit: Hit
  readonly detector: Pick<Detector<string>, 'label' | 'title' | 'severity'>
  readonly confidence: number
}

interface Candidate extends Found {
  readonly isTest: boolean
}

const NOTHING: readonly Candidate[] = Object.freeze([])

export function createDetectorJudge({ name, code_version, detectors, finders = [], config }: DetectorJudge): Judge {
  const severityOf = (label: string, own: Severity) => config.severities[label] ?? config.severity ?? own
  const custom = config.patterns.map(
    (pattern): Detector<string> => ({
      ...pattern,
      id: `custom:${pattern.id}`,
      label: 'custom',
      title: `match of ${pattern.id}`,
      check: () => LOWER_CONFIDENCE_FOR_CUSTOM,
    }),
  )
  const active = [...detectors, ...custom].filter(
    ({ label, severity, at_most = 1 }) => severityOf(label, severity) !== 'none' && at_most >= config.min_confidence,
  )
  const byId = new Map(active.map((detector) => [detector.id, detector]))
  const allowed = new Set(config.allow)
  const fields = new Set(config.fields)

  function candidateOf(hit: Hit): Candidate | null {
    const detector = byId.get(hit.pattern)!
    if (allowed.has(hit.match)) return null
    const answer = detector.check === undefined ? 0.9 : detector.check(hit)
    const isTest = answer === 'test'
    if (isTest && !config.report_test_values) return null
    const confidence = isTest ? TEST_CONFIDENCE : answer
    return confidence > 0 && confidence >= config.min_confidence ? { hit, detector, confidence, isTest } : null
  }

  function foundIn(texts: readonly SpanText[]): readonly Candidate[] {
    let found: Candidate[] | undefined
    for (const text of texts) {
      if (!fields.has(text.field)) continue
      for (const finder of finders) {
        for (const one of finder(text)) {
          const isUnwanted =
            one.confidence < config.min_confidence ||
            allowed.has(one.hit.match) ||
            severityOf(one.detector.label, one.detector.severity) === 'none'
          if (isUnwanted) continue
          found ??= []
          found.push({ ...one, isTest: false })
        }
      }
    }
    return found ?? NOTHING
  }

  function judge({ input, hits, cut }: Scanned<SpanInput>): Verdicts {
    const others = finders.length === 0 ? NOTHING : foundIn(input.texts)
    if (hits.length === 0 && others.length === 0) return cut ? PASS_CUT : PASS
    const found = withoutOverlaps([...hits.map(candidateOf).filter((candidate) => candidate !== null), ...others])
    if (found.length === 0) return cut ? PASS_CUT : PASS
    const labels = [...new Set(found.map(({ detector }) => detector.label))]
    return labels.map((label) => {
      const group = found.filter(({ detector }) => detector.label === label)
      const first = group[0]!
      const isTest = group.every((candidate) => candidate.isTest)
      return verdictOf({
        label,
        severity: isTest ? 'low' : worst(group.map(({ detector }) => severityOf(label, detector.severity))),
        confidence: Math.max(...group.map(({ confidence }) => confidence)),
        explanation: explain(group.length, first, isTest),
        evidence: group.map(({ hit }) => placeOf(hit)),
      })
    })
  }

  const patterns = active.map(
    ({ id, source, literals, min_digits, hint, case_insensitive }): Pattern => ({
      id,
      source,
      ...(literals === undefined ? {} : { literals }),
      ...(min_digits === undefined ? {} : { min_digits }),
      ...(hint === undefined ? {} : { hint }),
      case_insensitive: case_insensitive === true,
      fields: config.fields,
    }),
  )
  // Values of documentation stay `low`, whatever their label is set to.
  return createRuleJudge({ name, code_version, config, sets_severities: true, patterns, judge })
}

function explain(count: number, { hit, detector }: Candidate, isTest: boolean): string {
  const more = count > 1 ? ` and ${count - 1} more` : ''
  const test = isTest ? ' (a test or documentation value)' : ''
  return `${detector.title} ${masked(hit.match)} in ${hit.path}${more}${test}`
}

function worst(severities: readonly Severity[]): Severity {
  return SEVERITIES[Math.max(...severities.map((severity) => SEVERITIES.indexOf(severity)))]!
}

/** Of two findings in the same place the surer one stays, of equally sure ones the longer; text order is kept. */
function withoutOverlaps(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length < 2) return candidates
  const length = ({ hit }: Candidate) => hit.end - hit.start
  const bestFirst = [...candidates].sort((a, b) => b.confidence - a.confidence || length(b) - length(a))
  const kept = new Set<Candidate>()
  for (const candidate of bestFirst) {
    const { path, start, end } = candidate.hit
    let isFree = true
    for (const { hit } of kept) if (hit.path === path && hit.start < end && start < hit.end) isFree = false
    if (isFree) kept.add(candidate)
  }
  return candidates.filter((candidate) => kept.has(candidate))
}
