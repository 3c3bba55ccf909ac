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

const directory = temporaryDirectory()
const now = systemClock.now()
let pipeline: TestPipeline

beforeAll(async () => {
  pipeline = await aPipeline(directory, {
    config: { pipeline: { content_wait_ms: 200, trace_idle_ms: 1_500, flush_interval_ms: 100 } },
  })
})
afterAll(async () => {
  await pipeline[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
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
    await until('the trace is judged', async () => (await loopOf(trace)).length > 0)
    expect(await loopOf(trace)).toEqual([{ revision: 1, outcome: 'passed' }])
    const again = Array.from({ length: 12 }, (_, n) => search({ trace, span: n + 20, query: 'the same again' }))
    await postTraces(pipeline, aRequest(again))
    await until('the trace is judged again', async () => (await loopOf(trace))[0]?.revision === 2)
    expect(await loopOf(trace)).toEqual([{ revision: 2, outcome: 'failed' }])
  })

  it('tells a call that another one lies inside it, however deep', async () => {
    const trace = 202
    const outer = aChat({ trace, span: 1, start_ms: now })
    const inner = aChat({ trace, span: 4, parent: 3, start_ms: now + 4 })
    const between = [step({ trace, span: 2, parent: 1 }), step({ trace, span: 3, parent: 2 })]
    await postTraces(pipeline, aRequest([outer, ...between, inner]))
    await until('the outer call is left out', async () => (await tokensOf(trace)) === 10)
    const facts = await ask<{ span_id: string }>(
      pipeline,
      `SELECT span_id FROM span_facts WHERE has_call_inside = 1 AND trace_id = '${traceId(trace)}' ORDER BY span_id`,
    )
    expect(facts.map(({ span_id }) => span_id)).toEqual([spanId(1), spanId(3)])
  })
})
