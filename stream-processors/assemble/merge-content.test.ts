import { expect, it } from 'vitest'
import { createPriceList } from '../../core/prices.ts'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import type { ContentFact, FactContent } from '../../schemas/content-fact.ts'
import type { Evaluation } from '../../schemas/evaluation.ts'
import { spanVersion } from '../../schemas/llm-span.ts'
import { FROM_LOGS, lacksFacts, mergeContent } from './merge-content.ts'

const PRICES = createPriceList({
  version: '2026-01-01',
  vendors: [{ vendor: 'test', source: 'test', models: [{ id: 'gpt-5-mini', input: 2, output: 8 }] }],
})

function aFact(content: FactContent, fields: Partial<ContentFact> = {}): ContentFact {
  const { project, trace_id, span_id, received_at, start_time } = aSpan()
  return {
    project,
    trace_id,
    span_id,
    fact_id: '00',
    received_at,
    time: start_time,
    ordinal: 0,
    event_name: 'gen_ai.choice',
    content,
    ...fields,
  }
}

const bare = aSpan({ input_captured: false, output_captured: false, version: spanVersion(1, 7), received_at: 7 })
const merge = (facts: readonly ContentFact[], span = bare) => mergeContent(span, facts, PRICES)

it('takes messages in the order in which they were logged, whatever the order in which they came', () => {
  const facts = [
    aFact({ input_messages: [aMessage('user', 'second')] }, { time: 20n, received_at: 1 }),
    aFact(
      { output_messages: [aMessage('assistant', 'answer')], finish_reasons: ['stop'] },
      { time: 30n, received_at: 1 },
    ),
    aFact({ input_messages: [aMessage('user', 'third')] }, { time: 20n, received_at: 1, ordinal: 1 }),
    aFact({ input_messages: [aMessage('user', 'first')] }, { time: 10n, received_at: 9 }),
    aFact({ system_instructions: 'Be brief.' }, { time: 1n }),
    aFact({ system_instructions: 'Be kind.' }, { time: 2n }),
  ]
  const merged = merge(facts)
  expect(merged.input_messages.map(({ parts }) => parts[0]!.content)).toEqual(['first', 'second', 'third'])
  expect(merged).toMatchObject({
    system_instructions: 'Be brief.\nBe kind.',
    finish_reasons: ['stop'],
    input_captured: true,
    output_captured: true,
    version: spanVersion(7, 7),
  })
  expect(merge(facts.toReversed())).toEqual(merged)
})

it('leaves what the span says itself as it is', () => {
  const own = aSpan({
    input_messages: [aMessage('user', 'own')],
    system_instructions: 'own',
    finish_reasons: ['length'],
    request_model: 'own',
    input_tokens: 3,
  })
  const merged = merge(
    [
      aFact({
        input_messages: [aMessage('user', 'own')],
        system_instructions: 'logged',
        finish_reasons: ['stop'],
        request_model: 'logged',
        input_tokens: 9,
        output_tokens: 9,
      }),
    ],
    own,
  )
  expect(merged).toMatchObject({
    system_instructions: 'own',
    finish_reasons: ['length'],
    request_model: 'own',
    input_tokens: 3,
    output_tokens: null,
  })
  expect(merged.input_messages).toEqual(own.input_messages)
})

it('gives the same span whether facts are joined one after another or all at once', () => {
  const facts = [
    aFact({ input_messages: [aMessage('user', 'first')] }, { time: 1n }),
    aFact({ input_messages: [aMessage('user', 'second')], error_type: 'Timeout' }, { time: 2n }),
    aFact(
      { output_messages: [aMessage('assistant', 'answer')], input_tokens: 1_000_000, output_tokens: 0 },
      { time: 3n },
    ),
  ]
  const own = aSpan({ ...bare, attributes: new Map([['kept', 'yes']]) })
  const together = merge(facts, own)
  expect(together).toMatchObject({ status: 'error', cost_usd: 2 })
  expect(together.attributes.get('kept')).toBe('yes')
  expect(together.attributes.get(FROM_LOGS)?.split(',')).toEqual(expect.arrayContaining(['input_messages', 'cost_usd']))
  for (const order of [facts, facts.toReversed()]) {
    let span = own
    for (let count = 1; count <= order.length; count++) span = merge(order.slice(0, count), span)
    expect(span).toEqual(together)
  }
})

it('believes no sender that its own content came from logs', () => {
  const own = aSpan({
    input_messages: [aMessage('user', 'own')],
    output_captured: false,
    version: spanVersion(1, 7),
    received_at: 7,
    attributes: new Map([[FROM_LOGS, 'input_messages']]),
  })
  const merged = merge([aFact({ output_messages: [aMessage('assistant', 'answer')] })], own)
  expect(merged.input_messages).toEqual(own.input_messages)
  expect(merged.attributes.get(FROM_LOGS)).toBe('output_messages,output_captured')
})

it('counts tokens of a log record once, and prices them', () => {
  const first = aFact({ input_tokens: 1_000_000, output_tokens: 500_000, cache_read_input_tokens: 0 }, { time: 1n })
  const last = aFact({ input_tokens: 2_000_000, output_tokens: 1_000_000 }, { time: 2n })
  expect(merge([first, last])).toMatchObject({
    input_tokens: 2_000_000,
    output_tokens: 1_000_000,
    cache_read_input_tokens: null,
    cost_usd: 12,
    price_version: '2026-01-01',
  })
  expect(merge([last], aSpan({ is_call: false, kind: 'agent' }))).toMatchObject({ input_tokens: null, cost_usd: null })
})

it('takes the error of a log record, and keeps the last word of each judge', () => {
  const said = (score: number): Evaluation => ({
    judge: 'relevance',
    judge_version: '1',
    tier: 'external',
    track: 'live',
    verdicts: [
      {
        label: '',
        score,
        passed: null,
        severity: 'none',
        confidence: null,
        explanation: '',
        evidence: [],
        cost_usd: null,
        error: '',
      },
    ],
  })
  const merged = merge([
    aFact({ reported_evaluations: [said(0.2)] }, { time: 1n }),
    aFact({ reported_evaluations: [said(0.7)], error_type: 'Timeout' }, { time: 2n }),
  ])
  expect(merged.reported_evaluations).toEqual([said(0.7)])
  expect(merged).toMatchObject({ status: 'error', error_type: 'Timeout' })
})

it.each([
  ['a span without its facts', spanVersion(1, 5), 2, true],
  ['a span with some of them', spanVersion(2, 5), 2, true],
  ['a span with all of them', spanVersion(3, 5), 2, false],
  ['a span that has not ended', spanVersion(0, 5), 2, false],
  ['a span with more facts than the revision can count', spanVersion(0xffff, 5), 70_000, false],
])('says of %s whether it lacks any', (_, version, facts, lacks) => {
  expect(lacksFacts(version, facts)).toBe(lacks)
})
