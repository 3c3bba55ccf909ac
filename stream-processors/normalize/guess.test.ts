import { describe, expect, it } from 'vitest'
import { lines, type Plain, rowOf } from './testing/builders.ts'

type Values = Readonly<Record<string, Plain>>
const read = (values: Values, scope?: string) => {
  const row = rowOf(values, {}, scope)
  return { ...row, input: lines(row.input_messages), output: lines(row.output_messages) }
}
const MESSAGES = '[{"role":"user","content":"Q"}]'

describe('a span of no known SDK', () => {
  it.each<[string, string]>([
    ['acme.llm.prompt', 'acme.llm.completion'],
    ['acme.input', 'acme.output'],
    ['acme.chat.request', 'acme.chat.response'],
    ['myapp.userMessage', 'myapp.assistantMessage'],
    ['bot/question', 'bot/answer'],
    ['svc.llm.request.text', 'svc.llm.response.text'],
    ['x.prompt.content', 'x.completion.content'],
  ])('reads what %s and %s hold', (input, output) => {
    expect(read({ [input]: 'Q', [output]: 'A' })).toMatchObject({
      dialect: 'generic',
      input: ['user: Q'],
      output: ['assistant: A'],
    })
  })

  it.each<[string, Plain]>([
    ['JSON text', MESSAGES],
    ['structured values', [{ role: 'user', content: 'Q' }]],
    ['a request in JSON', '{"model":"m","messages":[{"role":"user","content":"Q"}]}'],
  ])('reads messages sent as %s', (_, value) => {
    expect(read({ 'acme.request.messages': value }).input).toEqual(['user: Q'])
  })

  it('reads messages from indexed names, and keeps two families apart', () => {
    const values = {
      'acme.messages.0.role': 'user',
      'acme.messages.0.content': 'Q',
      'acme.messages.1.role': 'assistant',
      'acme.messages.1.content': 'A',
      'other.messages.0.content': 'else',
    }
    expect(read(values).input).toEqual(['user: Q', 'assistant: A'])
  })

  it('reads the model, the counts and the system prompt', () => {
    const values = {
      'acme.model': 'gpt-4o',
      'acme.usage.prompt_tokens': 7,
      'acme.usage.completionTokens': '3',
      'acme.system_prompt': 'S',
    }
    expect(read(values)).toMatchObject({
      kind: 'llm',
      provider: 'openai',
      input_tokens: 7,
      output_tokens: 3,
      system_instructions: 'S',
    })
  })

  it('leaves alone what belongs to other conventions, and what is no content', () => {
    const values = {
      'http.request': 'GET /',
      'db.query': 'SELECT 1',
      'rpc.response': 'ok',
      'cart.request': 'add',
      'acme.metadata.prompt': 'x',
      'acme.llm.input': 5,
    }
    expect(read(values)).toMatchObject({
      kind: 'other',
      input: [],
      output: [],
      input_captured: false,
      output_captured: false,
    })
    expect([...read(values).attributes.keys()].sort()).toEqual(Object.keys(values).sort())
  })
})

describe('a name that no table knows, on a span of a known SDK', () => {
  it('fills a gap with messages, and with nothing else', () => {
    expect(read({ 'gen_ai.operation.name': 'chat', 'acme.prompt': MESSAGES }).input).toEqual(['user: Q'])
    expect(read({ 'gen_ai.operation.name': 'chat', 'acme.prompt': 'text' }).input).toEqual([])
    const both = {
      'acme.prompt': MESSAGES,
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': '[{"role":"user","content":"own"}]',
    }
    expect(read(both).input).toEqual(['user: own'])
  })
})
