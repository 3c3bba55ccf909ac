import { z } from 'zod'
import { SEVERITIES, type Severity } from '../../schemas/evaluation.ts'
import type { LlmSpan, SpanKind } from '../../schemas/llm-span.ts'
import type { Verdict } from '../judge.ts'
import { verdictOf } from '../verdicts.ts'
import { createSelector, type Where, whereConfig } from '../where.ts'

/** What the judges of operation (latency, cost, token budget) share: limits that differ by span. */

/** A limit in the unit of its name; null for none. */
export const limit = (fallback: number | null, description: string) =>
  z.number().positive().nullable().default(fallback).describe(description)

type Limits = Readonly<Record<string, number | null>>

/**
 * A section with limits: one for each key, and `limits` for those that hold for some spans only. The first entry of
 * `limits` that selects a span counts; what it does not name stays as it is.
 */
export function limitsConfig<Shape extends Readonly<Record<string, ReturnType<typeof limit>>>>(
  kinds: readonly SpanKind[],
  shape: Shape,
) {
  const keys = Object.keys(shape) as [string, ...string[]]
  return z.strictObject({
    enabled: z.boolean().default(true),
    where: whereConfig(kinds).prefault({}),
    severity: z.enum(SEVERITIES).default('medium'),
    ...shape,
    limits: z
      .array(
        z.strictObject({
          where: whereConfig([]).prefault({}),
          set: z
            .partialRecord(z.enum(keys), z.number().positive().nullable())
            .describe('The limits that are different for these spans; null lifts one.'),
        }),
      )
      .max(200)
      .default([])
      .describe('Limits for some spans; the first entry whose `where` selects the span counts.'),
  })
}

interface WithLimits {
  readonly limits: readonly { readonly where: Where; readonly set: Readonly<Partial<Record<string, number | null>>> }[]
}

/** The limits of a span: `base`, with what the first fitting entry says otherwise. */
export function createLimits<const Base extends Limits>(config: WithLimits, base: Base): (span: LlmSpan) => Base {
  const entries = config.limits.map(({ where, set }) => ({
    isSelected: createSelector(where),
    limits: { ...base, ...set },
  }))
  if (entries.length === 0) return () => base
  return (span) => {
    for (const { isSelected, limits } of entries) if (isSelected(span)) return limits
    return base
  }
}

/** How far a measure may be off its limit before its score is 0. */
const WORST = 4

/** A finding of a measured value: the further off the limit, the lower the score (0.5 at the limit, 0 at four times). */
export function overLimit(
  label: string,
  explanation: string,
  { times, severity }: { readonly times: number; readonly severity: Severity },
): Verdict {
  const score = Math.max(0, 0.5 * (1 - (Math.min(times, WORST) - 1) / (WORST - 1)))
  return verdictOf({ label, severity, score, passed: false, confidence: 1, explanation, evidence: [] })
}

/** A number as a person reads it: three significant digits, no exponent. */
export const shown = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))

export const durationMs = ({ start_time, end_time }: LlmSpan) => Number(end_time - start_time) / 1e6
