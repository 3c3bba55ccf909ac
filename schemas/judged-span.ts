import type { Evaluation, SpanOutcome } from './evaluation.ts'
import type { LlmSpan } from './llm-span.ts'

/** A span with its tier-1 evaluations: what the first chain delivers. */
export interface JudgedSpan {
  readonly span: LlmSpan
  readonly evaluations: readonly Evaluation[]
  readonly outcome: SpanOutcome
}
