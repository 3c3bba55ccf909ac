import { describe, expect, it } from 'vitest'
import { anEvent, lines, rowOf } from '../testing/builders.ts'

describe('OpenTelemetry GenAI', () => {
  it('reads 1.37 and later, structured or as JSON text', () => {
    const messages = [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }]
    const output = [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finish_reason: 'stop' }]
    const common = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'priced-model',
      'gen_ai.usage.input_tokens': 19,
      'gen_ai.usage.output_tokens': 10,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.reasoning.output_tokens': 2,
      'gen_ai.response.time_to_first_chunk': 0.25,
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.conversation.id': 'c1',
    }
    const structured = rowOf({
      ...common,
      'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
      'gen_ai.input.messages': messages,
      'gen_ai.output.messages': output,
    })
    const text = rowOf({
      ...common,
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be brief.' }]),
      'gen_ai.input.messages': JSON.stringify(messages),
      'gen_ai.output.messages': JSON.stringify(output),
    })
    expect(structured).toEqual(text)
    expect(text).toMatchObject({
      system_instructions: 'Be brief.',
      finish_reasons: ['stop'],
      input_tokens: 19,
      cache_read_input_tokens: 4,
      reasoning_output_tokens: 2,
      time_to_first_token_ms: 250,
      session_id: 'c1',
      cost_usd: (15 * 2 + 4 * 1 + 10 * 8) / 1e6,
      price_version: '2026-01-01',
    })
    expect(text.parameters).toMatchObject({ temperature: 0.2, stop_sequences: ['END'] })
    expect(lines(text.input_messages)).toEqual(['user: Hi'])
    expect(lines(text.output_messages)).toEqual(['assistant: Hello'])
  })

  it.each([
    ['a bare string', 'Be brief.'],
    ['strings', '["Be brief."]'],
    ['parts', '[{"type":"text","content":"Be brief."}]'],
  ])('reads system instructions given as %s', (_, value) => {
    const row = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.system_instructions': value })
    expect(row.system_instructions).toBe('Be brief.')
    expect(row.input_captured).toBe(false)
  })

  it('reads 1.26: prompt and completion as span events', () => {
    const row = rowOf(
      {
        'gen_ai.system': 'openai',
        'gen_ai.request.model': 'gpt-4',
        'gen_ai.usage.prompt_tokens': 3,
        'gen_ai.usage.completion_tokens': 5,
      },
      {
        events: [
          anEvent('gen_ai.content.prompt', {
            'gen_ai.prompt': '[{"role":"system","content":"S"},{"role":"user","content":"Q"}]',
          }),
          anEvent('gen_ai.content.completion', { 'gen_ai.completion': '[{"role":"assistant","content":"A"}]' }),
        ],
      },
    )
    expect(row).toMatchObject({
      system_instructions: 'S',
      input_tokens: 3,
      output_tokens: 5,
      input_captured: true,
      output_captured: true,
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
  })

  it('reads 1.28 to 1.36: one event a message, as Strands and Semantic Kernel send them', () => {
    const row = rowOf(
      { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'strands-agents', 'gen_ai.request.model': 'claude-sonnet-4' },
      {
        events: [
          anEvent('gen_ai.system.message', { content: '[{"text":"S"}]' }),
          anEvent('gen_ai.user.message', { content: '[{"text":"Q"}]' }),
          anEvent('gen_ai.assistant.message', {
            content: '[{"toolUse":{"toolUseId":"t1","name":"add","input":{"a":1}}}]',
          }),
          anEvent('gen_ai.tool.message', { content: '[{"toolResult":{"toolUseId":"t1","content":[{"text":"2"}]}}]' }),
          anEvent('gen_ai.choice', {
            finish_reason: 'end_turn',
            index: '0',
            message: '{"role":"assistant","content":"A"}',
          }),
        ],
      },
    )
    expect(row).toMatchObject({ system_instructions: 'S', provider: 'anthropic', finish_reasons: ['end_turn'] })
    expect(lines(row.input_messages)).toEqual(['user: Q', 'assistant: call t1 add({"a":1})', 'tool: result t1 = 2'])
    expect(lines(row.output_messages)).toEqual(['assistant: A'])
  })

  it('merges several operation.details events', () => {
    const row = rowOf(
      { 'gen_ai.operation.name': 'chat' },
      {
        events: [
          anEvent('gen_ai.client.inference.operation.details', {
            'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Q"}]}]',
          }),
          anEvent('gen_ai.client.inference.operation.details', {
            'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":"A"}]}]',
          }),
        ],
      },
    )
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
  })

  it('says that nothing was captured where content is elsewhere or off, and that an empty text was', () => {
    const uncaptured = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages_ref': 'memory://x' })
    expect(uncaptured).toMatchObject({ input_captured: false, output_captured: false })
    const empty = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.completion': '' })
    expect(empty).toMatchObject({ input_captured: false, output_captured: true })
    expect(lines(empty.output_messages)).toEqual(['assistant: '])
  })

  it('reads retrievals with their scores', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.retrieval.query.text': 'capital?',
      'gen_ai.retrieval.documents': [
        { id: 'd1', score: 0.9, content: 'Paris' },
        { id: 'd2', score: '0.1' },
      ],
    })
    expect(row).toMatchObject({
      kind: 'retrieval',
      query: 'capital?',
      documents: [
        { id: 'd1', content: 'Paris', score: 0.9 },
        { id: 'd2', content: '', score: 0.1 },
      ],
    })
  })

  it('keeps what an agent says its children used apart from the sums', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.usage.input_tokens': 38,
      'gen_ai.aggregated_usage.output_tokens': 20,
    })
    expect(row).toMatchObject({
      input_tokens: null,
      output_tokens: null,
      reported_input_tokens: 38,
      reported_output_tokens: 20,
    })
  })
})
