import { create, toBinary } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { ExportLogsServiceRequestSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.js'
import { LogRecordSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/logs/v1/logs_pb.js'
import { readLogs } from './log-reader.ts'

test('reads what another implementation writes', () => {
  const text = (value: string) => ({ value: { case: 'stringValue' as const, value } })
  const logRecord = {
    timeUnixNano: 100n,
    observedTimeUnixNano: 120n,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: 'gen_ai.choice',
    traceId: Buffer.alloc(16, 0xab),
    spanId: Buffer.alloc(8, 0xcd),
    body: {
      value: { case: 'kvlistValue' as const, value: { values: [{ key: 'content', value: text('Hello 👋') }] } },
    },
    attributes: [{ key: 'gen_ai.system', value: text('openai') }],
  }
  const body = toBinary(
    ExportLogsServiceRequestSchema,
    create(ExportLogsServiceRequestSchema, {
      resourceLogs: [{ scopeLogs: [{ scope: { name: 's' }, logRecords: [logRecord, {}] }] }],
    }),
  )
  const [full, empty, ...more] = readLogs(body)
  expect(more).toEqual([])
  expect(full).toEqual({
    time_unix_nano: 100n,
    observed_time_unix_nano: 120n,
    severity_number: 9,
    severity_text: 'INFO',
    event_name: 'gen_ai.choice',
    body: new Map([['content', 'Hello 👋']]),
    attributes: new Map([['gen_ai.system', 'openai']]),
    trace_id: 'ab'.repeat(16),
    span_id: 'cd'.repeat(8),
    byte_start: expect.any(Number),
    byte_end: expect.any(Number),
  })
  // Its own message alone, without tag and length, reads as the record.
  const { byte_start, byte_end } = full!
  expect(body.subarray(byte_start, byte_end)).toEqual(
    toBinary(LogRecordSchema, create(LogRecordSchema, logRecord as never)),
  )
  expect(empty).toMatchObject({ trace_id: '', body: null, time_unix_nano: 0n })
})
