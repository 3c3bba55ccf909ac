import { create, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { ExportLogsServiceRequestSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.js'
import { ExportTraceServiceRequestSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import { readLogsByOracle, readTracesByOracle } from '../../tests/otlp-oracle/oracle.ts'
import { OtlpSyntaxError } from './errors.ts'
import { encodeTracesJson } from './json.ts'
import { shiftTimes } from './shift.ts'

const traces = toBinary(
  ExportTraceServiceRequestSchema,
  create(ExportTraceServiceRequestSchema, {
    resourceSpans: [
      {
        scopeSpans: [
          { spans: [{ startTimeUnixNano: 100n, endTimeUnixNano: 200n, events: [{ timeUnixNano: 150n }, {}] }] },
        ],
      },
    ],
  }),
)
const logs = toBinary(
  ExportLogsServiceRequestSchema,
  create(ExportLogsServiceRequestSchema, {
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: 100n, observedTimeUnixNano: 120n }, {}] }] }],
  }),
)

test('times of spans and events move, unset ones stay, the body given is not changed', () => {
  const before = Buffer.from(traces)
  const span = readTracesByOracle(shiftTimes(traces, 7n)).resourceSpans[0]!.scopeSpans[0]!.spans[0]!
  expect(span).toMatchObject({ startTimeUnixNano: 107n, endTimeUnixNano: 207n })
  expect(span.events.map(({ timeUnixNano }) => timeUnixNano)).toEqual([157n, 0n])
  expect(Buffer.compare(traces, before)).toBe(0)
})

test('a time written as 0 is unset too', () => {
  const span = { startTimeUnixNano: '0', endTimeUnixNano: '5' }
  const body = encodeTracesJson({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
  expect(readTracesByOracle(shiftTimes(body, 7n)).resourceSpans[0]!.scopeSpans[0]!.spans[0]).toMatchObject({
    startTimeUnixNano: 0n,
    endTimeUnixNano: 12n,
  })
})

test('times of log records move', () => {
  const records = readLogsByOracle(shiftTimes(logs, -50n, 'logs')).resourceLogs[0]!.scopeLogs[0]!.logRecords
  expect(records[0]).toMatchObject({ timeUnixNano: 50n, observedTimeUnixNano: 70n })
  expect(records[1]).toMatchObject({ timeUnixNano: 0n, observedTimeUnixNano: 0n })
})

test('results stay within fixed64 and set', () => {
  const timesOf = (body: Uint8Array) => readTracesByOracle(body).resourceSpans[0]!.scopeSpans[0]!.spans[0]!
  expect(timesOf(shiftTimes(traces, -150n))).toMatchObject({ startTimeUnixNano: 1n, endTimeUnixNano: 50n })
  expect(timesOf(shiftTimes(traces, 2n ** 64n))).toMatchObject({ startTimeUnixNano: 2n ** 64n - 1n })
})

test('a malformed body is refused', () => {
  expect(() => shiftTimes(traces.subarray(0, 20), 1n)).toThrow(OtlpSyntaxError)
})
