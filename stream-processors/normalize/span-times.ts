import type { OtlpResourceSpans, OtlpSpan } from '../../schemas/otlp/otlp.ts'

export interface SpanTimes {
  readonly start_time: bigint
  readonly end_time: bigint
  readonly time_inferred: boolean
  /** Whether the sender gave an end: without one the span is still open. */
  readonly is_finished: boolean
}

/**
 * The span's times, each inferred where the sender gave none: one from the other, else the earliest start of the request.
 * undefined where there is no time at all (TIMESTAMP_MISSING).
 */
export function timesOf(span: OtlpSpan, earliestStart: () => bigint): SpanTimes | undefined {
  const { start_time_unix_nano: start, end_time_unix_nano: end } = span
  const is_finished = end !== 0n
  if (start !== 0n && end >= start) return { start_time: start, end_time: end, time_inferred: false, is_finished }
  const start_time = start || end || earliestStart()
  if (start_time === 0n) return undefined
  return { start_time, end_time: start_time, time_inferred: true, is_finished }
}

/** The earliest start in the request, found on first use; 0n where no span has any. */
export function createEarliestStart(resourceSpans: readonly OtlpResourceSpans[]): () => bigint {
  let earliest: bigint | undefined
  return () => {
    earliest ??= findEarliest(resourceSpans)
    return earliest
  }
}

function findEarliest(resourceSpans: readonly OtlpResourceSpans[]): bigint {
  let earliest = 0n
  for (const { scope_spans } of resourceSpans) {
    for (const { spans } of scope_spans) {
      for (const { start_time_unix_nano: start } of spans) {
        if (start !== 0n && (earliest === 0n || start < earliest)) earliest = start
      }
    }
  }
  return earliest
}
