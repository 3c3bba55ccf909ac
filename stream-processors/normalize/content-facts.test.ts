import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OtlpLogRecord } from '../../schemas/otlp/log-reader.ts'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { readContentFacts } from './content-facts.ts'
import { attributes, type Plain } from './testing/builders.ts'

const RECEIVED_AT = 1_767_225_700_000
const body = Buffer.from('one record, another record')

function aLog(event_name: string, said: Plain, fields: Partial<OtlpLogRecord> = {}): OtlpLogRecord {
  return {
    time_unix_nano: 100n,
    observed_time_unix_nano: 200n,
    severity_number: 9,
    severity_text: '',
    event_name,
    body: [...attributes({ said }).values()][0] as AttributeValue,
    attributes: attributes({ 'gen_ai.system': 'openai' }),
    trace_id: 'ab'.repeat(16),
    span_id: 'cd'.repeat(8),
    byte_start: 0,
    byte_end: 10,
    ...fields,
  }
}

const read = (...records: OtlpLogRecord[]) =>
  readContentFacts({ project: 'shop', received_at: RECEIVED_AT, body, records })

const contentOf = (record: OtlpLogRecord) => read(record).facts[0]?.content

describe('a log record about a span', () => {
  it.each([
    ['gen_ai.user.message', { content: 'Hi' }, { input_messages: [{ role: 'user', parts: [{ content: 'Hi' }] }] }],
    ['gen_ai.system.message', { content: 'Be brief.' }, { system_instructions: 'Be brief.' }],
    [
      'gen_ai.tool.message',
      { id: 'call_1', content: 'sunny' },
      { input_messages: [{ role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', content: 'sunny' }] }] },
    ],
    [
      'gen_ai.choice',
      { index: 0, finish_reason: 'stop', message: { content: 'Hello' } },
      { output_messages: [{ role: 'assistant', parts: [{ content: 'Hello' }] }], finish_reasons: ['stop'] },
    ],
  ])('%s says what its body says', (name, said, content) => {
    expect(contentOf(aLog(name, said))).toMatchObject(content)
  })

  it('says it with attributes since 1.37, usage included', () => {
    const record = aLog('gen_ai.client.inference.operation.details', null, {
      attributes: attributes({
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-5-mini',
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.usage.output_tokens': 3,
        'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }],
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finish_reason: 'stop' },
        ]),
      }),
    })
    expect(contentOf(record)).toMatchObject({
      request_model: 'gpt-5-mini',
      input_tokens: 12,
      output_tokens: 3,
      input_messages: [{ role: 'user', parts: [{ content: 'Hi' }] }],
      output_messages: [{ role: 'assistant', parts: [{ content: 'Hello' }] }],
    })
    expect(contentOf(record)?.input_messages).toHaveLength(1)
    expect(contentOf(record)?.output_messages).toHaveLength(1)
  })

  it('is an evaluation from outside where it says so', () => {
    const record = aLog('gen_ai.evaluation.result', null, {
      attributes: attributes({ 'gen_ai.evaluation.name': 'relevance', 'gen_ai.evaluation.score.value': 0.25 }),
    })
    expect(contentOf(record)).toEqual({
      reported_evaluations: [
        expect.objectContaining({
          judge: 'relevance',
          tier: 'external',
          verdicts: [expect.objectContaining({ score: 0.25 })],
        }),
      ],
    })
  })

  it('is named by an attribute where an older SDK wrote it', () => {
    const older = aLog(
      '',
      { content: 'Hi' },
      {
        attributes: attributes({ 'event.name': 'gen_ai.user.message', 'gen_ai.system': 'openai' }),
      },
    )
    expect(read(older).facts[0]).toMatchObject({ event_name: 'gen_ai.user.message' })
    expect(contentOf(older)?.input_messages).toHaveLength(1)
  })

  it('has its own time, else that of its observation, else that of its append', () => {
    const times = [{}, { time_unix_nano: 0n }, { time_unix_nano: 0n, observed_time_unix_nano: 0n }]
    const facts = read(...times.map((time) => aLog('gen_ai.user.message', { content: 'Hi' }, time))).facts
    expect(facts.map(({ time }) => time)).toEqual([100n, 200n, BigInt(RECEIVED_AT) * 1_000_000n])
  })

  it('is known by its bytes: equal ones of one request differ, and a repeat of the request does not', () => {
    const first = aLog('gen_ai.user.message', { content: 'Hi' })
    const other = aLog('gen_ai.user.message', { content: 'Hi' }, { byte_start: 10, byte_end: 20 })
    const ids = (records: readonly OtlpLogRecord[]) => read(...records).facts.map(({ fact_id }) => fact_id)
    expect(new Set(ids([first, first, other])).size).toBe(3)
    expect(ids([first, first, other])).toEqual(ids([first, first, other]))
    expect(ids([first])[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(ids([first, first])[1]).toMatch(/^[0-9a-f]{32}$/)
  })

  it('is left out where it says nothing of a model call, or nothing of any span', () => {
    const { facts, dropped } = read(
      aLog('', 'ready', { attributes: attributes({ 'http.status': 200 }) }),
      aLog('gen_ai.user.message', { content: 'Hi' }, { span_id: '' }),
      aLog('gen_ai.user.message', { content: 'Hi' }, { trace_id: '0'.repeat(32) }),
      aLog('gen_ai.user.message', null),
    )
    expect(facts).toEqual([])
    expect(dropped).toEqual({ not_genai: 1, no_span: 2, nothing_said: 1 })
  })

  it('never throws, whatever stands in it', () => {
    const names = fc.constantFrom('gen_ai.choice', 'gen_ai.user.message', 'gen_ai.evaluation.result', 'x')
    const keys = fc.constantFrom('content', 'message', 'gen_ai.output.messages', 'gen_ai.usage.input_tokens', 'role')
    const values = fc.jsonValue() as fc.Arbitrary<Plain>
    fc.assert(
      fc.property(names, values, fc.dictionary(keys, values), (name, said, more) => {
        const given = attributes({ 'gen_ai.system': 'x', ...more })
        const { facts, dropped } = read(aLog(name, said, { attributes: given }))
        expect(facts.length + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(1)
      }),
    )
  })
})
