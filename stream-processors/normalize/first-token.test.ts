import { expect, it } from 'vitest'
import { anEvent, type Plain, rowOf, START } from './testing/builders.ts'

it.each<[string, Plain, number]>([
  ['gen_ai.response.time_to_first_chunk', 0.25, 250],
  ['gen_ai.client.operation.time_to_first_chunk', '0.25', 250],
  ['gen_ai.server.time_to_first_token', 250, 250],
  ['gen_ai.server.time_to_first_token', 0.25, 250],
  ['ai.response.msToFirstChunk', 250, 250],
  ['ai.stream.msToFirstChunk', 250.5, 250.5],
  ['lk.response.ttft', 0.25, 250],
  ['acme.llm.ttft_ms', 250, 250],
  ['langwatch.timestamps', '{"started_at":1000,"first_token_at":1250}', 250],
  ['langfuse.observation.completion_start_time', '2026-01-01T00:00:00.250Z', 250],
  ['langfuse.observation.completion_start_time', '"2026-01-01T00:00:00.250Z"', 250],
])('%s: %s is %s ms to the first token', (name, value, expected) => {
  expect(rowOf({ [name]: value }).time_to_first_token_ms).toBe(expected)
})

it.each([
  'First Token Stream Event',
  'gen_ai.content.completion.chunk',
  'llm.content.completion.chunk',
  'ai.stream.firstChunk',
])('counts from the start of the span to the first %s', (name) => {
  const events = [anEvent(name, {}, 250), anEvent(name, {}, 900)]
  expect(
    rowOf({ 'gen_ai.operation.name': 'chat' }, { start_time_unix_nano: START, events }).time_to_first_token_ms,
  ).toBe(250)
})
