import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { judgesConfig, ruleJudgeLabels } from '../judges/catalogue.ts'
import { TEXT_FIELDS } from '../judges/judge.ts'
import { spanInput } from '../judges/span-texts.ts'
import { encodeTracesJson } from '../schemas/otlp/json.ts'
import { type JudgeLibrary, openJudgeLibrary } from './judge-library.ts'
import { spanOfText, spansOfBytes, tryJudge } from './judge-trial.ts'

const NOW = 1_795_168_800_000
const ADDRESS = 'Write to ada.okafor@northwind-freight.com'
const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })
const OTLP_SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'chat',
  startTimeUnixNano: `${NOW}000000`,
  endTimeUnixNano: `${NOW}000000`,
  attributes: [
    attribute('gen_ai.operation.name', 'chat'),
    attribute(
      'gen_ai.output.messages',
      JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: ADDRESS }] }]),
    ),
  ],
}
const REQUEST = {
  resourceSpans: [{ scopeSpans: [{ spans: [OTLP_SPAN, { ...OTLP_SPAN, spanId: 'b7ad6b7169203332' }] }] }],
}
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

let library: JudgeLibrary
beforeAll(async () => {
  const patterns = [{ name: 'ticket', label: 'internal_id', source: 'TCK-\\d+' }]
  const config = judgesConfig.parse({ refusal: { enabled: false }, patterns })
  library = await openJudgeLibrary(config, { clock: systemClock, directory: '/nowhere' })
})
afterAll(() => library.close())

describe('openJudgeLibrary', () => {
  it('holds every shipped judge, also those that are off, and the patterns of the user', () => {
    expect(library.judges.map(({ name }) => name)).toEqual([...Object.keys(ruleJudgeLabels), 'custom_patterns'])
    for (const { name, version } of library.judges)
      expect([name, library.find(name)?.judge.version]).toEqual([name, version])
    expect(library.judges.find(({ name }) => name === 'refusal')!.enabled).toBe(false)
    expect(library.judges.at(-1)).toMatchObject({ source: 'patterns', labels: ['internal_id'], pattern_count: 1 })
  })

  it('says what every shipped judge finds (a row of docs/judges.md)', () => {
    const untold = library.judges.filter(({ finds }) => finds === '')
    expect(untold.map(({ name }) => name)).toEqual([])
    expect(library.judges.find(({ name }) => name === 'spelling')!.finds).toContain(': docs/spelling.md')
  })
})

describe('tryJudge', () => {
  it('gives verdicts with their places, and how long they took', () => {
    const [trial] = tryJudge(library.find('pii')!, [spanOfText(ADDRESS, 'output')], systemClock)
    expect(trial).toMatchObject({ judge: 'pii', applies: true, verdicts: [{ label: 'email', passed: false }] })
    const [{ start, end, path }] = trial!.verdicts[0]!.evidence as [{ start: number; end: number; path: string }]
    expect(trial!.texts.find((text) => text.path === path)!.text.slice(start, end)).toBe(
      'ada.okafor@northwind-freight.com',
    )
    expect(trial!.duration_us).toBeGreaterThan(0)
  })

  it('says where a judge does not apply', () => {
    const [trial] = tryJudge(library.find('truncation')!, [{ ...spanOfText('x', 'output'), kind: 'tool' }], systemClock)
    expect(trial).toMatchObject({ applies: false, verdicts: [], duration_us: null })
  })

  it('puts the spans of a trace together for judges of traces', () => {
    const spans = spansOfBytes(json(REQUEST), NOW)
    const trials = tryJudge(library.find('retries')!, spans, systemClock)
    expect(trials).toMatchObject([{ unit: 'trace', trace_id: OTLP_SPAN.traceId }])
  })
})

describe('spanOfText', () => {
  it.each(TEXT_FIELDS)('puts a text where a judge finds it as %s', (field) => {
    expect(spanInput(spanOfText('the text', field)).texts).toMatchObject([{ field, text: 'the text' }])
  })
})

describe('spansOfBytes', () => {
  it.each([
    ['an OTLP request as JSON', json(REQUEST), 2],
    ['an OTLP request as protobuf', Buffer.from(encodeTracesJson(REQUEST)), 2],
    ['a single OTLP span', json(OTLP_SPAN), 1],
    ['a single OTLP span without times and ids', json({ name: 'chat', attributes: OTLP_SPAN.attributes }), 1],
    ['the simple JSON', json({ name: 'chat', model: 'gpt-5', output: ADDRESS }), 1],
    [
      'the simple JSON with steps',
      json({ name: 'agent', output: ADDRESS, spans: [{ name: 'chat', output: ADDRESS }] }),
      2,
    ],
  ])('reads %s', (_what, bytes, count) => {
    const spans = spansOfBytes(bytes, NOW)
    expect(spans).toHaveLength(count)
    for (const span of spans) expect(spanInput(span).texts.at(-1)).toMatchObject({ field: 'output', text: ADDRESS })
  })

  it.each([
    ['no JSON', Buffer.from('{"a":'), /no JSON/],
    ['another JSON', json({ nothing: 1 }), /neither OTLP nor the simple JSON/],
    ['a list', json([1]), /neither OTLP nor the simple JSON/],
    ['a broken request', json({ resourceSpans: 7 }), /no OTLP request/],
    ['a request without spans', json({ resourceSpans: [] }), /holds no span/],
    ['other bytes', Buffer.from([255, 255, 255]), /no OTLP request/],
    ['nothing', Buffer.alloc(0), /holds no span/],
  ])('refuses %s, and says what it is not', (_what, bytes, message) => {
    expect(() => spansOfBytes(bytes, NOW)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.stringMatching(message) }),
    )
  })
})
