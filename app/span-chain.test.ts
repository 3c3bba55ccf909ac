import { create, toBinary } from '@bufbuild/protobuf'
import { expect, it } from 'vitest'
import type { SourceRecord } from '../core/component.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import { HEADER_PROJECT } from '../schemas/topics.ts'
import { ExportTraceServiceRequestSchema } from '../tests/otlp-oracle/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import { parseConfig } from './config.ts'
import { createSpanReader } from './span-chain.ts'

const APPENDED = Date.parse('2026-11-20T12:00:00Z')
const readSpans = createSpanReader(parseConfig({}))

/** A record of spans that start in 1970, under a resource of about `resource_bytes`. */
function anOldRecord({ spans, resource_bytes }: { spans: number; resource_bytes: number }): SourceRecord {
  const request = create(ExportTraceServiceRequestSchema, {
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'k', value: { value: { case: 'stringValue', value: 'x'.repeat(resource_bytes) } } }],
        },
        scopeSpans: [
          {
            spans: Array.from({ length: spans }, (_, index) => ({
              traceId: Buffer.from(String(index).padStart(32, 'a'), 'hex'),
              spanId: Buffer.from(String(index).padStart(16, 'b'), 'hex'),
              startTimeUnixNano: 1_000n,
              endTimeUnixNano: 2_000n,
            })),
          },
        ],
      },
    ],
  })
  const value = Buffer.from(toBinary(ExportTraceServiceRequestSchema, request))
  const headers = { [HEADER_PROJECT]: 'p' }
  return { topic: 'otlp_spans', partition: 0, offset: 0n, timestamp_ms: APPENDED, key: null, value, headers }
}

const idsIn = (body: Uint8Array) =>
  readTraces(body).flatMap(({ scope_spans }) => scope_spans.flatMap(({ spans }) => spans.map(({ span_id }) => span_id)))

it('gives each refused span a letter of its own', () => {
  const { spans, rejects } = readSpans(anOldRecord({ spans: 300, resource_bytes: 10 }))
  expect(spans).toEqual([])
  expect(rejects.map(({ index }) => index)).toEqual(Array.from({ length: 300 }, (_, index) => index))
  expect(new Set(rejects.flatMap(({ value }) => idsIn(value))).size).toBe(300)
  expect(new Set(rejects.map(({ code }) => code))).toEqual(new Set(['TIMESTAMP_OUT_OF_RANGE']))
})

it.each([
  ['a large resource', { spans: 400, resource_bytes: 400_000 }],
  ['very many spans', { spans: 15_000, resource_bytes: 10 }],
])('keeps the letters of %s in proportion to the record', (_, size) => {
  const record = anOldRecord(size)
  const { rejects } = readSpans(record)
  const bytes = rejects.reduce((sum, { value }) => sum + value.length, 0)
  expect(bytes).toBeLessThan(7 * record.value!.length)
  expect(rejects.length).toBeLessThan(1_100)
  expect(new Set(rejects.flatMap(({ value }) => idsIn(value))).size).toBe(size.spans)
})

it('keeps the first of two spans of one id in one request, and the other with its bytes, where their hours differ', () => {
  const HOUR_NS = 3_600_000_000_000n
  const at = BigInt(APPENDED) * 1_000_000n
  const span = (id: number, start: bigint, name: string) => ({
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, id),
    name,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1n,
  })
  const spans = [span(1, at, 'a'), span(1, at + 1n, 'same hour'), span(2, at, 'b'), span(1, at - HOUR_NS, 'other hour')]
  const request = create(ExportTraceServiceRequestSchema, { resourceSpans: [{ scopeSpans: [{ spans }] }] })
  const value = Buffer.from(toBinary(ExportTraceServiceRequestSchema, request))
  const headers = { [HEADER_PROJECT]: 'p' }
  const record = { topic: 't', partition: 0, offset: 0n, timestamp_ms: APPENDED, key: null, value, headers }
  const read = readSpans(record)
  expect(read.spans.map(({ name }) => name)).toEqual(['a', 'same hour', 'b'])
  expect(read.rejects.map(({ code }) => code)).toEqual(['SPAN_ID_REPEATED'])
  const kept = readTraces(read.rejects[0]!.value).flatMap(({ scope_spans }) => scope_spans.flatMap((one) => one.spans))
  expect(kept.map(({ name }) => name)).toEqual(['other hour'])
})
