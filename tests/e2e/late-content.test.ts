import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import {
  aChat,
  aPipeline,
  aRequest,
  ask,
  postTraces,
  spanId,
  type TestPipeline,
  temporaryDirectory,
  traceId,
  until,
} from './a-pipeline.ts'

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

interface LogGiven {
  readonly trace: number
  readonly span: number
  readonly name: string
  readonly content: string
  readonly at_ms: number
}

function aLog({ trace, span, name, content, at_ms }: LogGiven): object {
  const text = { stringValue: content }
  const choice = { kvlistValue: { values: [{ key: 'content', value: text }] } }
  const values =
    name === 'gen_ai.choice'
      ? [
          { key: 'index', value: { intValue: '0' } },
          { key: 'finish_reason', value: { stringValue: 'stop' } },
          { key: 'message', value: choice },
        ]
      : [{ key: 'content', value: text }]
  return {
    timeUnixNano: String(BigInt(at_ms) * 1_000_000n),
    eventName: name,
    body: { kvlistValue: { values } },
    attributes: [{ key: 'gen_ai.system', value: { stringValue: 'openai' } }],
    traceId: traceId(trace),
    spanId: spanId(span),
  }
}

async function postLogs(logs: readonly object[]): Promise<void> {
  const response = await fetch(`${pipeline.otlp_http}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope: { name: 'openai' }, logRecords: logs }] }] }),
  })
  expect(response.status).toBe(200)
}

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
      async () => [await postTraces(pipeline, bare(101)), await postLogs([answered(101), asked(101)])],
    ],
    [
      'before its span',
      102,
      async () => [await postLogs([asked(102), answered(102)]), await postTraces(pipeline, bare(102))],
    ],
  ])('that came %s is joined with it and judged', async (_, trace, send) => {
    await send()
    await until('the content is joined', async () => (await seen(trace))[0]?.revision === 3)
    const [span, ...more] = await seen(trace)
    expect(more).toEqual([])
    expect(span?.input).toContain('My order?')
    expect(span?.output).toContain(CARD)
    expect(span?.failed).toContain('pii')
  })

  it('counts once what is sent twice', async () => {
    await postTraces(pipeline, bare(103))
    for (let time = 0; time < 2; time++) await postLogs([asked(103), answered(103)])
    await until('the content is joined', async () => (await seen(103))[0]?.revision === 3)
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
    await postLogs([result])
    const sql = `SELECT judge, tier, scores, outcome FROM all_evaluations
      WHERE trace_id = '${traceId(104)}' AND tier = 'external'`
    await until('the evaluation is stored', async () => (await ask(pipeline, sql)).length > 0)
    expect(await ask(pipeline, sql)).toEqual([
      { judge: 'relevance', tier: 'external', scores: [0.25], outcome: 'failed' },
    ])
  })
})
