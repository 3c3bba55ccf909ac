import type { Reject } from '../core/component.ts'
import type { ErrorCode } from '../core/errors.ts'
import { createItemExtractor } from '../schemas/otlp/records.ts'

/** A span of a record that cannot become a row. */
export interface FailedSpan {
  readonly code: ErrorCode
  /** Never quotes customer text. */
  readonly message: string
  /** Where its message body begins in the record. */
  readonly byte_start: number
}

/** Letters of one span each that one record may cause. */
const MAX_SINGLE_LETTERS = 1_000
/** Bytes of such letters, as a multiple of their record's. */
const MAX_GROWTH = 4

/**
 * A dead letter per span: a request with that span, its resource and its scope. A resource may be large and the spans of
 * a record many: when their letters outgrow the record, the spans that are left share one letter per code.
 */
export function spanLetters(body: Uint8Array, failed: readonly FailedSpan[]): Reject[] {
  if (failed.length === 0) return []
  const extract = createItemExtractor(body)
  const letters: Reject[] = []
  let bytes = 0
  const letter = (code: ErrorCode, message: string, byte_starts: readonly number[]): void => {
    const value = extract(byte_starts)
    bytes += value.length
    letters.push({ code, message, component: 'normalize', value, index: letters.length })
  }
  const left = new Map<ErrorCode, FailedSpan[]>()
  for (const span of failed) {
    if (letters.length < MAX_SINGLE_LETTERS && bytes < MAX_GROWTH * body.length)
      letter(span.code, span.message, [span.byte_start])
    else if (left.has(span.code)) left.get(span.code)!.push(span)
    else left.set(span.code, [span])
  }
  for (const [code, spans] of left)
    letter(
      code,
      `${spans.length} spans: ${spans[0]!.message}`,
      spans.map(({ byte_start }) => byte_start),
    )
  return letters
}
