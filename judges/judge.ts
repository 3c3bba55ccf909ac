import type { Evaluation, Evidence, Severity, Tier, Verdict } from '../schemas/evaluation.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import type { TraceWants } from './trace-wants.ts'

/** Where a text stands in a span: what a pattern may be asked to look at. */
export const TEXT_FIELDS = [
  'system',
  'input',
  'output',
  'reasoning',
  'tool_call',
  'tool_response',
  'document',
  'query',
] as const
export type TextField = (typeof TEXT_FIELDS)[number]

/** One text of a span, in the order of the span. `path` is the evidence path (schemas/evaluation.ts). */
export interface SpanText {
  readonly path: string
  readonly field: TextField
  /** Role of the message, '' outside messages. */
  readonly role: string
  readonly text: string
}

/**
 * A pattern in RE2 syntax. A text is scanned once for the literals of all judges and once, where it can matter, by one
 * RE2 set of the patterns that have none. With a capturing group, a hit is what group 1 matched, else the whole match. A
 * match longer than 512 characters may be missed in a long text.
 */
export interface Pattern {
  /** Unique within its judge. */
  readonly id: string
  readonly source: string
  /**
   * Every match holds one of these; without one in the text `source` is not tried. Either case matches; `|` at an end
   * asks for a word boundary.
   */
  readonly literals?: readonly string[]
  /** Every match has so many digits; where there are no literals it is also at most 64 characters long. */
  readonly min_digits?: number
  /**
   * Beside `min_digits`: every match holds a match of it. Tried before RE2, ten times as fast, so only where it cannot
   * backtrack far: never a user's.
   */
  readonly hint?: RegExp
  /** Folds as Unicode does: `s` also matches U+017F and `k` U+212A, so a validator must not take ASCII for granted. */
  readonly case_insensitive?: boolean
  readonly fields: readonly TextField[]
}

/** The source of a pattern whose hit says no more than that one of its literals stands in the text: the judge looks itself. */
export const ANY_TEXT = '^(?s:.)'

/** A place where a pattern matched. Offsets are Unicode code points into the text at `path`. */
export interface Hit extends Evidence {
  readonly pattern: string
  readonly field: TextField
  /** Role of the message, '' outside messages. */
  readonly role: string
  readonly match: string
  /** Up to 64 characters around the match, for validators that need context. */
  readonly before: string
  readonly after: string
}

/** What a span judge sees: the span, its texts in order, and reference data where a run supplies it. */
export interface SpanInput {
  readonly span: LlmSpan
  readonly texts: readonly SpanText[]
}

/** Spans of one trace that are judged together; the rest only count. */
export const MAX_TRACE_SPANS = 10_000

/** What a trace judge sees: one trace, as far as it has come in when it fell silent. */
export interface TraceInput {
  readonly project: string
  readonly trace_id: string
  /** In the order of their start, at most MAX_TRACE_SPANS; of a large trace without the texts that found no place. */
  readonly spans: readonly LlmSpan[]
  /** Of the whole trace. */
  readonly span_count: number
  /** Spans or texts are missing because the trace was too large. */
  readonly cut: boolean
}

export interface Scanned<Input> {
  readonly input: Input
  /** Hits of this judge's own patterns, in text order; at most 20 per pattern and text. */
  readonly hits: readonly Hit[]
  /** A text was longer than the scan limit, and its end was not looked at. */
  readonly cut: boolean
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
  /**
   * One list of verdicts per input, in order (several labels are several verdicts). An empty list: it has nothing to say about
   * this one after all, as if it did not apply. Rule judges answer synchronously.
   */
  evaluate(inputs: readonly Scanned<Input>[], signal: AbortSignal): readonly Verdicts[] | Promise<readonly Verdicts[]>
}

/** A rule judge of whole traces. Its patterns are not scanned: `hits` are empty. */
export interface TraceJudge extends Judge<TraceInput> {
  /** On top of `applies`, told before the trace is read: it is asked about these alone. */
  readonly wants: TraceWants
}

export type { Evaluation, Evidence, Severity, Verdict }
