import { fromBinary, fromJson, type JsonValue } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { ExportLogsServiceResponseSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.js'
import { ExportTraceServiceResponseSchema } from '../../tests/otlp-oracle/generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import { encodeExportResponse, encodeRpcStatus } from './response.ts'

const NOTHING = { rejected: 0, message: '' }
const parse = (bytes: Uint8Array): JsonValue => JSON.parse(Buffer.from(bytes).toString('utf8'))

test('full success leaves partial_success unset', () => {
  expect(encodeExportResponse('traces', NOTHING, 'protobuf')).toHaveLength(0)
  expect(parse(encodeExportResponse('traces', NOTHING, 'json'))).toEqual({})
  expect(parse(encodeExportResponse('logs', NOTHING, 'json'))).toEqual({})
})

test.for([
  { rejected: 3, message: '3 spans were rejected: ids – ungültig' },
  { rejected: 2 ** 40, message: '' },
  { rejected: 0, message: 'a warning' },
])('partial success $rejected $message', ({ rejected, message }) => {
  const expected = { errorMessage: message }
  const traces = { partialSuccess: { ...expected, rejectedSpans: BigInt(rejected) } }
  const logs = { partialSuccess: { ...expected, rejectedLogRecords: BigInt(rejected) } }
  const answer = { rejected, message }
  expect(
    fromBinary(ExportTraceServiceResponseSchema, encodeExportResponse('traces', answer, 'protobuf')),
  ).toMatchObject(traces)
  expect(fromBinary(ExportLogsServiceResponseSchema, encodeExportResponse('logs', answer, 'protobuf'))).toMatchObject(
    logs,
  )
  expect(
    fromJson(ExportTraceServiceResponseSchema, parse(encodeExportResponse('traces', answer, 'json'))),
  ).toMatchObject(traces)
  expect(fromJson(ExportLogsServiceResponseSchema, parse(encodeExportResponse('logs', answer, 'json')))).toMatchObject(
    logs,
  )
})

test('the count is a string in JSON', () => {
  const answer = parse(encodeExportResponse('traces', { rejected: 2, message: 'why' }, 'json'))
  expect(answer).toEqual({ partialSuccess: { rejectedSpans: '2', errorMessage: 'why' } })
})

test('a status', () => {
  expect(parse(encodeRpcStatus({ code: 3, message: 'bad' }, 'json'))).toEqual({ code: 3, message: 'bad' })
  expect([...encodeRpcStatus({ code: 3, message: 'bad' }, 'protobuf')]).toEqual([8, 3, 18, 3, 98, 97, 100])
  expect(encodeRpcStatus({ code: 0, message: '' }, 'protobuf')).toHaveLength(0)
})
