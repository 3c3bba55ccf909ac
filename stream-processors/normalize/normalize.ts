import type { ErrorCode } from '../../core/errors.ts'
import type { PriceList } from '../../core/prices.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { OtlpResourceSpans, OtlpScopeSpans, OtlpSpan } from '../../schemas/otlp/otlp.ts'
import { buildSpan } from './build-span.ts'
import { type Collect, createCollect } from './collect.ts'
import { DIALECTS, dialectOf } from './dialects/dialects.ts'
import { readResource } from './resource.ts'
import { createEarliestStart, timesOf } from './span-times.ts'

export interface NormalizeOptions {
  readonly prices: PriceList
}

export interface RecordContext {
  readonly project: string
  /** Append time of the record on the log, ms since 1970: the only clock a row sees. */
  readonly received_at: number
}

/** A span that cannot become a row: TIMESTAMP_MISSING, or UNEXPECTED for a bug of ours. */
export interface SpanFailure {
  readonly code: Extract<ErrorCode, 'TIMESTAMP_MISSING' | 'UNEXPECTED'>
  readonly trace_id: string
  readonly span_id: string
  /** Where the span's bytes lie in the record. */
  readonly byte_start: number
  readonly byte_end: number
  /** What was thrown; only with UNEXPECTED. */
  readonly cause?: unknown
}

export interface Normalized {
  readonly spans: readonly LlmSpan[]
  readonly failures: readonly SpanFailure[]
}

/**
 * Every span of a request as a canonical LlmSpan, in the order they were sent. Pure: the same record gives the same rows.
 * One span that fails costs no other.
 */
export type Normalize = (resourceSpans: readonly OtlpResourceSpans[], context: RecordContext) => Normalized

export function createNormalize({ prices }: NormalizeOptions): Normalize {
  const collectors = new Map<string, Collect>(DIALECTS.map((dialect) => [dialect.name, createCollect(dialect)]))

  function readSpan(span: OtlpSpan, scope: OtlpScopeSpans, record: RecordValues): LlmSpan | undefined {
    const times = timesOf(span, record.earliestStart)
    if (!times) return undefined
    const dialect = dialectOf(span, scope)
    const collected = (collectors.get(dialect.name) as Collect)(span.attributes)
    return buildSpan({ span, scope, dialect: dialect.name, times, collected, prices, ...record })
  }

  return function normalize(resourceSpans, context) {
    const spans: LlmSpan[] = []
    const failures: SpanFailure[] = []
    const earliestStart = createEarliestStart(resourceSpans)
    for (const resourceSpan of resourceSpans) {
      const record = { ...context, earliestStart, resource: readResource(resourceSpan.resource_attributes) }
      for (const scope of resourceSpan.scope_spans) {
        for (const span of scope.spans) {
          try {
            const read = readSpan(span, scope, record)
            if (read) spans.push(read)
            else failures.push(failureOf(span, 'TIMESTAMP_MISSING'))
          } catch (cause) {
            failures.push({ ...failureOf(span, 'UNEXPECTED'), cause })
          }
        }
      }
    }
    return { spans, failures }
  }
}

interface RecordValues extends RecordContext {
  readonly earliestStart: () => bigint
  readonly resource: ReturnType<typeof readResource>
}

function failureOf(span: OtlpSpan, code: SpanFailure['code']): SpanFailure {
  const { trace_id, span_id, byte_start, byte_end } = span
  return { code, trace_id, span_id, byte_start, byte_end }
}
