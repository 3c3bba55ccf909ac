import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Hit, Judge, Pattern, Scanned, SpanInput, Verdicts } from '../judge.ts'
import { TEXT_FIELDS } from '../judge.ts'
import { PASS, PASS_CUT, placeOf, severityRank, verdictOf } from '../verdicts.ts'
import { createSelector, type Where, whereConfig } from '../where.ts'
import { checkLiterals, checkReach, ownLiterals } from './own-pattern.ts'
import { createRuleJudge, patternSource } from './rule-judge.ts'

export const CUSTOM_PATTERNS = 'custom_patterns'
const MAX_PATTERNS = 100

const label = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'small letters, digits and _, at most 64, a letter first.')
const customPattern = z
  .strictObject({
    name: label.describe('Its name, once in the list.'),
    label: label.describe('Label of the verdict; several patterns may share one.'),
    source: patternSource.describe('The pattern in RE2 syntax; with a group, what group 1 matched is the evidence.'),
    case_insensitive: z.boolean().default(false).describe('Whether case is ignored.'),
    literals: ownLiterals
      .optional()
      .describe(
        'Every match holds one of these, in either case (`|` at an end: a word boundary). Makes it nearly free.',
      ),
    fields: z.array(z.enum(TEXT_FIELDS)).min(1).default(['input', 'output']).describe('The texts it looks at.'),
    where: whereConfig([]).prefault({}).describe('The spans it looks at; by default all.'),
    severity: z.enum(SEVERITIES).default('medium').describe('How bad a match is; `none` is told and passes.'),
    explanation: z.string().max(500).default('').describe('For a person; the text that matched is never repeated.'),
  })
  .superRefine(checkReach)

/** The `judges.patterns` section: the user's own patterns, scanned together with those of all judges. */
export const customPatternsConfig = z
  .array(customPattern)
  .max(MAX_PATTERNS)
  .superRefine((patterns, context) => {
    const names = new Set<string>()
    for (const [index, { name }] of patterns.entries()) {
      if (names.has(name))
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'stands twice in the list.' })
      names.add(name)
    }
    checkLiterals(patterns, context)
  })
  .default([])
  .describe('Your own patterns, in RE2 syntax: judge `custom_patterns`.')

const EVERYWHERE = whereConfig([]).parse({})

export type CustomPatternsConfig = z.infer<typeof customPatternsConfig>

/** One judge of all the user's patterns: a verdict for each label with a match. null where there are none. */
export function createCustomPatternsJudge(config: CustomPatternsConfig): Judge | null {
  if (config.length === 0) return null
  const byName = new Map(
    config.map((pattern) => [pattern.name, { pattern, isSelected: createSelector(pattern.where) }]),
  )
  const selectors = [...byName.values()]
  /** Its version changes with all that a pattern says. */
  const versioned: { where: Where; patterns: CustomPatternsConfig } = { where: EVERYWHERE, patterns: config }

  function judge({ input, hits, cut }: Scanned<SpanInput>): Verdicts {
    const found = hits.filter(({ pattern }) => byName.get(pattern)!.isSelected(input.span))
    if (found.length === 0) return cut ? PASS_CUT : PASS
    const byLabel = new Map<string, Hit[]>()
    for (const hit of found) {
      const { label } = byName.get(hit.pattern)!.pattern
      byLabel.set(label, [...(byLabel.get(label) ?? []), hit])
    }
    return [...byLabel].map(([label, group]) => {
      const patterns = [...new Set(group.map((hit) => byName.get(hit.pattern)!.pattern))]
      const worst = patterns.reduce((a, b) => (severityRank(b.severity) > severityRank(a.severity) ? b : a))
      return verdictOf({
        label,
        severity: worst.severity,
        explanation:
          worst.explanation || `The pattern ${worst.name} matches in ${group[0]!.path}${more(group.length)}.`,
        evidence: group.map(placeOf),
      })
    })
  }

  return createRuleJudge({
    name: CUSTOM_PATTERNS,
    code_version: '1.0.0',
    config: versioned,
    patterns: config.map(
      ({ name, source, literals, case_insensitive, fields }): Pattern => ({
        id: name,
        source,
        ...(literals && { literals }),
        case_insensitive,
        fields,
      }),
    ),
    concerns: ({ span }) => selectors.some(({ isSelected }) => isSelected(span)),
    judge,
  })
}

const more = (count: number) => (count === 1 ? '' : ` and ${count - 1} more`)
