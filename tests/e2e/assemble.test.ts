import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import {
  aChat,
  aPipeline,
  aRequest,
  ask,
  postTraces,
  type SpanGiven,
  spanId,
  type TestPipeline,
  temporaryDirectory,
  traceId,
  until,
} from './a-pipeline.ts'
import { aLog, postLogs } from './log-records.ts'

/** A machine that is busy with other tests takes its time. */
const LONG_MS = 60_000
const CARD = '4539 1488 0343 6467'

let pipeline: TestPipeline
const directory = temporaryDirectory()
const now = systemClock.now()

beforeAll(async () => {
  pipeline = await aPipeline(directory, {
    config: { pipeline: { content_wait_ms: 200, trace_idle_ms: 1_500, flush_interval_ms: 100 } },
  })
})
afterAll(async () => {
  await pipeline[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

interface SpanSeen {
  readonly revision: number
  readonly failed: readonly string[]
  readonly input: string
  readonly output: string
}

const seen = (trace: number) =>
  ask<SpanSeen>(
    pipeline,
    `SELECT toUInt32(bitShiftRight(span.version, 48)) AS revision, span.deciding_judges AS failed, text.input_messages AS input,
       text.output_messages AS output
     FROM spans AS span INNER JOIN span_texts AS text ON span.project = text.project AND span.hour = text.hour
       AND span.trace_id = text.trace_id AND span.span_id = text.span_id
     WHERE span.trace_id = '${traceId(trace)}'`,
  )

describe('content from log records', () => {
  const asked = (trace: number) =>
    aLog({ trace, span: 1, name: 'gen_ai.user.message', content: 'My order?', at_ms: now })
  const answered = (trace: number) =>
    aLog({ trace, span: 1, name: 'gen_ai.choice', content: `Charged to ${CARD}.`, at_ms: now + 400 })
  const bare = (trace: number) => aRequest([aChat({ trace, span: 1, start_ms: now })])

  it.each([
    [
      'after its span',
      101,
      async () => [await postTraces(pipeline, bare(101)), await postLogs(pipeline, [answered(101), asked(101)])],
    ],
    [
      'before its span',
      102,
      async () => [await postLogs(pipeline, [asked(102), answered(102)]), await postTraces(pipeline, bare(102))],
    ],
  ])('that came %s is joined with it and judged', async (_, trace, send) => {
    await send()
    await until('the content is joined', async () => (await seen(trace))[0]?.revision === 3, LONG_MS)
    const [span, ...more] = await seen(trace)
    expect(more).toEqual([])
    expect(span?.input).toContain('My order?')
    expect(span?.output).toContain(CARD)
    expect(span?.failed).toContain('pii')
  })

  it('counts once what is sent twice', async () => {
    await postTraces(pipeline, bare(103))
    for (let time = 0; time < 2; time++) await postLogs(pipeline, [asked(103), answered(103)])
    await until('the content is joined', async () => (await seen(103))[0]?.revision === 3, LONG_MS)
    await postTraces(pipeline, bare(103))
    const facts = `SELECT count() AS facts FROM content_facts WHERE trace_id = '${traceId(103)}'`
    await until(
      'the facts are stored',
      async () => Number((await ask<{ facts: string }>(pipeline, facts))[0]?.facts) === 2,
    )
    expect(await seen(103)).toHaveLength(1)
  })

  it('keeps what others say of a span as evaluations', async () => {
    await postTraces(pipeline, bare(104))
    const result = {
      timeUnixNano: String(BigInt(now + 900) * 1_000_000n),
      eventName: 'gen_ai.evaluation.result',
      attributes: [
        { key: 'gen_ai.evaluation.name', value: { stringValue: 'relevance' } },
        { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.25 } },
        { key: 'gen_ai.evaluation.score.label', value: { stringValue: 'fail' } },
      ],
      traceId: traceId(104),
      spanId: spanId(1),
    }
    await postLogs(pipeline, [result])
    const sql = `SELECT judge, tier, scores, outcome FROM all_evaluations
      WHERE trace_id = '${traceId(104)}' AND tier = 'external'`
    await until('the evaluation is stored', async () => (await ask(pipeline, sql)).length > 0, LONG_MS)
    expect(await ask(pipeline, sql)).toEqual([
      { judge: 'relevance', tier: 'external', scores: [0.25], outcome: 'failed' },
    ])
  })
})

const step = (given: Omit<SpanGiven, 'start_ms'>) =>
  aChat({ ...given, start_ms: now + given.span, attributes: { 'gen_ai.operation.name': 'invoke_workflow' } })

const search = ({ trace, span, query }: { trace: number; span: number; query: string }) =>
  aChat({
    trace,
    span,
    parent: 1,
    // A call takes half a second; calls at the same time are one attempt.
    start_ms: now + 600 * span,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.arguments': JSON.stringify({ query }),
    },
  })

const agent = (trace: number) =>
  aChat({
    trace,
    span: 1,
    start_ms: now,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'clerk' },
  })

interface TraceSeen {
  readonly revision: number
  readonly outcome: string
}

const loopOf = (trace: number) =>
  ask<TraceSeen>(
    pipeline,
    `SELECT toUInt32(bitShiftRight(version, 48)) AS revision, outcome FROM all_evaluations
     WHERE unit = 'trace' AND judge = 'agent_loop' AND trace_id = '${traceId(trace)}'`,
  )

const tokensOf = async (trace: number) => {
  const sql = `SELECT toUInt32(sum(input_tokens)) AS tokens FROM usage WHERE trace_id = '${traceId(trace)}'`
  return (await ask<{ tokens: number }>(pipeline, sql))[0]?.tokens
}

describe('a trace that fell silent', () => {
  it('is judged as a whole, and once more when a late span comes', async () => {
    const trace = 201
    const calls = Array.from({ length: 6 }, (_, n) => search({ trace, span: n + 2, query: `cheap flights ${n}` }))
    await postTraces(pipeline, aRequest([agent(trace), ...calls]))
    await until('the trace is judged', async () => (await loopOf(trace)).length > 0, LONG_MS)
    expect(await loopOf(trace)).toEqual([{ revision: 1, outcome: 'passed' }])
    const again = Array.from({ length: 12 }, (_, n) => search({ trace, span: n + 20, query: 'the same again' }))
    await postTraces(pipeline, aRequest(again))
    await until('the trace is judged again', async () => (await loopOf(trace))[0]?.revision === 2, LONG_MS)
    expect(await loopOf(trace)).toEqual([{ revision: 2, outcome: 'failed' }])
  })

  it('tells a call that another one lies inside it, however deep', async () => {
    const trace = 202
    const outer = aChat({ trace, span: 1, start_ms: now })
    const inner = aChat({ trace, span: 4, parent: 3, start_ms: now + 4 })
    const between = [step({ trace, span: 2, parent: 1 }), step({ trace, span: 3, parent: 2 })]
    await postTraces(pipeline, aRequest([outer, ...between, inner]))
    await until('the outer call is left out', async () => (await tokensOf(trace)) === 10, LONG_MS)
    const facts = await ask<{ span_id: string }>(
      pipeline,
      `SELECT span_id FROM span_facts WHERE has_call_inside = 1 AND trace_id = '${traceId(trace)}' ORDER BY span_id`,
    )
    expect(facts.map(({ span_id }) => span_id)).toEqual([spanId(1), spanId(3)])
  })
})
