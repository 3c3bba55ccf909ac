import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { SpanInput, Verdict, Verdicts } from '../judge.ts'
import { errorVerdicts, PASS, verdictOf } from '../verdicts.ts'
import { LABEL, MAX_EVIDENCE } from './bundle.ts'

const MAX_VERDICTS = 20
const MAX_EXPLANATION = 1_000

const unit = z.number().min(0).max(1)
/** What a user's judge may leave out is filled in as for our own. */
const verdict = z
  .object({
    label: z.union([z.literal(''), z.string().regex(LABEL)]).default(''),
    severity: z.enum(SEVERITIES).optional(),
    score: unit.nullish(),
    passed: z.boolean().nullish(),
    confidence: unit.nullish(),
    explanation: z.string().default(''),
    evidence: z
      .array(z.object({ path: z.string().max(200), start: z.number().int().min(0), end: z.number().int().min(1) }))
      .max(1_000)
      .default([]),
  })
  .refine(({ label, passed }) => label !== '' || passed !== false, { path: ['label'], message: 'missing on a failure' })

const answer = z.union([
  z.literal(0),
  z.null(),
  z.object({ error: z.string().regex(/^\w{1,60}$/) }),
  z.array(verdict).min(1).max(MAX_VERDICTS),
])

/** It had nothing to say about this unit. */
export const NOT_CONCERNED: Verdicts = Object.freeze([])

export interface AnswerSource {
  readonly name: string
  /** null: any label. */
  readonly labels: readonly string[] | null
}

/**
 * One answer of a sandbox, which nobody vouches for, as verdicts. What is wrong with it becomes an error verdict that says
 * what, without a word of the answer. `input`: the span, for places in its texts; a trace has none.
 */
export function verdictsOf(raw: unknown, { name, labels }: AnswerSource, input: SpanInput | null): Verdicts {
  if (raw === 0) return PASS
  const parsed = answer.safeParse(raw)
  if (!parsed.success) return invalid(name, whatIsWrong(raw))
  const { data } = parsed
  if (data === null) return NOT_CONCERNED
  if (data === 0) return PASS
  if (!Array.isArray(data)) return errorVerdicts(`CUSTOM_JUDGE_FAILED: the judge ${name} failed with ${data.error}.`)
  const unknown = labels !== null && data.find(({ label }) => label !== '' && !labels.includes(label))
  if (unknown) return invalid(name, 'a label that is not in its `labels`')
  for (const { evidence } of data)
    if (!evidence.every((place) => isPlace(place, input))) return invalid(name, 'evidence that is not in the texts')
  return data.map(filledIn)
}

const invalid = (name: string, what: string): Verdicts =>
  errorVerdicts(`CUSTOM_JUDGE_ANSWER_INVALID: the judge ${name} answered ${what}.`)

/** The first path that is wrong; paths are ours, values are not repeated. */
function whatIsWrong(raw: unknown): string {
  if (!Array.isArray(raw)) return 'no list of verdicts'
  if (raw.length > MAX_VERDICTS) return `more than ${MAX_VERDICTS} verdicts`
  const issue = raw.map((one) => verdict.safeParse(one).error?.issues[0]).find((found) => found !== undefined)
  const field = String(issue?.path[0] ?? '')
  return field === '' ? 'something that is no verdict' : `a verdict with a wrong \`${field}\``
}

function filledIn(given: z.infer<typeof verdict>): Verdict {
  const severity = given.severity ?? (given.label === '' || given.passed === true ? 'none' : 'medium')
  const filled = verdictOf({
    label: given.label,
    severity,
    explanation: given.explanation.slice(0, MAX_EXPLANATION),
    evidence: given.evidence.slice(0, MAX_EVIDENCE).map(({ path, start, end }) => ({ path, start, end })),
    ...(given.passed !== undefined && { passed: given.passed }),
    ...(typeof given.score === 'number' && { score: given.score }),
    ...(typeof given.confidence === 'number' && { confidence: given.confidence }),
  })
  return given.score === null ? { ...filled, score: null } : filled
}

function isPlace({ path, start, end }: { path: string; start: number; end: number }, input: SpanInput | null): boolean {
  if (end <= start) return false
  const text = input?.texts.find((one) => one.path === path)?.text
  // Code points are at most as many as UTF-16 units; only near the end does it matter which.
  return text !== undefined && (end * 2 <= text.length || end <= Array.from(text).length)
}
