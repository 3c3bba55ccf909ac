import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { expect, it } from 'vitest'
import { freePorts, type StartedPipeline } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { aChat, aPipeline, aRequest, ask, temporaryDirectory, traceId, until } from './a-pipeline.ts'

/** Passes requests on as a Collector does: the bytes, and none of the headers that it does not know. */
async function aRelay(otlp_http: string): Promise<Server & Disposable> {
  const server = createServer((incoming, answer) => {
    const { 'content-type': type, 'content-encoding': encoding } = incoming.headers
    const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) }
    const outgoing = request(`${otlp_http}${incoming.url}`, { method: 'POST', headers }, (taken) => {
      answer.writeHead(taken.statusCode ?? 500, { 'content-type': taken.headers['content-type'] })
      taken.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(server, {
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  })
}

interface OwnSpan {
  readonly name: string
  readonly trace_id: string
  readonly span_id: string
  readonly parent_span_id: string
}

const STEPS = ['ingest request', 'append', 'judge', 'process batch', 'deliver clickhouse', 'call insert', 'commit']

const ownSpans = (pipeline: StartedPipeline) =>
  ask<OwnSpan>(pipeline, `SELECT name, trace_id, span_id, parent_span_id FROM spans WHERE service_name = 'evalforge'`)

/** Sends one request that its sender traces, and waits for all spans about it. */
async function sendTraced(pipeline: StartedPipeline, number: number): Promise<readonly OwnSpan[]> {
  const response = await fetch(`${pipeline.otlp_http}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-correlation-id': `request-${number}`,
      traceparent: `00-${traceId(number)}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify(aRequest([aChat({ trace: 1_000 + number, span: 1, start_ms: Date.now() - 1_000 })])),
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-correlation-id')).toBe(`request-${number}`)
  const mine = async () => (await ownSpans(pipeline)).filter(({ trace_id }) => trace_id === traceId(number))
  const missing = async () => {
    const seen = new Set((await mine()).map(({ name }) => name))
    return STEPS.filter((name) => !seen.has(name))
  }
  // Each process exports its own spans, in no order.
  await until('every step is traced', async () => (await missing()).length === 0, 60_000)
  return mine()
}

/** As many as a moment before; a loop would add some with every batch that the exporter sends, ten a second. */
async function untilCalm(pipeline: StartedPipeline): Promise<void> {
  let last = -1
  await until(
    'the spans of EvalForge about itself stop growing',
    async () => {
      const now = (await ownSpans(pipeline)).length
      const calm = now === last
      last = now
      if (!calm) await systemClock.sleep(1_000)
      return calm
    },
    60_000,
  )
}

it('traces a request from its sender to its commit, and never itself, also where a Collector takes our header away', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  using relay = await aRelay(`http://127.0.0.1:${ports.otlp_http}`)
  const { port } = relay.address() as { port: number }
  await using pipeline = await aPipeline(directory, {
    ports,
    config: { telemetry: { otlp_endpoint: `http://127.0.0.1:${port}`, sampling_ratio: 1 } },
    environment: { OTEL_BSP_SCHEDULE_DELAY: '100' },
  })
  const spans = await sendTraced(pipeline, 7)
  const parentOf = (name: string) => spans.find((span) => span.name === name)?.parent_span_id
  const idOf = (name: string) => spans.find((span) => span.name === name)?.span_id
  expect(parentOf('ingest request')).toBe('00f067aa0ba902b7')
  expect(parentOf('append')).toBe(idOf('ingest request'))
  expect(parentOf('judge')).toBe(idOf('append'))
  expect(parentOf('process batch')).toBe(idOf('append'))
  expect(parentOf('commit')).toBe(idOf('process batch'))
  await untilCalm(pipeline)
  // Everything that is traced was caused by the one request.
  expect((await ownSpans(pipeline)).filter(({ trace_id }) => trace_id !== traceId(7)).map(({ name }) => name)).toEqual(
    [],
  )
})
