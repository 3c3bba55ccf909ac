import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { describe, expect, test } from 'vitest'
import { ExportLogsServiceRequestSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.js'
import { ExportTraceServiceRequestSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import type { AnyValueSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/common/v1/common_pb.js'
import type { LogRecordSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/logs/v1/logs_pb.js'
import type {
  ResourceSpansSchema,
  SpanSchema,
} from '../../tests/otlp-oracle/generated/opentelemetry/proto/trace/v1/trace_pb.js'
import { readLogsByOracle } from '../../tests/otlp-oracle/oracle.ts'
import { OtlpLimitError, OtlpSyntaxError } from './errors.ts'
import { readTraces } from './reader.ts'
import { createItemExtractor } from './records.ts'
import { type RejectionReason, type ScanLimits, scanLogs, scanTraces } from './scan.ts'
import { MAX_VALUES } from './values.ts'

type SpanInit = MessageInitShape<typeof SpanSchema>
type AnyValueInit = MessageInitShape<typeof AnyValueSchema>
type LogInit = MessageInitShape<typeof LogRecordSchema>

const LIMITS: ScanLimits = {
  max_spans: 10,
  max_attributes: 3,
  max_events: 2,
  max_depth: 2,
  max_string_bytes: 100,
  max_record_bytes: 1 << 20,
}

const IDS = { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2) }

const stringValue = (value: string): AnyValueInit => ({ value: { case: 'stringValue', value } })
const arrayValue = (...values: AnyValueInit[]): AnyValueInit => ({ value: { case: 'arrayValue', value: { values } } })
const attributes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: stringValue('v') }))
const attribute = (value: AnyValueInit) => ({ attributes: [{ key: 'k', value }] })
const nest = (levels: number): AnyValueInit => (levels === 0 ? stringValue('deep') : arrayValue(nest(levels - 1)))

const aSpan = (span: SpanInit = {}): SpanInit => ({ ...IDS, name: 'chat', ...span })

function encodeGroups(...resourceSpans: MessageInitShape<typeof ResourceSpansSchema>[]): Uint8Array {
  return toBinary(ExportTraceServiceRequestSchema, create(ExportTraceServiceRequestSchema, { resourceSpans }))
}

const encodeSpans = (...spans: SpanInit[]) => encodeGroups({ scopeSpans: [{ spans }] })

function encodeLogs(...logRecords: LogInit[]): Uint8Array {
  const resourceLogs = [{ scopeLogs: [{ logRecords }] }]
  return toBinary(ExportLogsServiceRequestSchema, create(ExportLogsServiceRequestSchema, { resourceLogs }))
}

const readNames = (body: Uint8Array) =>
  readTraces(body).flatMap((group) => group.scope_spans.flatMap(({ spans }) => spans.map(({ name }) => name)))

describe('one bad span is rejected and the others survive', () => {
  const cases: readonly [string, SpanInit, RejectionReason][] = [
    ['no trace id', { traceId: new Uint8Array() }, 'invalid_id'],
    ['a short trace id', { traceId: new Uint8Array(8).fill(1) }, 'invalid_id'],
    ['a long trace id', { traceId: new Uint8Array(17).fill(1) }, 'invalid_id'],
    ['a trace id of zeros', { traceId: new Uint8Array(16) }, 'invalid_id'],
    ['no span id', { spanId: new Uint8Array() }, 'invalid_id'],
    ['a span id of zeros', { spanId: new Uint8Array(8) }, 'invalid_id'],
    ['a long span id', { spanId: new Uint8Array(16).fill(1) }, 'invalid_id'],
    ['a short parent id', { parentSpanId: new Uint8Array(1) }, 'invalid_id'],
    ['too many attributes', { attributes: attributes(4) }, 'too_many_attributes'],
    ['too many attributes of an event', { events: [{ attributes: attributes(4) }] }, 'too_many_attributes'],
    ['too many attributes of a link', { links: [{ attributes: attributes(4) }] }, 'too_many_attributes'],
    ['too many events', { events: [{}, {}, {}] }, 'too_many_events'],
    ['too many links', { links: [{}, {}, {}] }, 'too_many_events'],
    ['too deep', attribute(nest(3)), 'too_deep'],
    ['deeper than the reader goes', attribute(nest(40)), 'too_deep'],
    ['too deep in an event', { events: [attribute(nest(3))] }, 'too_deep'],
    ['a long string', attribute(stringValue('x'.repeat(101))), 'string_too_long'],
    ['a long string inside', attribute(arrayValue(stringValue('x'.repeat(101)))), 'string_too_long'],
    ['a string long in bytes', attribute(stringValue('ä'.repeat(51))), 'string_too_long'],
    ['long bytes', attribute({ value: { case: 'bytesValue', value: new Uint8Array(101) } }), 'string_too_long'],
    ['a long key', { attributes: [{ key: 'k'.repeat(101), value: stringValue('') }] }, 'string_too_long'],
    ['too many values', attribute(arrayValue(...Array(MAX_VALUES + 1).fill({}))), 'too_many_values'],
  ]
  test.for(cases)('%s', ([, bad, reason]) => {
    const result = scanTraces(
      encodeSpans(aSpan({ name: 'a' }), aSpan({ ...bad, name: 'bad' }), aSpan({ name: 'b' })),
      LIMITS,
    )
    expect(result).toMatchObject({ accepted: 2, rejected: [{ reason, count: 1 }] })
    expect(result.records.flatMap(readNames)).toEqual(['a', 'b'])
  })
})

test('everything at its limit is accepted, untouched', () => {
  const atLimit = aSpan({
    attributes: [
      ...attributes(1),
      { key: 'deep', value: nest(2) },
      { key: 'k'.repeat(100), value: stringValue('x'.repeat(100)) },
    ],
    events: [{ attributes: attributes(3) }, {}],
    links: [{ attributes: attributes(3) }, {}],
    parentSpanId: new Uint8Array(8),
  })
  const body = encodeSpans(...Array<SpanInit>(10).fill(atLimit))
  const result = scanTraces(body, { ...LIMITS, max_record_bytes: body.length })
  expect(result).toEqual({ accepted: 10, rejected: [], records: [body] })
  expect(result.records[0]).toBe(body)
})

test('nothing to store: no record', () => {
  expect(scanTraces(new Uint8Array(), LIMITS)).toEqual({ accepted: 0, rejected: [], records: [] })
  expect(scanTraces(encodeGroups({ schemaUrl: 's' }), LIMITS)).toEqual({ accepted: 0, rejected: [], records: [] })
  expect(scanTraces(encodeSpans(aSpan({ spanId: new Uint8Array() })), LIMITS).records).toEqual([])
})

test('one span more than max_spans refuses the request', () => {
  const body = encodeSpans(...Array<SpanInit>(11).fill(aSpan()))
  expect(() => scanTraces(body, LIMITS)).toThrow(OtlpLimitError)
})

test('a resource or scope over a limit rejects its own spans', () => {
  const body = encodeGroups(
    { resource: { attributes: attributes(4) }, scopeSpans: [{ spans: [aSpan({ name: 'a' }), aSpan({ name: 'b' })] }] },
    {
      scopeSpans: [
        { scope: attribute(nest(3)), spans: [aSpan({ name: 'c' })] },
        { scope: attribute(nest(2)), spans: [aSpan({ name: 'd' })] },
      ],
    },
  )
  const result = scanTraces(body, LIMITS)
  expect(result.accepted).toBe(1)
  expect(result.rejected).toEqual([
    { reason: 'too_many_attributes', count: 2 },
    { reason: 'too_deep', count: 1 },
  ])
  expect(result.records.flatMap(readNames)).toEqual(['d'])
})

test('the attributes of a resource in several pieces count together', () => {
  const piece = encodeGroups({ resource: { attributes: attributes(2) } }).subarray(2)
  const spans = encodeSpans(aSpan()).subarray(2)
  const group = Buffer.concat([piece, piece, spans])
  const body = Buffer.concat([Buffer.from([10, group.length]), group])
  expect(readTraces(body)).toHaveLength(1)
  expect(scanTraces(body, LIMITS)).toMatchObject({
    accepted: 0,
    rejected: [{ reason: 'too_many_attributes', count: 1 }],
  })
})

test('a request cut short is refused whole, wherever it is cut', () => {
  const body = encodeSpans(
    aSpan({ ...attribute(nest(2)), events: [attribute(stringValue('x'))], status: { code: 2 } }),
    aSpan(),
  )
  for (let length = 1; length < body.length; length++) {
    expect(() => scanTraces(body.subarray(0, length), LIMITS)).toThrow(OtlpSyntaxError)
  }
})

test('a logs request sent as traces has no valid ids', () => {
  const body = encodeLogs({ timeUnixNano: 5n, body: stringValue('hi') }, { severityText: 'info', eventName: 'x' })
  expect(scanTraces(body, LIMITS)).toEqual({ accepted: 0, rejected: [{ reason: 'invalid_id', count: 2 }], records: [] })
})

describe('records', () => {
  const unknown = (field: number) => ({ $unknown: [{ no: field, wireType: 2, data: Uint8Array.of(3, 1, 2, 3) }] })
  const names = Array.from({ length: 10 }, (_, index) => `span-${index}`)
  const request = create(ExportTraceServiceRequestSchema, {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: stringValue('shop') }] },
        schemaUrl: 'resource-schema',
        scopeSpans: [
          {
            scope: { name: 'first' },
            schemaUrl: 'scope-schema',
            spans: names.slice(0, 7).map((name) => aSpan({ name })),
          },
          { scope: { name: 'second' }, spans: names.slice(7, 9).map((name) => aSpan({ name })) },
        ],
      },
      { scopeSpans: [{ spans: [aSpan({ name: names[9]! })] }] },
    ],
  })
  Object.assign(request, unknown(900))
  Object.assign(request.resourceSpans[0]!, unknown(901))
  Object.assign(request.resourceSpans[0]!.scopeSpans[0]!, unknown(902))
  const body = toBinary(ExportTraceServiceRequestSchema, request)

  test.for([200, 250, 300, 400, body.length - 1])(
    'of at most %i bytes keep order and what surrounds the spans',
    (max_record_bytes) => {
      const { accepted, rejected, records } = scanTraces(body, { ...LIMITS, max_record_bytes })
      expect({ accepted, rejected }).toEqual({ accepted: 10, rejected: [] })
      expect(records.length).toBeGreaterThan(1)
      expect(records.flatMap(readNames)).toEqual(names)
      for (const record of records) {
        expect(record.length).toBeLessThanOrEqual(max_record_bytes)
        for (const group of readTraces(record)) {
          const isShop = group.scope_spans.some(({ scope_name }) => scope_name !== '')
          expect(group.schema_url).toBe(isShop ? 'resource-schema' : '')
          expect(group.resource_attributes.size).toBe(isShop ? 1 : 0)
        }
      }
    },
  )

  test('unknown fields at every level survive a rebuilding', () => {
    const { records } = scanTraces(body, { ...LIMITS, max_record_bytes: 300 })
    const first = Buffer.from(records[0]!)
    for (const no of [900, 901, 902]) {
      const tag = (no << 3) | 2
      expect(first.includes(Buffer.from([(tag & 0x7f) | 0x80, tag >> 7, 3, 1, 2, 3]))).toBe(true)
    }
  })

  test('a record is filled before the next begins', () => {
    const spans = encodeSpans(...names.map((name) => aSpan({ name })))
    const perSpan = encodeSpans(aSpan({ name: names[0]! })).length
    const { records } = scanTraces(spans, { ...LIMITS, max_record_bytes: spans.length - perSpan + 6 })
    expect(records.map((record) => readNames(record).length)).toEqual([9, 1])
  })

  test('a span that fits no record is span_too_large', () => {
    const big = aSpan({ name: 'x'.repeat(500) })
    const result = scanTraces(encodeSpans(aSpan(), big, aSpan()), { ...LIMITS, max_record_bytes: 400 })
    expect(result).toMatchObject({ accepted: 2, rejected: [{ reason: 'span_too_large', count: 1 }] })
  })

  test('a span that just fits alone is kept whole', () => {
    const alone = encodeSpans(aSpan({ name: 'x'.repeat(500) }))
    const body = encodeSpans(aSpan({ name: 'x'.repeat(500) }), aSpan({ name: 'y'.repeat(500) }))
    expect(
      scanTraces(body, { ...LIMITS, max_record_bytes: alone.length }).records.map((record) => record.length),
    ).toEqual([alone.length, alone.length])
    expect(scanTraces(body, { ...LIMITS, max_record_bytes: alone.length - 1 }).accepted).toBe(0)
  })

  test('a resource of more than half a record is not repeated from record to record', () => {
    const resource = { entityRefs: [{ schemaUrl: 'r'.repeat(600) }] }
    const spans = Array<SpanInit>(10).fill(aSpan({ name: 'n'.repeat(60) }))
    const body = encodeGroups({ resource, scopeSpans: [{ spans }] })
    expect(scanTraces(body, { ...LIMITS, max_record_bytes: 1000 })).toMatchObject({
      accepted: 0,
      rejected: [{ reason: 'resource_too_large', count: 10 }],
    })
    expect(scanTraces(body, { ...LIMITS, max_record_bytes: body.length }).accepted).toBe(10)
  })
})

describe('logs', () => {
  test('ids may be missing or wrong; limits hold for attributes and the body', () => {
    const body = encodeLogs(
      { body: stringValue('no ids') },
      { traceId: new Uint8Array(3), body: stringValue('wrong ids') },
      { body: stringValue('x'.repeat(101)) },
      { body: nest(3) },
      { attributes: attributes(4) },
    )
    const result = scanLogs(body, LIMITS)
    expect(result.accepted).toBe(2)
    expect(result.rejected).toEqual([
      { reason: 'string_too_long', count: 1 },
      { reason: 'too_deep', count: 1 },
      { reason: 'too_many_attributes', count: 1 },
    ])
    const kept = readLogsByOracle(result.records[0]!).resourceLogs[0]!.scopeLogs[0]!.logRecords
    expect(kept.map((record) => record.body?.value.value)).toEqual(['no ids', 'wrong ids'])
  })

  test('untouched where nothing is rejected', () => {
    const body = encodeLogs({ body: stringValue('a') }, { ...IDS, body: stringValue('b') })
    expect(scanLogs(body, LIMITS).records[0]).toBe(body)
  })
})

test('only a position where a span begins can be extracted', () => {
  expect(() => createItemExtractor(encodeSpans(aSpan()))([1])).toThrow(RangeError)
})
