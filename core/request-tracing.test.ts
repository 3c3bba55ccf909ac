import { expect, it } from 'vitest'
import { readTrail } from './correlation.ts'
import { createOtlpIntake } from './otlp-intake.ts'
import { aCollector, aTraces } from './source.samples.ts'
import { recordSpans } from './tracing.samples.ts'
import { SELF_TELEMETRY_MARK } from './tracing.ts'

const SENDER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

function trailOf(headers: Readonly<Record<string, string>>) {
  return readTrail((name) => headers[name])
}

async function send(bytes: Buffer, headers: Readonly<Record<string, string>>) {
  const { deps, appended } = aCollector()
  const outcome = await createOtlpIntake('otlp-http', deps).handle({
    signal: 'traces',
    transport: 'http',
    keys: [],
    trail: trailOf(headers),
    read: async () => ({ bytes, encodings: [], declared: null }),
  })
  return { outcome, headers: appended.map(({ records }) => records[0]!.headers) }
}

it("continues the sender's trace to the append, and hands it to the log", async () => {
  using recorded = recordSpans()
  const { headers } = await send(aTraces([{}]), { traceparent: SENDER, 'x-correlation-id': 'order-7' })
  const [append, request] = recorded.spans
  expect(request).toMatchObject({ name: 'ingest request', parent: 'b7ad6b7169203331', trace_id: SENDER.slice(3, 35) })
  expect(request?.attributes).toEqual({
    component: 'otlp-http',
    signal: 'traces',
    correlation_id: 'order-7',
    code: 'OK',
  })
  expect(append).toMatchObject({ name: 'append', parent: request?.span_id })
  expect(headers).toMatchObject([{ traceparent: `00-${SENDER.slice(3, 35)}-${append?.span_id}-01` }])
})

it('says what a refusal is, and quotes nothing that was sent', async () => {
  using recorded = recordSpans()
  await send(Buffer.from('{"secret"'), {})
  expect(recorded.spans.map(({ name, attributes }) => [name, attributes.code])).toEqual([
    ['ingest request', 'INVALID_OTLP'],
  ])
  expect(JSON.stringify(recorded.spans)).not.toContain('secret')
})

it.each<[string, Buffer, Readonly<Record<string, string>>]>([
  ['by their header', aTraces([{}]), { 'x-evalforge-telemetry': '1' }],
  ['by their resource', aTraces([{ attributes: [{ key: SELF_TELEMETRY_MARK, value: { stringValue: 'true' } }] }]), {}],
])('takes spans about ourselves without tracing that, told %s', async (_, bytes, headers) => {
  using recorded = recordSpans()
  const { outcome, headers: stored } = await send(bytes, { traceparent: SENDER, ...headers })
  expect(outcome.ok).toBe(true)
  expect(recorded.spans).toEqual([])
  expect(stored[0]).not.toHaveProperty('traceparent')
})
