import { z } from 'zod'
import { patternProblem } from '../pattern-set.ts'

/** Without a literal a pattern sees every text: what it may cost there is bounded more tightly. */
const MAX_UNANCHORED_PROGRAM = 500
/** Of one list of patterns; the table of literals of all judges has 65,536 places. */
const MAX_LITERAL_CHARACTERS = 4_000

const bare = (literal: string) => literal.replace(/^\|/, '').replace(/(.)\|$/, '$1')

/** Literals of a user's pattern (judge.ts, Pattern). A single letter or digit stands in every text, and would save nothing. */
export const ownLiterals = z
  .array(
    z
      .string()
      .max(100)
      .refine((literal) => /^(?:..+|[^\p{L}\p{N}\s])$/su.test(bare(literal)), 'at least 2 characters, or a sign.'),
  )
  .min(1)
  .max(20)

interface OwnPattern {
  readonly source: string
  readonly literals?: readonly string[] | undefined
}

/** What a pattern costs where nothing says that it cannot match. Its source alone was checked before. */
export function checkReach({ source, literals }: OwnPattern, context: z.RefinementCtx): void {
  if (literals !== undefined || patternProblem(source) !== '') return
  const problem = patternProblem(source, MAX_UNANCHORED_PROGRAM)
  if (problem === '') return
  context.addIssue({ code: 'custom', path: ['source'], message: `${problem} With literals it may be larger.` })
}

export function checkLiterals(patterns: readonly OwnPattern[], context: z.RefinementCtx): void {
  const characters = patterns.flatMap(({ literals = [] }) => literals).reduce((sum, { length }) => sum + length, 0)
  if (characters <= MAX_LITERAL_CHARACTERS) return
  const message = `have ${characters} characters of literals, and at most ${MAX_LITERAL_CHARACTERS} are allowed.`
  context.addIssue({ code: 'custom', message })
}
