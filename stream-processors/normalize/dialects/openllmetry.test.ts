import { describe, expect, it } from 'vitest'
import { anEvent, lines, rowOf } from '../testing/builders.ts'

describe('OpenLLMetry', () => {
  it('reads llm.prompts of the first generation', () => {
    const row = rowOf({
      'llm.request.type': 'completion',
      'llm.vendor': 'OpenAI',
      'llm.request.model': 'davinci-002',
      'llm.prompts.0.user': 'Tell me a joke',
      'llm.completions.0.content': 'No.',
      'llm.completions.0.finish_reason': 'length',
      'llm.usage.prompt_tokens': 8,
      'llm.usage.completion_tokens': 16,
      'llm.headers': 'None',
    })
    expect(row).toMatchObject({
      provider: 'openai',
      request_model: 'davinci-002',
      input_tokens: 8,
      output_tokens: 16,
      finish_reasons: ['length'],
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['user: Tell me a joke'],
      ['assistant: No.'],
    ])
    expect(row.attributes.size).toBe(0)
  })

  it('reads gen_ai.prompt.<i> of the second, with parts as JSON, tool calls and empty lists for unset values', () => {
    const row = rowOf({
      'llm.request.type': 'chat',
      'gen_ai.system': 'Anthropic',
      'gen_ai.request.model': 'claude',
      'llm.request.reasoning_effort': [],
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content':
        '[{"type":"text","text":"Look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGVsbG8="}}]',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.tool_calls.0.id': 't1',
      'gen_ai.completion.0.tool_calls.0.name': 'add',
      'gen_ai.completion.0.tool_calls.0.arguments': '{"a":1}',
      'gen_ai.completion.0.finish_reason': 'tool_calls',
      'gen_ai.usage.prompt_tokens': '7',
      'gen_ai.usage.completion_tokens': 3.0,
      'traceloop.association.properties.session_id': 456,
    })
    expect(row).toMatchObject({
      provider: 'anthropic',
      input_tokens: 7,
      output_tokens: 3,
      session_id: '456',
      finish_reasons: ['tool_calls'],
    })
    expect(lines(row.input_messages)).toEqual([
      'user: Look | media image/png sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    ])
    expect(lines(row.output_messages)).toEqual(['assistant: call t1 add({"a":1})'])
  })

  it('reads workflows, and names tools after their entity', () => {
    const row = rowOf({
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'get_weather',
      'traceloop.entity.input': '{"city":"Paris"}',
      'traceloop.entity.output': '{"temp_c":21}',
      'traceloop.workflow.name': 'chat',
      'traceloop.prompt.key': 'joke',
      'traceloop.prompt.version': '5',
    })
    expect(row).toMatchObject({
      kind: 'tool',
      tool_name: 'get_weather',
      workflow_name: 'chat',
      prompt_name: 'joke',
      prompt_version: '5',
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['assistant: call  get_weather({"city":"Paris"})'],
      ['tool: result  = {"temp_c":21}'],
    ])
  })

  it('takes the time of the first chunk event', () => {
    const row = rowOf(
      { 'llm.request.type': 'chat', 'gen_ai.request.model': 'm' },
      {
        events: [
          anEvent('gen_ai.content.completion.chunk', {}, 40),
          anEvent('gen_ai.content.completion.chunk', {}, 90),
        ],
      },
    )
    expect(row.time_to_first_token_ms).toBe(40)
  })

  it('reads LangChain documents from the output', () => {
    const row = rowOf({
      'traceloop.span.kind': 'task',
      'gen_ai.operation.name': 'vector_db_retrieve',
      'gen_ai.provider.name': 'langchain',
      'traceloop.entity.input': '{"query":"capital?","tags":[],"kwargs":{}}',
      'traceloop.entity.output': '{"documents":[{"page_content":"Paris","metadata":{"score":0.9}}],"count":1}',
    })
    expect(row).toMatchObject({
      kind: 'retrieval',
      query: 'capital?',
      provider: '',
      documents: [{ id: '', content: 'Paris', score: 0.9 }],
    })
  })
})
