import { describe, expect, it } from 'vitest'
import { lines, rowOf } from '../testing/builders.ts'

describe('Langfuse', () => {
  const generation = { 'langfuse.observation.type': 'generation', 'langfuse.observation.model.name': 'gpt-4o' }

  it.each([
    [
      'exclusive',
      { input: 15, output: 8, total: 29, input_cached_tokens: 4, output_reasoning_tokens: 2 },
      [19, 10, 4, null, 2],
    ],
    [
      'exclusive, Anthropic',
      { input_tokens: 15, output_tokens: 10, cache_read_input_tokens: 4, cache_creation_input_tokens: 6 },
      [25, 10, 4, 6, null],
    ],
    [
      'split cache writes',
      { input: 1, output: 1, input_cache_creation_5m: 2, input_cache_creation_1h: 3 },
      [6, 1, null, 5, null],
    ],
    ['inclusive by its total', { input: 19, output: 10, total: 29, input_cached_tokens: 4 }, [19, 10, 4, null, null]],
    [
      'OpenAI',
      {
        prompt_tokens: 19,
        completion_tokens: 10,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      [19, 10, 4, null, 2],
    ],
    [
      'OpenAI responses',
      { input_tokens: 19, output_tokens: 10, input_tokens_details: { cached_tokens: 4 } },
      [19, 10, 4, null, null],
    ],
    ['nothing', {}, [null, null, null, null, null]],
    ['nonsense', { input: 'many', output: -3 }, [null, null, null, null, null]],
  ])('makes %s counts inclusive', (_, details, [input, output, read, written, reasoning]) => {
    expect(rowOf({ ...generation, 'langfuse.observation.usage_details': JSON.stringify(details) })).toMatchObject({
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: read,
      cache_write_input_tokens: written,
      reasoning_output_tokens: reasoning,
    })
  })

  it('reads level, costs, first token, prompt, session, tags and parameters', () => {
    const row = rowOf({
      ...generation,
      'langfuse.observation.input': '{"messages":[{"role":"user","content":"Q"}]}',
      'langfuse.observation.output': '{"role":"assistant","content":"A"}',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'Rate limit',
      'langfuse.observation.cost_details': '{"input":0.01,"output":0.02}',
      'langfuse.observation.completion_start_time': '"2026-01-01T00:00:00.250Z"',
      'langfuse.observation.prompt.name': 'joke',
      'langfuse.observation.prompt.version': 3,
      'langfuse.observation.model.parameters': '{"temperature":"0.2","max_tokens":"Infinity"}',
      'langfuse.session.id': 's1',
      'session.id': 'other',
      'user.id': 'u1',
      'langfuse.trace.tags': '["a","b"]',
      'langfuse.environment': 'production',
      'langfuse.trace.metadata.plan': 'pro',
    })
    expect(row).toMatchObject({
      status: 'error',
      error_message: 'Rate limit',
      reported_cost_usd: 0.03,
      time_to_first_token_ms: 250,
      prompt_name: 'joke',
      prompt_version: '3',
      session_id: 's1',
      user_id: 'u1',
      tags: ['a', 'b'],
      environment: 'production',
    })
    expect(row.parameters).toMatchObject({ temperature: 0.2, max_tokens: null })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
    expect(row.attributes.get('langfuse.trace.metadata.plan')).toBe('pro')
  })

  it('fills gaps from gen_ai attributes on the same span', () => {
    const row = rowOf({
      'langfuse.observation.type': 'generation',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.prompt.0.content': 'Q',
    })
    expect(row).toMatchObject({ dialect: 'langfuse', request_model: 'gpt-4o', input_tokens: 5 })
    expect(lines(row.input_messages)).toEqual(['user: Q'])
  })
})
