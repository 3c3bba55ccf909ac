import { describe, expect, it } from 'vitest'
import type { OtlpSpan } from '../../schemas/otlp/otlp.ts'
import { anEvent, aRequest, aSpan, normalized, type Plain, RECEIVED_AT, rowOf, START } from './testing/builders.ts'

describe('times', () => {
  const end = START + 5_000_000_000n
  const other = aSpan({}, { span_id: 'aaaaaaaaaaaaaaaa', start_time_unix_nano: START - 7n })
  const timesOf = (fields: Partial<OtlpSpan>) => {
    const [row] = normalized(aRequest([aSpan({}, fields), other])).spans
    return row && [row.start_time, row.end_time, row.time_inferred, Number(row.version >> 48n)]
  }

  it.each<[string, Partial<OtlpSpan>, readonly unknown[]]>([
    ['both', { end_time_unix_nano: end }, [START, end, false, 1]],
    ['no start', { start_time_unix_nano: 0n, end_time_unix_nano: end }, [end, end, true, 1]],
    ['no end', { end_time_unix_nano: 0n }, [START, START, true, 0]],
    [
      'neither: the earliest of the request',
      { start_time_unix_nano: 0n, end_time_unix_nano: 0n },
      [START - 7n, START - 7n, true, 0],
    ],
    ['end before start', { end_time_unix_nano: START - 1n }, [START, START, true, 1]],
  ])('%s', (_, fields, expected) => {
    expect(timesOf(fields)).toEqual(expected)
  })

  it('fails only the span that has no time at all, and says where its bytes lie', () => {
    const timeless = aSpan({}, { start_time_unix_nano: 0n, end_time_unix_nano: 0n })
    expect(normalized(aRequest([timeless]))).toEqual({
      spans: [],
      failures: [
        {
          code: 'TIMESTAMP_MISSING',
          trace_id: timeless.trace_id,
          span_id: timeless.span_id,
          byte_start: 10,
          byte_end: 20,
        },
      ],
    })
  })

  it('versions by revision and append time', () => {
    expect(rowOf({}).version).toBe((1n << 48n) | BigInt(RECEIVED_AT))
    expect(rowOf({}, { end_time_unix_nano: 0n }).version).toBe(BigInt(RECEIVED_AT))
  })
})

describe('errors', () => {
  it.each<[string, Record<string, Plain>, Partial<OtlpSpan>, readonly string[]]>([
    ['status', {}, { status_code: 2, status_message: 'boom' }, ['error', '', 'boom']],
    [
      'status and exception event',
      {},
      { status_code: 2, events: [anEvent('exception', { 'exception.type': 'E', 'exception.message': 'm' })] },
      ['error', 'E', 'm'],
    ],
    ['error.type alone', { 'error.type': 'timeout' }, {}, ['error', 'timeout', '']],
    ['error.type on a span said to be ok', { 'error.type': 'timeout' }, { status_code: 1 }, ['ok', '', '']],
    ['an HTTP status', { 'http.response.status_code': 404 }, { status_code: 2 }, ['error', 'http_404', '']],
    ['Strands tool status', { 'gen_ai.tool.status': 'error' }, {}, ['error', '', '']],
    ['Logfire level', { 'logfire.level_num': 17 }, {}, ['error', '', '']],
    [
      'an exception that was handled',
      {},
      { status_code: 1, events: [anEvent('exception', { 'exception.type': 'E' })] },
      ['ok', '', ''],
    ],
    ['nothing', {}, {}, ['unset', '', '']],
  ])('%s', (_, values, fields, [status, error_type, error_message]) => {
    expect(rowOf(values, fields)).toMatchObject({ status, error_type, error_message })
  })
})

describe('resource', () => {
  it('gives service, environment, release and language; the span beats it', () => {
    const resource = {
      'service.name': 'shop',
      'deployment.environment': 'staging',
      'service.version': '7',
      'telemetry.sdk.language': 'python',
    }
    const [plain, own] = normalized(
      aRequest([aSpan({}), aSpan({ 'langfuse.environment': 'production' })], 'scope', resource),
    ).spans
    expect(plain).toMatchObject({
      service_name: 'shop',
      environment: 'staging',
      release: '7',
      sdk_language: 'python',
      scope_name: 'scope',
    })
    expect(own?.environment).toBe('production')
  })
})
