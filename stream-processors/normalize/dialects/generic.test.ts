import { describe, expect, it } from 'vitest'
import { lines, rowOf } from '../testing/builders.ts'

describe('others', () => {
  it('reads the bytes and the Python reprs of LangSmith', () => {
    const row = rowOf({
      'langsmith.span.kind': 'llm',
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'langchain',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.prompt': Buffer.from('{"messages":[{"role":"user","content":"Q"}]}'),
      'gen_ai.completion': Buffer.from(
        '{"choices":[{"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}]}',
      ),
      'gen_ai.usage.input_tokens': 21,
      'gen_ai.usage.input_token_details': "{'cache_read': 4}",
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.usage.output_token_details': "{'reasoning': 1}",
      'langsmith.metadata.session_id': 's1',
      'langsmith.span.tags': 'prod, v2',
    })
    expect(row).toMatchObject({
      provider: 'openai',
      cache_read_input_tokens: 4,
      reasoning_output_tokens: 1,
      session_id: 's1',
      tags: ['prod', 'v2'],
      finish_reasons: ['stop'],
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
  })

  it('keeps an unknown span readable', () => {
    const row = rowOf({
      input: '{"question":"why"}',
      output: 'because',
      'custom.key': 7,
      'custom.list': ['a', { b: 1 }],
    })
    expect(row).toMatchObject({ dialect: 'generic', kind: 'other', input_captured: true, output_captured: true })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['user: {"question":"why"}'],
      ['assistant: because'],
    ])
    expect([...row.attributes]).toEqual([
      ['custom.key', '7'],
      ['custom.list', '["a",{"b":1}]'],
    ])
  })

  it('takes bare names for content only where a span of a known dialect has nothing better', () => {
    const row = rowOf({ 'gen_ai.operation.name': 'chat', input: 'q', output: 'a', unrelated: 'x' })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: q'], ['assistant: a']])
    expect([...row.attributes.keys()]).toEqual(['unrelated'])
    const better = rowOf({ 'gen_ai.operation.name': 'chat', input: 'q', 'gen_ai.prompt': 'asked' })
    expect(lines(better.input_messages)).toEqual(['user: asked'])
  })
})
