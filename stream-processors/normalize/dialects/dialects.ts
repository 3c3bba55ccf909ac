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
  const found = DIALECTS.find((dialect) => dialect.matches(span, scope)) ?? GENERIC
  return found === GENERIC ? dialectByPrefix(span) : found
}

/** Spans that carry a name or two of an SDK, and none of those by which it is known. */
function dialectByPrefix({ attributes }: OtlpSpan): Dialect {
  for (const name of attributes.keys()) {
    const known = PREFIXES.find(([prefix]) => name.startsWith(prefix))
    if (known) return known[1]
  }
  return GENERIC
}

const PREFIXES: readonly (readonly [string, Dialect])[] = [
  ['langfuse.', LANGFUSE],
  ['gen_ai.prompt.', OPENLLMETRY],
  ['gen_ai.completion.', OPENLLMETRY],
  ['gen_ai.', OTEL_GENAI],
  ['llm.prompts.', OPENLLMETRY],
  ['llm.completions.', OPENLLMETRY],
  ['llm.usage.', OPENLLMETRY],
  ['llm.request.', OPENLLMETRY],
  ['traceloop.', OPENLLMETRY],
  ['llm.', OPENINFERENCE],
  ['retrieval.documents', OPENINFERENCE],
  ['embedding.', OPENINFERENCE],
  ['reranker.', OPENINFERENCE],
  ...[
    'ai.prompt',
    'ai.response.',
    'ai.usage.',
    'ai.settings.',
    'ai.telemetry.',
    'ai.toolCall.',
    'ai.model.',
    'ai.value',
  ].map((prefix) => [prefix, VERCEL_AI] as const),
]
