import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CodedError } from '../../core/errors.ts'
import { bodyOf, LIMITS, problemsIn, read, readTrace, START } from './rest.samples.ts'
import { REST_TRANSLATIONS } from './translate.ts'

const HEX_32 = /^[0-9a-f]{32}$/
const ok = { start_time: START, input: 'hi' }

describe('ids', () => {
  const idOf = (trace: object, parameters?: Record<string, string>) =>
    readTrace(trace, parameters).report.accepted[0]!.trace_id

  it('are the same for the same content, in whatever order its members stand', () => {
    const id = idOf({ ...ok, metadata: { a: 1, b: { c: 2, d: 3 } } })
    expect(id).toMatch(HEX_32)
    expect(idOf({ metadata: { b: { d: 3, c: 2 }, a: 1 }, ...ok })).toBe(id)
    expect(idOf({ ...ok, metadata: { a: 1, b: { c: 2, d: 4 } } })).not.toBe(id)
  })

  it('differ with the Idempotency-Key', () => {
    const keyed = (idempotency_key: string) => idOf(ok, { idempotency_key })
    expect(keyed('a')).toBe(keyed('a'))
    expect(new Set([keyed('a'), keyed('b'), idOf(ok)]).size).toBe(3)
  })

  it('of equal traces in one batch differ, and are the same when the batch is sent again', () => {
    const sent = () => read('batch', { traces: [ok, ok, ok] }).report.accepted.map(({ trace_id }) => trace_id)
    expect(new Set(sent()).size).toBe(3)
    expect(sent()).toEqual(sent())
    expect(sent()[0]).toBe(idOf(ok))
  })

  it('stay as they are where they are those of OpenTelemetry or a UUID, and are hashed where not', () => {
    const id = '0AF7651916CD43DD8448EB211C80319C'
    expect(idOf({ ...ok, id })).toBe(id.toLowerCase())
    expect(idOf({ ...ok, id: '0af76519-16cd-43dd-8448-eb211c80319c' })).toBe(id.toLowerCase())
    expect(idOf({ ...ok, id: 'order-17' })).toMatch(HEX_32)
    expect(idOf({ ...ok, id: 'order-17', input: 'other' })).toBe(idOf({ ...ok, id: 'order-17' }))
    expect(idOf({ ...ok, id: '0'.repeat(32) })).not.toBe('0'.repeat(32))
  })

  it('of spans are given back in the order of the spans, and stay when a span gains content', () => {
    const spans = [{ name: 'a', spans: [{ name: 'b', id: 'B7AD6B7169203331' }] }, { name: 'c' }]
    const { report, spans: written } = readTrace({ ...ok, id: 'x', spans })
    expect(report.accepted[0]!.span_ids).toEqual(written.map(({ span_id }) => span_id))
    expect(written.map(({ name }) => name)).toEqual(['invoke_workflow', 'a', 'b', 'c'])
    const [root, a, b, c] = written
    expect([root, a, b, c].map((span) => span!.parent_span_id)).toEqual(['', root!.span_id, a!.span_id, root!.span_id])
    expect(b!.span_id).toBe('b7ad6b7169203331')
    const later = readTrace({ ...ok, id: 'x', output: 'more', spans })
    expect(later.report.accepted).toEqual(report.accepted)
  })
})

describe('times', () => {
  const timesOf = (trace: object) =>
    readTrace(trace).spans.map(({ start_time_unix_nano: start, end_time_unix_nano: end }) => [start, end])
  const T = 1_795_168_800_000_000_000n

  it('are those that were given', () => {
    expect(timesOf({ start_time: START, end_time: 1_795_168_801 })).toEqual([[T, T + 1_000_000_000n]])
  })

  it('leave a span open that has no end', () => {
    expect(timesOf({ start_time: START })).toEqual([[T, 0n]])
  })

  it('of a trace without any are those of its spans', () => {
    const spans = [{ start_time: START }, { start_time: 1_795_168_801, end_time: 1_795_168_809 }]
    expect(timesOf({ spans })[0]).toEqual([T, T + 9_000_000_000n])
  })

  it('of a span without any are the start of what is around it, and say that they are inferred', () => {
    expect(timesOf({ start_time: START, spans: [{ spans: [{}] }] }).slice(1)).toEqual([
      [0n, T],
      [0n, T],
    ])
  })
})

describe('what is wrong', () => {
  it('is told all at once, with places, and quotes nothing', () => {
    const problems = problemsIn({
      name: 5,
      sessionId: 'secret',
      'odd name': 'secret',
      start_time: 'secret',
      usage: { input_tokens: -1, output_tokens: 'secret' },
      input: [{ role: 'user', content: 'secret' }, { content: 'secret' }, 'secret'],
      error: 7,
      spans: [{ kind: 'secret', spans: [{ end_time: 12 }] }, 'secret'],
    })
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      '$.name',
      '$.input[1].role',
      '$.input[2]',
      '$.start_time',
      '$.usage.input_tokens',
      '$.usage.output_tokens',
      '$.error',
      '$.spans[0].kind',
      '$.spans[0].spans[0].end_time',
      '$.spans[1]',
      '$.sessionId',
      '$["odd name"]',
    ])
    expect(problems).toContain('$.sessionId: is unknown here: write session_id')
    expect(problems.join()).not.toContain('secret')
  })

  it.each<[string, object, string]>([
    ['no time at all', { input: 'hi' }, '$.start_time: is missing'],
    ['an end before the start', { start_time: START, end_time: 1e9 }, '$.end_time: must not be before'],
    [
      'two spans of one id',
      { ...ok, spans: [{ id: 'a' }, { spans: [{ id: 'a' }] }] },
      '$.spans[1].spans[0].id: is the id',
    ],
    [
      'calls beside messages',
      { ...ok, output: [{ role: 'x' }], tool_calls: [{ name: 'f' }] },
      '$.tool_calls: stand in',
    ],
    ['OTLP', { resourceSpans: [] }, '$: is an OTLP request: send it to /v1/traces'],
    [
      'a text larger than a record',
      { ...ok, spans: [{}, { input: 'x'.repeat(900_001) }] },
      '$.spans[1]: a key or value longer',
    ],
    ['metadata too deep', { ...ok, metadata: { a: nested(40) } }, '$: an attribute nests deeper'],
    [
      'too many attributes',
      { ...ok, spans: [{ metadata: manyMembers(1100) }] },
      '$.spans[0]: more than max_attributes',
    ],
  ])('tells of %s', (_, trace, says) => {
    const problems = problemsIn(trace)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(says)
  })

  it('is told at most 100 times', () => {
    const traces = Array.from({ length: 300 }, () => ({ a: 1, b: 2, c: 3 }))
    const { report, rejected, refused } = read('batch', { traces })
    expect(rejected).toEqual({ code: 'TRACE_INVALID', count: 300 })
    expect(refused).toContain('Nothing was taken')
    expect(report.rejected).toHaveLength(300)
    expect(Math.max(...report.rejected.slice(100).map(({ errors }) => errors.length))).toBe(1)
    expect(problemsIn(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, 1])))).toHaveLength(100)
  })

  it('costs no other trace of a batch', () => {
    const { report, spans, rejected, refused } = read('batch', {
      traces: [ok, { input: 'no time' }, { ...ok, input: 'b' }, 7],
    })
    expect(report.accepted.map(({ index }) => index)).toEqual([0, 2])
    expect(report.rejected.map(({ index, errors }) => [index, errors[0]!.path])).toEqual([
      [1, '$.traces[1].start_time'],
      [3, '$.traces[3]'],
    ])
    expect(spans).toHaveLength(2)
    expect([rejected.count, refused]).toEqual([2, undefined])
  })

  it('is a trace with the id of another one of its batch', () => {
    const { report } = read('batch', {
      traces: [
        { ...ok, id: 'a' },
        { ...ok, id: 'a' },
      ],
    })
    expect(report.rejected).toMatchObject([{ index: 1, errors: [{ path: '$.traces[1].id' }] }])
  })

  it.each([[{}], [[]], [null], [7], [{ traces: {} }], [{ traces: [], more: 1 }]])('is a batch such as %j', (json) => {
    expect(read('batch', json)).toMatchObject({ refused: expect.any(String), spans: [] })
  })

  it('is a body that is no JSON, or more of it than allowed', () => {
    const translate = (text: string) => REST_TRANSLATIONS.rest_trace(Buffer.from(text), {}, LIMITS)
    expect(() => translate('{"a":')).toThrow(expect.objectContaining({ code: 'TRACE_INVALID' }))
    expect(() => translate('')).toThrow(expect.objectContaining({ code: 'TRACE_INVALID' }))
    const wide = JSON.stringify({ spans: [{ spans: Array(LIMITS.max_spans - 2).fill({}) }, { spans: [{}] }] })
    expect(() => translate(wide)).toThrow(expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }))
    const deep = `{"spans":[${'{"spans":['.repeat(200)}${']}'.repeat(200)}]}`
    expect(() => translate(deep)).toThrow(expect.objectContaining({ code: 'REQUEST_TOO_LARGE' }))
  })
})

it('bounds what spans have from their trace, which is written for each of them', () => {
  const trace = (spans: number) => ({ ...ok, tags: Array(100).fill('t'.repeat(1000)), spans: Array(spans).fill(ok) })
  const translate = (json: object) => () =>
    REST_TRANSLATIONS.rest_batch(bodyOf(json), {}, { ...LIMITS, max_inflated_bytes: 1_000_000 })
  expect(translate({ traces: [trace(8)] })().rejected.count).toBe(0)
  const refused = expect.objectContaining({ code: 'REQUEST_TOO_LARGE' })
  expect(translate({ traces: [trace(10)] })).toThrow(refused)
  expect(translate({ traces: [trace(4), trace(5)] })).toThrow(refused)
})

it('refuses more metadata than a span may have without looking at each of it', () => {
  const metadata = Object.fromEntries(Array.from({ length: LIMITS.max_attributes + 1 }, (_, at) => [`k${at}`, at]))
  expect(problemsIn({ ...ok, metadata, more: 1 })).toEqual([expect.stringMatching(/^\$: .*\(too_many_attributes\)/)])
  expect(problemsIn({ ...ok, spans: [{}, { spans: [{ metadata }] }] })).toEqual([
    expect.stringContaining(`$.spans[1].spans[0]: `),
  ])
})

it('takes an empty batch, and nothing comes of it', () => {
  expect(read('batch', { traces: [] })).toMatchObject({ report: { accepted: [], rejected: [] }, spans: [] })
})

it('never fails on any JSON, and gives the same bytes for the same body', () => {
  const member = fc.constantFrom(
    'name',
    'input',
    'output',
    'spans',
    'usage',
    'start_time',
    'error',
    'documents',
    'metadata',
  )
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constant(START),
    fc.constant(1_795_168_800),
    fc.constant([{ role: 'user' }]),
  )
  const trace = fc.oneof(fc.jsonValue(), fc.dictionary(member, value), fc.constant(ok))
  fc.assert(
    fc.property(fc.array(trace, { maxLength: 6 }), (traces) => {
      const first = read('batch', { traces })
      expect(Buffer.from(read('batch', { traces }).protobuf)).toEqual(Buffer.from(first.protobuf))
      const { accepted, rejected } = first.report
      expect([...accepted, ...rejected].map(({ index }) => index).sort((a, b) => a - b)).toEqual([...traces.keys()])
      expect(first.spans.map(({ span_id }) => span_id)).toEqual(accepted.flatMap(({ span_ids }) => span_ids))
      try {
        readTrace(traces)
      } catch (error) {
        expect(error).toBeInstanceOf(CodedError)
      }
    }),
    { numRuns: 300 },
  )
})

function nested(levels: number): object {
  return levels === 0 ? {} : { a: nested(levels - 1) }
}

function manyMembers(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, index]))
}
