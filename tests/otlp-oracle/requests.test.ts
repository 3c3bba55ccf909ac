import { toJson } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { createItemExtractor } from '../../schemas/otlp/records.ts'
import { scanTraces } from '../../schemas/otlp/scan.ts'
import { shiftTimes } from '../../schemas/otlp/shift.ts'
import { tracesRequest } from './arbitrary.ts'
import { ExportTraceServiceRequestSchema } from './generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import { WIDE_LIMITS } from './limits.ts'
import { readTracesByOracle, tracesOf, withoutPositions, writeTracesByOracle } from './oracle.ts'

const RUNS = { numRuns: 400, seed: 20261120 }

const spansOf = (body: Uint8Array) =>
  readTraces(body).flatMap((group) => group.scope_spans.flatMap((scopeGroup) => scopeGroup.spans))

test('what protobuf-es writes, the reader reads', () => {
  fc.assert(
    fc.property(tracesRequest, (request) => {
      const body = writeTracesByOracle(request)
      expect(withoutPositions(readTraces(body))).toEqual(tracesOf(request))
    }),
    RUNS,
  )
})

test('JSON of a request becomes the same request, whether its ids are hex or base64', () => {
  fc.assert(
    fc.property(tracesRequest, fc.boolean(), (request, hex) => {
      const json = JSON.parse(JSON.stringify(toJson(ExportTraceServiceRequestSchema, request)), (name, value) =>
        hex && /^(trace|span|parentSpan)Id$/.test(name) ? Buffer.from(value, 'base64').toString('hex') : value,
      )
      expect(tracesOf(readTracesByOracle(encodeTracesJson(json)))).toEqual(tracesOf(request))
    }),
    RUNS,
  )
})

test('the scan accepts every valid request untouched', () => {
  fc.assert(
    fc.property(tracesRequest, (request) => {
      const body = writeTracesByOracle(request)
      const result = scanTraces(body, WIDE_LIMITS)
      const spans = spansOf(body).length
      expect(result.rejected).toEqual([])
      expect(result.accepted).toBe(spans)
      expect(result.records).toEqual(spans > 0 ? [body] : [])
    }),
    RUNS,
  )
})

test('cut into small records, every span keeps its content, resource and scope, or is counted as rejected', () => {
  fc.assert(
    fc.property(tracesRequest, fc.integer({ min: 100, max: 3000 }), (request, max_record_bytes) => {
      const body = writeTracesByOracle(request)
      const { accepted, rejected, records } = scanTraces(body, { ...WIDE_LIMITS, max_record_bytes })
      for (const record of records) expect(record.length).toBeLessThanOrEqual(max_record_bytes)
      const kept = records.flatMap(flatSpans)
      const all = flatSpans(body)
      expect(kept.length).toBe(accepted)
      expect(rejected.reduce((sum, { count }) => sum + count, 0)).toBe(all.length - accepted)
      expect(all).toEqual(expect.arrayContaining(kept))
      const bytes = records.reduce((sum, record) => sum + record.length, 0)
      expect(bytes).toBeLessThanOrEqual(4 * body.length)
    }),
    RUNS,
  )
})

test('an extracted span reads like the original one', () => {
  fc.assert(
    fc.property(tracesRequest, (request) => {
      const body = writeTracesByOracle(request)
      const all = flatSpans(body)
      for (const [index, { byte_start }] of spansOf(body).entries()) {
        expect(flatSpans(createItemExtractor(body)([byte_start]))).toEqual([all[index]])
      }
    }),
    { ...RUNS, numRuns: 100 },
  )
})

test('shifting times there and back gives the same bytes', () => {
  fc.assert(
    fc.property(tracesRequest, fc.bigInt({ min: 0n, max: 2n ** 40n }), (request, delta) => {
      for (const group of request.resourceSpans) {
        for (const { spans } of group.scopeSpans) {
          for (const span of spans) {
            span.startTimeUnixNano %= 2n ** 62n
            span.endTimeUnixNano %= 2n ** 62n
            for (const event of span.events) event.timeUnixNano %= 2n ** 62n
          }
        }
      }
      const body = writeTracesByOracle(request)
      const shifted = shiftTimes(body, delta)
      const times = (bytes: Uint8Array) =>
        spansOf(bytes).flatMap((span) => [
          span.start_time_unix_nano,
          span.end_time_unix_nano,
          ...span.events.map(({ time_unix_nano }) => time_unix_nano),
        ])
      expect(times(shifted)).toEqual(times(body).map((time) => (time === 0n ? 0n : time + delta)))
      expect(Buffer.compare(shiftTimes(shifted, -delta), body)).toBe(0)
    }),
    RUNS,
  )
})

function flatSpans(body: Uint8Array): unknown[] {
  return readTraces(body).flatMap(({ scope_spans, ...resource }) =>
    scope_spans.flatMap(({ spans, ...scope }) =>
      spans.map(({ byte_start, byte_end, ...span }) => ({ ...span, resource, scope })),
    ),
  )
}
