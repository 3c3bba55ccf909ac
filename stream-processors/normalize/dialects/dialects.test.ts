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
    ['claude_code', { 'span.type': 'tool', 'gen_ai.system': 'anthropic' }, 'com.anthropic.claude_code.tracing'],
    // By the prefix of a name, where none of those stands that tell a dialect for certain.
    ['langfuse', { 'langfuse.trace.name': 'x' }, undefined],
    ['openinference', { 'llm.token_count.completion': 1 }, undefined],
    ['vercel_ai', { 'ai.telemetry.functionId': 'x' }, undefined],
    ['openllmetry', { 'gen_ai.completion.0.content': 'x' }, undefined],
    ['otel_genai', { 'gen_ai.conversation.id': 'x' }, undefined],
    ['generic', { 'http.method': 'GET' }, undefined],
  ])('%s reads %j', (dialect, values, scope) => {
    expect(rowOf(values, {}, scope).dialect).toBe(dialect)
  })
})
