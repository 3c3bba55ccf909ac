import type { Evaluation, Evidence, Severity, Tier, Verdict } from '../schemas/evaluation.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'

/** Where a text stands in a span: what a pattern may be asked to look at. */
export type TextField =
  | 'system'
  | 'input'
  | 'output'
  | 'reasoning'
  | 'tool_call'
  | 'tool_response'
  | 'document'
  | 'query'

/** One text of a span, in the order of the span. `path` is the evidence path (schemas/evaluation.ts). */
export interface SpanText {
  readonly path: string
  readonly field: TextField
  /** Role of the message, '' outside messages. */
  readonly role: string
  readonly text: string
}

/** A pattern in RE2 syntax. All patterns of all judges compile into one set; a text is scanned once. */
export interface Pattern {
  /** Unique within its judge. */
  readonly id: string
  readonly source: string
  readonly case_insensitive?: boolean
  readonly fields: readonly TextField[]
}

/** A place where a pattern matched. Offsets are Unicode code points into the text at `path`. */
export interface Hit extends Evidence {
  readonly pattern: string
  readonly field: TextField
  readonly match: string
}

/** What a span judge sees: the span, its texts in order, and reference data where a run supplies it. */
export interface SpanInput {
  readonly span: LlmSpan
  readonly texts: readonly SpanText[]
}

export interface Scanned<Input> {
  readonly input: Input
  /** Hits of this judge's own patterns, in text order. */
  readonly hits: readonly Hit[]
}

export type Verdicts = readonly Verdict[]

/** The one interface of all judges, live and offline (architecture.md, "What a judge is"). */
export interface Judge<Input = SpanInput> {
  /** gen_ai.evaluation.name */
  readonly name: string
  /** Changes whenever its verdicts could change. */
  readonly version: string
  readonly tier: Tier
  readonly unit: 'span' | 'trace' | 'session'
  readonly patterns?: readonly Pattern[]
  applies(input: Input): boolean
  /** One list of verdicts per input, in order (several labels are several verdicts). Rule judges answer synchronously. */
  evaluate(inputs: readonly Scanned<Input>[], signal: AbortSignal): readonly Verdicts[] | Promise<readonly Verdicts[]>
}

export type { Evaluation, Evidence, Severity, Verdict }
