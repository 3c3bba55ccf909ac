import { describe, expect, it } from 'vitest'
import { readTrail } from './correlation.ts'
import { CodedError, ERRORS, type ErrorCode } from './errors.ts'
import { failureStatus } from './otlp-failures.ts'
import { createOtlpIntake, type ExportCall, type RequestBody } from './otlp-intake.ts'
import { aCollector, aLogs, aTraces, aTracesJson } from './source.samples.ts'

function aCall(body: Partial<RequestBody>, rest: Partial<ExportCall> = {}): ExportCall {
  const full = { bytes: Buffer.alloc(0), encodings: [], declared: null, ...body }
  return { signal: 'traces', transport: 'http', keys: [], read: async () => full, ...rest }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

describe('createOtlpIntake', () => {
  it('writes JSON as the protobuf it means, and says on the record how it came', async () => {
    const { deps, appended } = aCollector()
    const intake = createOtlpIntake('otlp-http', deps)
    const spans = [{}, { spanId: '00000000000000aa' }]
    expect(await intake.handle(aCall({ bytes: json(aTracesJson(spans)), declared: 'json' }))).toMatchObject({
      form: 'json',
    })
    await intake.handle(aCall({ bytes: aTraces(spans), declared: 'protobuf' }))
    await intake.handle(aCall({ bytes: aTraces(spans), declared: 'protobuf' }, { transport: 'grpc' }))
    expect(appended.map(({ records }) => records[0]?.value.equals(aTraces(spans)))).toEqual([true, true, true])
    expect(appended.map(({ records }) => records[0]?.headers)).toMatchObject([
      { project: 'default', transport: 'http/json' },
      { project: 'default', transport: 'http/protobuf' },
      { project: 'default', transport: 'grpc' },
    ])
  })

  it.each<[string, Buffer, 'json' | 'protobuf' | null]>([
    ['JSON without a type', json(aTracesJson([{}])), 'json'],
    [
      'JSON behind a byte order mark and spaces',
      Buffer.from(`\ufeff \r\n ${JSON.stringify(aTracesJson([{}]))}`),
      'json',
    ],
    ['protobuf without a type', aTraces([{}]), 'protobuf'],
    ['nothing', Buffer.alloc(0), 'protobuf'],
    ['an empty object', Buffer.from('{ }'), 'json'],
    ['neither', Buffer.from('hello'), null],
  ])('looks at the body where the type says nothing: %s', async (_, bytes, form) => {
    const { deps } = aCollector()
    const outcome = await createOtlpIntake('otlp-http', deps).handle(aCall({ bytes }))
    if (form === null) expect(outcome).toMatchObject({ ok: false, code: 'UNSUPPORTED_MEDIA_TYPE' })
    else expect(outcome).toMatchObject({ ok: true, form })
  })

  it('believes the body more than its type', async () => {
    const { deps } = aCollector()
    const intake = createOtlpIntake('otlp-http', deps)
    expect(await intake.handle(aCall({ bytes: json(aTracesJson([{}])), declared: 'protobuf' }))).toMatchObject({
      form: 'json',
    })
    expect(await intake.handle(aCall({ bytes: aTraces([{}]), declared: 'json' }))).toMatchObject({ form: 'protobuf' })
  })

  it.each<[string, Buffer, ErrorCode]>([
    ['JSON that is cut', json(aTracesJson([{}])).subarray(0, -1), 'INVALID_OTLP'],
    ['JSON of another structure', json({ resourceSpans: { scopeSpans: 'secret' } }), 'INVALID_OTLP'],
    ['JSON logs', json({ resourceLogs: [] }), 'INVALID_OTLP'],
    ['JSON metrics', json({ resourceMetrics: [] }), 'SIGNAL_NOT_ACCEPTED'],
    ['JSON nested ten million deep', Buffer.from('{"resourceSpans":'.padEnd(10_000_000, '[')), 'REQUEST_TOO_LARGE'],
    ['JSON of ten million values', Buffer.from(`{"resourceSpans":[${'0,'.repeat(10_000_000)}0]}`), 'REQUEST_TOO_LARGE'],
    ['log records in protobuf', aLogs(['secret']), 'INVALID_OTLP'],
  ])('refuses %s', async (_, bytes, code) => {
    const { deps, appended, lines } = aCollector()
    const outcome = await createOtlpIntake('otlp-http', deps).handle(aCall({ bytes }))
    expect(outcome).toMatchObject({ ok: false, code })
    expect(JSON.stringify(outcome) + lines.join()).not.toContain('secret')
    expect(appended).toEqual([])
    expect(deps.admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  })

  it('names the place of what is wrong in JSON in one sentence', async () => {
    const { deps } = aCollector()
    const bytes = Buffer.from('{"resourceSpans":[{"scopeSpans":5}]}')
    const outcome = await createOtlpIntake('otlp-http', deps).handle(aCall({ bytes }))
    expect(outcome).toMatchObject({
      code: 'INVALID_OTLP',
      message: expect.stringMatching(/^Not OTLP at resourceSpans\[0\]\.scopeSpans: the value is not an array\. [A-Z]/),
    })
  })

  it('tells the sender of a bug no more than that there is one', async () => {
    const { deps, lines } = aCollector()
    const read = () => Promise.reject(new Error('/home/someone/secret'))
    const outcome = await createOtlpIntake('otlp-http', deps).handle(aCall({}, { read }))
    expect(outcome).toMatchObject({ ok: false, code: 'INTERNAL' })
    expect(JSON.stringify(outcome)).not.toContain('secret')
    expect(lines.join()).toContain('secret')
  })

  it('logs the first failure of a kind in full and then counts, with the trace of the request', async () => {
    const { deps, lines } = aCollector()
    const intake = createOtlpIntake('otlp-http', deps)
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const trailOf = (sent: string) => readTrail((name) => (name === 'traceparent' ? sent : undefined))
    for (let i = 0; i < 100; i++)
      await intake.handle(aCall({ bytes: Buffer.from('hello') }, { trail: trailOf(traceparent) }))
    await intake.handle(aCall({ bytes: Buffer.from('{"') }, { trail: trailOf('hello') }))
    const logged = lines.map((line) => JSON.parse(line))
    expect(logged).toHaveLength(2)
    const trace_id = '0af7651916cd43dd8448eb211c80319c'
    const named = { trace_id, correlation_id: trace_id }
    expect(logged[0]).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', status: 415, ...named, project: 'default' })
    expect(logged[1]).toMatchObject({ code: 'INVALID_OTLP', status: 400 })
    expect(logged[1]).not.toHaveProperty('trace_id')
  })

  it('puts what the request is called on every record of it', async () => {
    const { deps, appended } = aCollector()
    const trail = readTrail((name) => (name === 'x-correlation-id' ? 'order-7' : undefined))
    await createOtlpIntake('otlp-http', deps).handle(aCall({ bytes: aTraces([{}]) }, { trail }))
    await createOtlpIntake('otlp-http', deps).handle(aCall({ bytes: aTraces([{}]) }))
    const [named, nameless] = appended.map(({ records }) => records[0]?.headers.correlation_id)
    expect(named).toBe('order-7')
    expect(nameless).toMatch(/^[0-9a-f]{32}$/)
  })

  it('counts what it answers, takes and refuses', async () => {
    const { deps, registry } = aCollector()
    const intake = createOtlpIntake('otlp-grpc', deps)
    await intake.handle(aCall({ bytes: aTraces([{}, {}, { spanId: '' }]) }))
    await intake.handle(aCall({ bytes: aLogs(['a']) }, { signal: 'logs' }))
    await intake.handle(aCall({ bytes: Buffer.from('hello') }))
    intake.refuse(new CodedError('ROUTE_NOT_FOUND'))
    const metrics = await registry.metrics()
    for (const line of [
      'evalforge_requests_total{component="otlp-grpc",signal="traces",code="OK"} 1',
      'evalforge_requests_total{component="otlp-grpc",signal="traces",code="UNSUPPORTED_MEDIA_TYPE"} 1',
      'evalforge_requests_total{component="otlp-grpc",signal="other",code="ROUTE_NOT_FOUND"} 1',
      'evalforge_spans_received_total{component="otlp-grpc",project="default"} 2',
      'evalforge_log_records_received_total{component="otlp-grpc",project="default"} 1',
      'evalforge_rejected_total{component="otlp-grpc",code="SPAN_INVALID"} 1',
      'evalforge_requests_in_flight{component="otlp-grpc"} 0',
    ]) {
      expect(metrics).toContain(line)
    }
  })

  it('refuses everything once it is stopped', async () => {
    const { deps } = aCollector()
    const intake = createOtlpIntake('otlp-http', deps)
    intake.stop()
    expect(await intake.handle(aCall({ bytes: aTraces([{}]) }))).toMatchObject({ ok: false, code: 'SHUTTING_DOWN' })
  })
})

describe('failureStatus', () => {
  it('lets a sender try again exactly where OTLP lets it and the catalogue says that it can help', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { http, retry_after_s } = failureStatus(code)
      const retryable = [429, 502, 503, 504].includes(http)
      expect(retry_after_s > 0, code).toBe(retryable)
      if (code !== 'INTERNAL') expect(retryable, code).toBe(ERRORS[code].retry === 'later')
    }
  })
})
