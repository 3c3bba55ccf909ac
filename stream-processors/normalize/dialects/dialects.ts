import type { OtlpScopeSpans, OtlpSpan } from '../../../schemas/otlp/otlp.ts'
import type { Dialect } from '../field-table.ts'
import { CLAUDE_CODE } from './claude-code.ts'
import { GENERIC } from './generic.ts'
import { LANGFUSE } from './langfuse.ts'
import { OPENINFERENCE } from './openinference.ts'
import { OPENLLMETRY } from './openllmetry.ts'
import { OTEL_GENAI } from './otel-genai.ts'
import { VERCEL_AI } from './vercel-ai.ts'

/**
 * In the order in which they are asked; the last takes everything. The explicit ones come first: Langfuse and OpenInference
 * add their attributes to the spans of others.
 */
export const DIALECTS: readonly Dialect[] = [
  LANGFUSE,
  OPENINFERENCE,
  VERCEL_AI,
  OPENLLMETRY,
  CLAUDE_CODE,
  OTEL_GENAI,
  GENERIC,
]

export function dialectOf(span: OtlpSpan, scope: OtlpScopeSpans): Dialect {
  return DIALECTS.find((dialect) => dialect.matches(span, scope)) ?? GENERIC
}
