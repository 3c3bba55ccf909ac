import { describe, expect, it } from 'vitest'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { createRequestSource, SPANS_PER_TRACE } from './requests.ts'

const NOW = 1_790_000_000_000
const options = { seed: 3, span_bytes: 2_300, spans_per_request: 100 }
const spansOf = (body: Uint8Array) =>
  readTraces(body).flatMap(({ scope_spans }) => scope_spans.flatMap(({ spans }) => spans))

describe('requests of the benchmark', () => {
  const source = createRequestSource(options)

  it('are about as large as asked for', () => {
    for (const span_bytes of [1_000, 2_300, 8_000]) {
      const { bytes_per_span } = createRequestSource({ ...options, span_bytes })
      expect(bytes_per_span / span_bytes).toBeGreaterThan(0.93)
      expect(bytes_per_span / span_bytes).toBeLessThan(1.07)
    }
  })

  it('carry the ids that idsOf names, in traces of one root and its calls, and end at the time given', () => {
    for (const index of [0, 1, 17, 100_000]) {
      const spans = spansOf(source.bodyOf(index, NOW))
      const ids = source
        .idsOf(index)
        .flatMap(({ trace_id, span_ids }) => span_ids.map((span_id) => [trace_id, span_id]))
      expect(spans.map(({ trace_id, span_id }) => [trace_id, span_id])).toEqual(ids)
      for (const [n, span] of spans.entries()) {
        const root = spans[n - (n % SPANS_PER_TRACE)]!
        expect(span.parent_span_id).toBe(span === root ? '' : root.span_id)
        expect(span.start_time_unix_nano).toBeGreaterThanOrEqual(root.start_time_unix_nano)
        expect(span.end_time_unix_nano).toBeGreaterThan(span.start_time_unix_nano)
        expect(span.end_time_unix_nano).toBeLessThanOrEqual(root.end_time_unix_nano)
      }
      expect(spans[0]!.end_time_unix_nano).toBe(BigInt(NOW) * 1_000_000n)
    }
  })

  it('are the same for the same number, in every process, and share no id otherwise', () => {
    const again = createRequestSource(options)
    expect(again.bodyOf(42, NOW).equals(source.bodyOf(42, NOW))).toBe(true)
    const seen = new Set<string>()
    for (let index = 0; index < 500; index++) for (const { trace_id } of source.idsOf(index)) seen.add(trace_id)
    expect(seen.size).toBe(500 * (100 / SPANS_PER_TRACE))
  })
})
