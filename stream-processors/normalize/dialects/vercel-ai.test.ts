import { describe, expect, it } from 'vitest'
import { lines, rowOf } from '../testing/builders.ts'

describe('Vercel AI SDK', () => {
  const call = {
    'ai.operationId': 'ai.generateText.doGenerate',
    'ai.model.id': 'gpt-4o',
    'ai.model.provider': 'openai.responses',
  }

  it('reads text, tool calls and reasoning of one answer as one message', () => {
    const row = rowOf({
      ...call,
      'ai.prompt.messages': '[{"role":"user","content":[{"type":"text","text":"Q"}]}]',
      'ai.prompt.tools': ['{"type":"function","name":"add"}'],
      'ai.response.text': '',
      'ai.response.reasoning': 'hm',
      'ai.response.toolCalls': '[{"toolCallId":"c1","toolName":"add","input":{"a":1}}]',
      'ai.response.finishReason': 'tool-calls',
      'ai.telemetry.metadata.userId': 'u1',
      'ai.telemetry.metadata.langfusePrompt': '{"name":"joke","version":3}',
    })
    expect(row).toMatchObject({
      provider: 'openai',
      finish_reasons: ['tool-calls'],
      user_id: 'u1',
      prompt_name: 'joke',
      prompt_version: '3',
    })
    expect(row.tool_definitions).toBe('[{"type":"function","name":"add"}]')
    expect(lines(row.output_messages)).toEqual(['assistant: reasoning hm | call c1 add({"a":1})'])
  })

  it.each([
    [
      '3',
      { 'ai.result.text': 'A', 'ai.finishReason': 'stop', 'ai.usage.promptTokens': 3, 'ai.usage.completionTokens': 10 },
    ],
    [
      '4',
      {
        'ai.response.text': 'A',
        'ai.response.finishReason': 'stop',
        'ai.usage.promptTokens': 3,
        'gen_ai.usage.output_tokens': 10,
      },
    ],
    [
      '5',
      {
        'ai.response.text': 'A',
        'gen_ai.response.finish_reasons': ['stop'],
        'ai.usage.inputTokens': 3,
        'ai.usage.outputTokens': 10,
      },
    ],
  ])('reads version %s', (_, values) => {
    const row = rowOf({ ...call, ...values })
    expect(row).toMatchObject({ input_tokens: 3, output_tokens: 10, finish_reasons: ['stop'] })
    expect(lines(row.output_messages)).toEqual(['assistant: A'])
  })

  it('leaves generated JSON as the text it is, and reads the outer prompt', () => {
    expect(lines(rowOf({ ...call, 'ai.response.object': '{"content":"Hello"}' }).output_messages)).toEqual([
      'assistant: {"content":"Hello"}',
    ])
    const outer = rowOf({
      'ai.operationId': 'ai.generateText',
      'ai.prompt': '{"system":"S","prompt":"Q"}',
      'ai.usage.inputTokens': 9,
    })
    expect(outer).toMatchObject({
      kind: 'chain',
      system_instructions: 'S',
      input_tokens: null,
      reported_input_tokens: 9,
    })
    expect(lines(outer.input_messages)).toEqual(['user: Q'])
  })

  it('takes cache counts from providerMetadata', () => {
    const row = rowOf({
      ...call,
      'ai.usage.inputTokens': 18495,
      'ai.usage.cachedInputTokens': '16399',
      'ai.response.providerMetadata':
        '{"anthropic":{"usage":{"cache_read_input_tokens":16399},"cacheCreationInputTokens":2089}}',
    })
    expect(row).toMatchObject({ input_tokens: 18495, cache_read_input_tokens: 16399, cache_write_input_tokens: 2089 })
  })

  it('leaves vectors out', () => {
    const row = rowOf({
      'ai.operationId': 'ai.embed.doEmbed',
      'ai.model.id': 'e',
      'ai.value': '"sunny"',
      'ai.embedding': '[0.1]',
      'ai.usage.tokens': 10,
    })
    expect(row).toMatchObject({ kind: 'embedding', input_tokens: 10, output_captured: false })
    expect(lines(row.input_messages)).toEqual(['user: sunny'])
    expect(row.attributes.has('ai.embedding')).toBe(false)
  })
})
