import { describe, expect, test } from 'vitest'
import { readLogsByOracle } from '../../tests/otlp-oracle/oracle.ts'
import { OtlpSyntaxError } from './errors.ts'
import { encodeLogsJson, encodeTracesJson } from './json.ts'
import type { OtlpSpan } from './otlp.ts'
import { readTraces } from './reader.ts'

const IDS = { traceId: '0AF7651916CD43DD8448EB211C80319C', spanId: 'b7ad6b7169203331' }

const requestOf = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...IDS, ...span }] }] }] })

const encodeSpan = (span: object): OtlpSpan =>
  readTraces(encodeTracesJson(requestOf(span)))[0]!.scope_spans[0]!.spans[0]!

const encodeValue = (value: unknown) => encodeSpan({ attributes: [{ key: 'k', value }] }).attributes.get('k')

describe('ids', () => {
  test.for([
    ['hex of either case', '0AF7651916CD43DD8448EB211C80319c', '0af7651916cd43dd8448eb211c80319c'],
    ['base64', 'CvdlGRbNQ92ESOshHIAxnA==', '0af7651916cd43dd8448eb211c80319c'],
    ['base64 without padding', 'CvdlGRbNQ92ESOshHIAxnA', '0af7651916cd43dd8448eb211c80319c'],
    ['base64, URL-safe', '__v7-_v7-_v7-_v7-_v7-w', 'fffbfbfbfbfbfbfbfbfbfbfbfbfbfbfb'],
    ['a serialized Node.js Buffer', { type: 'Buffer', data: Array(16).fill(7) }, '07'.repeat(16)],
    ['too short', '0af765', ''],
    ['not hex', 'zzf7651916cd43dd8448eb211c80319c', ''],
    ['a number', 12, ''],
    ['null', null, ''],
  ] as const)('%s', ([, traceId, expected]) => {
    expect(encodeSpan({ traceId }).trace_id).toBe(expected)
  })

  test('a span id is hex or base64 too', () => {
    expect(encodeSpan({ spanId: 't61rcWkgMzE=' }).span_id).toBe('b7ad6b7169203331')
    expect(encodeSpan({ spanId: 't61rcWkgMzE' }).span_id).toBe('b7ad6b7169203331')
  })

  test.for([
    ['', ''],
    [null, ''],
    ['0000000000000000', ''],
    [{ type: 'Buffer', data: [] }, ''],
    ['B7AD6B7169203331', 'b7ad6b7169203331'],
  ])('parent %j is %j', ([parentSpanId, expected]) => {
    expect(encodeSpan({ parentSpanId }).parent_span_id).toBe(expected)
  })
})

describe('times and enums', () => {
  test.for([
    ['a string', '1700000000000004257', 1700000000000004257n],
    ['a number', 1700000000000000000, 1700000000000000000n],
    ['a Long', { low: -1, high: 0, unsigned: true }, 4294967295n],
    ['a fraction', 1.5, 1n],
    ['an empty string', '', 0n],
    ['null', null, 0n],
    ['the largest', '18446744073709551615', 2n ** 64n - 1n],
  ] as const)('%s', ([, startTimeUnixNano, expected]) => {
    expect(encodeSpan({ startTimeUnixNano }).start_time_unix_nano).toBe(expected)
  })

  test.for(['yesterday', -1, '18446744073709551616', true, {}, 'NaN'])('%j is no time', (endTimeUnixNano) => {
    expect(pathOfError(() => encodeSpan({ endTimeUnixNano }))).toBe(
      'resourceSpans[0].scopeSpans[0].spans[0].endTimeUnixNano',
    )
  })

  test.for([
    [3, 3],
    ['SPAN_KIND_CLIENT', 3],
    ['client', 3],
    ['3', 3],
    ['SOMETHING', 0],
    [null, 0],
  ] as const)('kind %j is %i', ([kind, expected]) => {
    expect(encodeSpan({ kind }).kind).toBe(expected)
  })

  test('a status by name, by number, or none', () => {
    expect(encodeSpan({ status: { code: 'STATUS_CODE_ERROR', message: 'x' } })).toMatchObject({
      status_code: 2,
      status_message: 'x',
    })
    expect(encodeSpan({ status: { code: 1 } }).status_code).toBe(1)
    expect(encodeSpan({ status: null }).status_code).toBe(0)
  })
})

describe('values', () => {
  test.for([
    [{ stringValue: 'x' }, 'x'],
    [{ stringValue: 5 }, '5'],
    [{ boolValue: true }, true],
    [{ boolValue: 'false' }, false],
    [{ intValue: '9223372036854775807' }, 2n ** 63n - 1n],
    [{ intValue: '-9223372036854775808' }, -(2n ** 63n)],
    [{ intValue: -3 }, -3],
    [{ intValue: 200 }, 200],
    [{ intValue: { low: 5, high: 0, unsigned: false } }, 5],
    [{ intValue: 1.5 }, 1.5],
    [{ intValue: '9223372036854775808' }, 2 ** 63],
    [{ doubleValue: 0.1 }, 0.1],
    [{ doubleValue: '2.5' }, 2.5],
    [{ doubleValue: 'NaN' }, null],
    [{ doubleValue: '-Infinity' }, null],
    [{ bytesValue: '/+8=' }, Uint8Array.of(0xff, 0xef)],
    [{ bytesValue: '_-8' }, Uint8Array.of(0xff, 0xef)],
    [{ arrayValue: {} }, []],
    [{ arrayValue: { values: [{ intValue: 1 }, null, {}] } }, [1, null, null]],
    [{ kvlistValue: { values: [{ key: 'a', value: { stringValue: 'b' } }] } }, new Map([['a', 'b']])],
    [{ string_value: 'snake' }, 'snake'],
    [{ stringValue: null, intValue: 4 }, 4],
    [{}, null],
    [null, null],
    [undefined, null],
  ])('%o is read as %o', ([value, expected]) => {
    expect(encodeValue(value)).toEqual(expected)
  })

  test('a lone surrogate becomes U+FFFD, a pair stays', () => {
    expect(encodeValue({ stringValue: 'cut \ud83d' })).toBe('cut \uFFFD')
    expect(encodeValue({ stringValue: 'whole \u{1F600}' })).toBe('whole \u{1F600}')
  })

  test('strings of every length around the borders of their length field', () => {
    for (const length of [0, 1, 42, 43, 127, 128, 1023, 1024, 16_383, 16_384, 70_000]) {
      for (const letter of ['x', 'ä', '語']) {
        expect(encodeValue({ stringValue: letter.repeat(length) })).toBe(letter.repeat(length))
      }
    }
  })
})

describe('structure', () => {
  test('null members and elements, unknown and snake_case members', () => {
    const body = encodeTracesJson({
      resource_spans: [
        null,
        {
          resource: null,
          schemaUrl: 's',
          future: { spans: 1 },
          scope_spans: [{ scope: { name: 'n' }, spans: [{ span_id: IDS.spanId }, null] }],
        },
      ],
    })
    expect(readTraces(body)).toMatchObject([
      { schema_url: 's', scope_spans: [{ scope_name: 'n', spans: [{ span_id: IDS.spanId }] }] },
    ])
  })

  test('members named like those of every object do nothing', () => {
    const json = JSON.parse('{"__proto__": {"resourceSpans": 5}, "constructor": 1, "resourceSpans": [{"toString": 2}]}')
    expect(readTraces(encodeTracesJson(json))).toHaveLength(1)
    expect(
      encodeSpan({ attributes: [{ key: '__proto__', value: { stringValue: 'x' } }] }).attributes.get('__proto__'),
    ).toBe('x')
  })

  test.for([
    [[], 'the root'],
    ['text', 'the root'],
    [null, 'the root'],
    [{ resourceSpans: {} }, 'resourceSpans'],
    [{ resourceSpans: [5] }, 'resourceSpans[0]'],
    [{ resourceSpans: [{}, { scopeSpans: 'x' }] }, 'resourceSpans[1].scopeSpans'],
    [{ resourceSpans: [{ scopeSpans: [{ spans: { 0: {} } }] }] }, 'resourceSpans[0].scopeSpans[0].spans'],
    [requestOf({ attributes: { a: 1 } }), 'resourceSpans[0].scopeSpans[0].spans[0].attributes'],
    [
      requestOf({ attributes: [{ key: 'k', value: 'plain' }] }),
      'resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value',
    ],
    [requestOf({ name: {} }), 'resourceSpans[0].scopeSpans[0].spans[0].name'],
    [requestOf({ events: [{ attributes: 1 }] }), 'resourceSpans[0].scopeSpans[0].spans[0].events[0].attributes'],
  ])('%j is refused at %s', ([json, path]) => {
    expect(pathOfError(() => encodeTracesJson(json))).toBe(path)
  })

  test('the message does not quote the value', () => {
    expect(() => encodeSpan({ endTimeUnixNano: 'secret' })).toThrow(/^(?!.*secret).*is not an unsigned integer$/)
  })
})

test('a log record', () => {
  const body = encodeLogsJson({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                ...IDS,
                timeUnixNano: '5',
                observedTimeUnixNano: 6,
                severityNumber: 'SEVERITY_NUMBER_WARN2',
                severityText: 'warn',
                eventName: 'gen_ai.choice',
                body: { kvlistValue: { values: [{ key: 'content', value: { stringValue: 'hi' } }] } },
                attributes: [{ key: 'a', value: { intValue: 1 } }],
                flags: 1,
              },
            ],
          },
        ],
      },
    ],
  })
  expect(readLogsByOracle(body).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]).toMatchObject({
    timeUnixNano: 5n,
    observedTimeUnixNano: 6n,
    severityNumber: 14,
    severityText: 'warn',
    eventName: 'gen_ai.choice',
    body: { value: { case: 'kvlistValue' } },
    attributes: [{ key: 'a', value: { value: { case: 'intValue', value: 1n } } }],
    flags: 1,
    traceId: new Uint8Array(Buffer.from(IDS.traceId, 'hex')),
    spanId: new Uint8Array(Buffer.from(IDS.spanId, 'hex')),
  })
})

function pathOfError(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof OtlpSyntaxError) return error.path
    throw error
  }
  throw new Error('nothing was thrown')
}
