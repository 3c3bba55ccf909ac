import { describe, expect, it } from 'vitest'
import { lines, type Plain, rowOf } from '../testing/builders.ts'

describe('OpenInference', () => {
  it('reads flat indexed messages in numeric order, whatever the order of the attributes', () => {
    const values: Record<string, Plain> = { 'openinference.span.kind': 'LLM', 'input.value': '{"messages":[]}' }
    for (const index of [10, 2, 0]) {
      values[`llm.input_messages.${index}.message.role`] = 'user'
      values[`llm.input_messages.${index}.message.content`] = `m${index}`
    }
    expect(lines(rowOf(values).input_messages)).toEqual(['user: m0', 'user: m2', 'user: m10'])
  })

  it('reads tool calls, images and reasoning', () => {
    const row = rowOf({
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.contents.0.message_content.type': 'text',
      'llm.input_messages.0.message.contents.0.message_content.text': 'What?',
      'llm.input_messages.0.message.contents.1.message_content.type': 'image',
      'llm.input_messages.0.message.contents.1.message_content.image.image.url': 'https://example.com/a.png',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
      'llm.output_messages.0.message.contents.0.message_content.text': 'hm',
      'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'c1',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'add',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"a":1}',
    })
    expect(lines(row.input_messages)).toEqual(['user: What? | media image https://example.com/a.png'])
    expect(lines(row.output_messages)).toEqual(['assistant: reasoning hm | call c1 add({"a":1})'])
  })

  it("reads LangChain's score from the metadata", () => {
    const row = rowOf({
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'capital?',
      'retrieval.documents.0.document.content': 'Paris',
      'retrieval.documents.0.document.metadata': '{"source":"wiki","score":0.91}',
    })
    expect(row).toMatchObject({
      query: 'capital?',
      documents: [{ id: '', content: 'Paris', score: 0.91 }],
      output_captured: true,
    })
    expect(row.input_messages).toEqual([])
  })

  it.each([
    ['asked and answered', { 'llm.model_name': 'm-2024', 'llm.invocation_parameters': '{"model":"m"}' }, 'm', 'm-2024'],
    ['asked only', { 'llm.model_name': 'm', 'llm.invocation_parameters': '{"model":"m"}' }, 'm', ''],
    [
      'explicit names',
      { 'llm.request.model_name': 'a', 'llm.response.model_name': 'b', 'llm.model_name': 'c' },
      'a',
      'b',
    ],
  ])('tells the models apart: %s', (_, values, request_model, response_model) => {
    expect(rowOf({ 'openinference.span.kind': 'LLM', ...values })).toMatchObject({ request_model, response_model })
  })
})
