import { describe, expect, it } from 'vitest'
import { type Plain, rowOf } from '../testing/builders.ts'

type Values = Readonly<Record<string, Plain>>

describe('which dialect reads a span', () => {
  it.each<[string, Values, string | undefined]>([
    ['langfuse', { 'langfuse.observation.type': 'generation', 'openinference.span.kind': 'LLM' }, undefined],
    ['openinference', { 'openinference.span.kind': 'LLM', 'gen_ai.operation.name': 'chat' }, undefined],
    ['vercel_ai', { 'ai.operationId': 'ai.generateText', 'gen_ai.system': 'openai' }, 'ai'],
    ['vercel_ai', { 'gen_ai.operation.name': 'chat' }, 'gen_ai'],
    ['openllmetry', { 'traceloop.span.kind': 'task', 'gen_ai.operation.name': 'execute_task' }, undefined],
    ['openllmetry', { 'gen_ai.operation.name': 'chat' }, '@traceloop/instrumentation-openai'],
    ['openllmetry', { 'gen_ai.prompt.0.content': 'x', 'gen_ai.system': 'OpenAI' }, undefined],
    ['otel_genai', { 'gen_ai.operation.name': 'chat' }, undefined],
    ['otel_genai', { 'langfuse.environment': 'production', 'gen_ai.system': 'openai' }, undefined],
    ['generic', { 'http.method': 'GET' }, undefined],
  ])('%s reads %j', (dialect, values, scope) => {
    expect(rowOf(values, {}, scope).dialect).toBe(dialect)
  })
})
