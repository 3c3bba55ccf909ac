import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { readContentEvent } from './span-events.ts'
import { attributes as attributesOf, lines, type Plain } from './testing/builders.ts'

const read = (name: string, attributes: Record<string, Plain>, body?: Plain) =>
  readContentEvent(name, attributesOf(attributes), body === undefined ? undefined : attributesOf({ body }).get('body'))

describe('a log record or event with content', () => {
  it('reads the messages of 1.28 to 1.36 from the body', () => {
    expect(read('gen_ai.system.message', {}, { content: 'Be brief.' })?.system.map((m) => m.parts[0]?.content)).toEqual(
      ['Be brief.'],
    )
    expect(lines(read('gen_ai.user.message', { 'gen_ai.system': 'openai' }, { content: 'Q' })!.input)).toEqual([
      'user: Q',
    ])
    const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }
    const [assistant] = read('gen_ai.assistant.message', {}, { tool_calls: [call] })!.input
    expect(assistant?.parts[0]).toMatchObject({
      type: 'tool_call',
      id: 'c1',
      name: 'weather',
      content: '{"city":"Paris"}',
    })
    const [tool] = read('gen_ai.tool.message', {}, { id: 'c1', content: '21' })!.input
    expect(tool?.parts[0]).toMatchObject({ type: 'tool_call_response', id: 'c1', content: '21' })
  })

  it('reads a choice, whose message may be a map, JSON text or plain text', () => {
    for (const message of [{ content: 'A' }, '{"role":"assistant","content":"A"}', 'A']) {
      const { output, finish_reasons } = read('gen_ai.choice', {}, { index: 0, finish_reason: 'stop', message })!
      expect(lines(output)).toEqual(['assistant: A'])
      expect(finish_reasons).toEqual(['stop'])
    }
  })

  it('takes nothing for content where capture is off', () => {
    expect(read('gen_ai.tool.message', {}, { id: 'c1' })?.input).toEqual([])
    expect(read('gen_ai.user.message', {})?.input).toEqual([])
    expect(
      read('gen_ai.choice', {}, { index: 0, finish_reason: 'stop', message: { role: 'assistant' } }),
    ).toMatchObject({
      output: [],
      finish_reasons: ['stop'],
    })
  })

  it('reads the details of 1.37 from attributes, and of its drafts from the body', () => {
    const details = {
      'gen_ai.input.messages': [{ role: 'Human', parts: [{ type: 'text', content: 'Q' }] }],
      'gen_ai.output.messages': [{ role: 'AI', parts: [{ type: 'text', content: 'A' }], finish_reason: 'stop' }],
      'gen_ai.system_instructions': [{ type: 'text', content: 'S' }],
      'gen_ai.response.finish_reasons': ['stop'],
      'error.type': 'Timeout',
    }
    for (const found of [
      read('gen_ai.client.inference.operation.details', details),
      read('gen_ai.client.inference.operation.details', {}, details),
    ]) {
      expect(lines(found!.input)).toEqual(['user: Q'])
      expect(lines(found!.output)).toEqual(['assistant: A'])
      expect(found).toMatchObject({ finish_reasons: ['stop'], error_type: 'Timeout', system: [{ role: 'system' }] })
    }
  })

  it('knows an event by its attribute, by its whole body in an attribute, and by the heading of Spring AI', () => {
    expect(lines(read('', { 'event.name': 'gen_ai.user.message' }, { content: 'Q' })!.input)).toEqual(['user: Q'])
    expect(lines(read('gen_ai.user.message', { 'gen_ai.event.content': '{"content":"Q"}' })!.input)).toEqual([
      'user: Q',
    ])
    expect(lines(read('gen_ai.user.message', {}, 'Q')!.input)).toEqual(['user: Q'])
    expect(lines(read('', {}, 'Chat Model Prompt Content:\n["Tell a "joke""]')!.input)).toEqual(['user: Tell a "joke"'])
    expect(lines(read('', {}, 'Chat Model Completion:\n["A"]')!.output)).toEqual(['assistant: A'])
  })

  it('reads evaluations, errors, and what command-line agents log', () => {
    expect(
      read('gen_ai.evaluation.result', { 'gen_ai.evaluation.name': 'X' }, 'evaluation: X')?.reported_evaluations,
    ).toHaveLength(1)
    expect(
      read('langwatch.evaluation.custom', { json_encoded_event: '{"name":"X"}' })?.reported_evaluations,
    ).toHaveLength(1)
    expect(
      read('gen_ai.client.operation.exception', { 'exception.type': 'E', 'exception.message': 'm' }),
    ).toMatchObject({
      error_type: 'E',
      error_message: 'm',
    })
    expect(lines(read('claude_code.user_prompt', { prompt: 'Q' })!.input)).toEqual(['user: Q'])
  })

  it('says nothing about any other record', () => {
    expect(read('', {}, 'GET /health 200')).toBeUndefined()
    expect(read('my.event', { content: 'x' }, { content: 'x' })).toBeUndefined()
  })

  const names = fc.constantFrom(
    ...['system', 'user', 'assistant', 'tool'].map((role) => `gen_ai.${role}.message`),
    'gen_ai.choice',
    'gen_ai.content.prompt',
    'gen_ai.content.completion',
    'gen_ai.client.inference.operation.details',
    'gen_ai.evaluation.result',
    'langwatch.evaluation.custom',
    'db.query.result',
    'claude_code.user_prompt',
    'exception',
    'Chat Model Completion:',
    '',
  )
  const keys = fc.constantFrom(
    'content',
    'message',
    'tool_calls',
    'role',
    'id',
    'event_body',
    'gen_ai.event.content',
    'gen_ai.input.messages',
    'gen_ai.evaluation.name',
    'gen_ai.evaluation.score.value',
    'json_encoded_event',
    'event.name',
    '__proto__',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 5 },
      fc.string({ maxLength: 12, unit: 'binary' }),
      fc.constantFrom('Chat Model Completion:\n["', '{"content":', '[{"role":"user"}]', 'gen_ai.choice'),
      fc.double(),
      fc.boolean(),
      fc.bigInt(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 8 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(keys, tie('value')), { maxLength: 4 })
        .map((pairs) => new Map(pairs as [string, AttributeValue][])),
    ),
  })) as { value: fc.Arbitrary<AttributeValue> }

  it('never throws, whatever the types of the values', () => {
    fc.assert(
      fc.property(names, fc.array(fc.tuple(keys, value), { maxLength: 5 }), fc.option(value), (name, pairs, body) => {
        readContentEvent(name, new Map(pairs), body ?? undefined)
      }),
      { numRuns: 500 },
    )
  })
})
