import { expect, it } from 'vitest'
import { otlpHint } from './otlp-hints.ts'
import { aTracesJson } from './source.samples.ts'

it.each<[string, unknown]>([
  ['a request', aTracesJson([{}])],
  ['an empty request', {}],
  ['a request without groups', { resourceSpans: [] }],
  ['groups that are null', { resourceSpans: null }],
  ['snake_case, which is read as well', { resource_spans: [{ scope_spans: [] }] }],
  ['members to come, beside ours', { resourceSpans: [], model: 'x', messages: [] }],
])('leaves %s alone', (_, json) => {
  expect(otlpHint('traces', json)).toBeUndefined()
})

it.each<[string, unknown, string]>([
  ['a simple trace', { name: 'secret', input: 'secret', model: 'secret' }, '/api/v1/traces'],
  ['a batch of simple traces', { traces: [{ name: 'secret' }] }, '/api/v1/traces'],
  ['a list of simple traces', [{ name: 'secret', input: 'secret' }], '/api/v1/traces'],
  ['a single span', { traceId: 'secret', spanId: 'secret', name: 'secret' }, 'single span'],
  ['a single span in snake_case', { trace_id: 'secret', span_id: 'secret' }, 'single span'],
  ['a list of spans', [{ traceId: 'secret', spanId: 'secret' }], 'single span'],
  ['one of resourceSpans', { resource: {}, scopeSpans: [] }, '{"resourceSpans":['],
  ['spans without what is around them', { spans: [{ traceId: 'secret' }] }, 'scopeSpans'],
  ['what Tempo answers', { batches: [{ scopeSpans: [] }] }, '{"resourceSpans":['],
  ['OTLP of before 2022', { resourceSpans: [{ instrumentationLibrarySpans: [] }] }, 'scopeSpans now'],
  ['Zipkin', [{ traceId: 'secret', id: 'secret', timestamp: 1, localEndpoint: {} }], 'Zipkin'],
  ['Jaeger, as its API answers', { data: [{ traceID: 'secret', spans: [] }] }, 'Jaeger'],
  ['a span of Jaeger', { traceID: 'secret', spanID: 'secret', operationName: 'secret' }, 'Jaeger'],
  ['a request to OpenAI', { model: 'secret', messages: [{ role: 'user', content: 'secret' }] }, 'calls no models'],
  ['a request to the Responses API', { model: 'secret', input: 'secret' }, 'calls no models'],
  ['an answer of OpenAI', { id: 'secret', object: 'chat.completion', choices: [], usage: {} }, 'answer of a model'],
  ['anything else', { secret: 'secret' }, '{"resourceSpans":[{"scopeSpans":[{"spans":[…]}]}]}'],
  ['a list of anything', ['secret'], '{"resourceSpans":[…]}'],
  ['a text', 'secret', 'no object'],
  ['null', null, 'no object'],
])('tells what to do with %s, and quotes nothing of it', (_, json, says) => {
  const hint = otlpHint('traces', json)
  expect(hint).toContain(says)
  expect(hint).not.toContain('secret')
})

it('knows log records', () => {
  expect(otlpHint('logs', { timeUnixNano: '1', body: {} })).toContain('"logRecords":[')
  expect(otlpHint('logs', { resourceLogs: [] })).toBeUndefined()
  expect(otlpHint('logs', { hello: 1 })).toContain('holds no resourceLogs')
})
