import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MigratedStore, openMigratedStore } from '../../adapters/store/chdb/migrated-store.fixture.ts'
import type { Store } from '../../adapters/store/store.ts'
import { readStoredSpans } from '../../adapters/store/stored-spans.ts'
import { systemClock } from '../../core/clock.ts'
import type { Delivery, Range, SourceRecord } from '../../core/component.ts'
import { createMetrics } from '../../core/metrics.ts'
import { createPriceList } from '../../core/prices.ts'
import { createRandom } from '../../core/random.ts'
import { aJudgedSpan, aMessage, aSpan } from '../../schemas/a-span.ts'
import type { ContentFact } from '../../schemas/content-fact.ts'
import type { JudgeRequest } from '../../schemas/judge-request.ts'
import type { JudgedUnit } from '../../schemas/judged-unit.ts'
import { type LlmSpan, spanVersion } from '../../schemas/llm-span.ts'
import { createClickhouseSink, createUnitSink } from '../../sinks/clickhouse/clickhouse.ts'
import { createContentFactSink } from '../../sinks/clickhouse/content-facts.ts'
import { createAssemble } from './assemble.ts'
import type { TraceWish } from './candidates.ts'
import { enclosingCalls } from './trace-tree.ts'

const BEGIN = 1_790_000_000_000
const SEED = 20_261_120
const WAIT_MS = 2_000
const IDLE_MS = 5_000
const PRICES = createPriceList({ version: '1', vendors: [] })
const identity = { pipeline_version: 'test', config_offset: 7n }

let opened: MigratedStore
let store: Store
let nextOffset = 0n

beforeAll(async () => {
  opened = await openMigratedStore()
  store = opened.store
})
afterAll(() => opened.close())

const sinkOptions = () => ({ store, metrics: createMetrics(new Registry()), clock: systemClock })

async function deliver<Item>(delivery: Delivery<Item>, items: readonly Item[]): Promise<void> {
  if (items.length === 0) return
  const open = delivery.open(identity)
  for (const item of items) open.add(item, {} as SourceRecord)
  const start = nextOffset++
  const range: Range = {
    ...identity,
    topic: 'test',
    partition: 0,
    start,
    end: nextOffset,
    first_append_time: BEGIN,
    last_append_time: BEGIN,
    records: 1,
    items: items.length,
    rejects: 0,
  }
  await open.deliver(range)
}

/** As the chain of judge requests does it, with a judge that sees every trace and is content with it. */
function judged(request: JudgeRequest): JudgedUnit {
  if (request.unit === 'span') return { unit: 'span', judged: { ...aJudgedSpan(), span: request.spans[0]! } }
  const { project, trace_id, start_time, version, spans } = request
  const evaluation = { judge: 'whole', judge_version: '1', tier: 'rule', track: 'live', verdicts: [] } as const
  const record = {
    project,
    unit: 'trace',
    session_id: '',
    trace_id,
    span_id: '',
    start_time,
    version,
    revision: Number(version >> 48n),
    tier: 'rule',
    sampling_probability: 1,
    evaluations: [evaluation],
  } as const
  return { unit: 'trace', judged: { record, enclosing_calls: enclosingCalls(spans) } }
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')

interface Arrival {
  /** ms since BEGIN. */
  readonly at: number
  readonly span?: LlmSpan
  readonly fact?: ContentFact
}

/** Traces whose spans, log records and repeats come in at any time and in any order. */
function arrivals(
  random: (below: number) => number,
  { project, traces }: { project: string; traces: number },
): Arrival[] {
  const all: Arrival[] = []
  for (let trace = 0; trace < traces; trace++) {
    const trace_id = hex(trace + 1, 32)
    const first = random(20_000)
    const spans = 2 + random(3)
    for (let number = 0; number < spans; number++) {
      const span_id = hex(number + 1, 16)
      const ids = { project, trace_id, span_id }
      const start_time = BigInt(BEGIN + first + number) * 1_000_000n
      const times = Array.from(
        { length: 1 + (random(5) === 0 ? 1 : 0) },
        () => first + random(random(4) === 0 ? 25_000 : 3_000),
      )
      for (const at of times) {
        const received_at = BEGIN + at
        const span = aSpan({
          ...ids,
          parent_span_id: number === 0 ? '' : hex(number, 16),
          is_call: number !== 1,
          kind: number === 1 ? 'chain' : 'llm',
          start_time,
          end_time: start_time + 1_000_000n,
          received_at,
          version: spanVersion(1, received_at),
          input_captured: false,
          output_captured: false,
          input_tokens: 1,
        })
        all.push({ at, span })
      }
      for (let ordinal = 0; ordinal < random(4); ordinal++) {
        const at = first + random(random(4) === 0 ? 25_000 : 3_000)
        const content = { input_messages: [aMessage('user', `said ${ordinal}`)] }
        const fact_id = hex(ordinal, 32)
        const rest = {
          fact_id,
          time: start_time + BigInt(ordinal),
          ordinal,
          event_name: 'gen_ai.user.message',
          content,
        }
        for (let time = 0; time < 1 + (random(5) === 0 ? 1 : 0); time++)
          all.push({ at: at + time, fact: { ...ids, ...rest, received_at: BEGIN + at + time } })
      }
    }
  }
  return all.sort((a, b) => a.at - b.at)
}

/** What is sent about all that came in at one time. */
async function requestsOf(at: number, wish: TraceWish): Promise<readonly JudgeRequest[]> {
  const sent: JudgeRequest[] = []
  const assemble = createAssemble({
    store,
    prices: PRICES,
    content_wait_ms: WAIT_MS,
    trace_idle_ms: IDLE_MS,
    traceWishes: () => [wish],
    send: async (requests) => void sent.push(...requests),
  })
  for (let watermark = at - 1; watermark < at + 2 * IDLE_MS; )
    watermark = (await assemble.advance(watermark, at + 2 * IDLE_MS)).reached
  return sent
}

describe('assemble', () => {
  it('joins all content and judges every trace, whatever comes when, and however often it dies', async () => {
    const random = createRandom(SEED)
    const project = 'joined'
    const given = arrivals(random, { project, traces: 60 })
    const sinks = {
      spans: createClickhouseSink(sinkOptions()),
      facts: createContentFactSink(sinkOptions()),
      units: createUnitSink(sinkOptions()),
    }
    let crashes = 0
    let left = Number.POSITIVE_INFINITY
    const made = () =>
      createAssemble({
        store,
        prices: PRICES,
        content_wait_ms: WAIT_MS,
        trace_idle_ms: IDLE_MS,
        traceWishes: () => [{ projects: [project], wants: [{ traces: 'all', from: { spans: 2 } }] }],
        async send(requests) {
          if (left-- <= 0) throw new Error('killed')
          await deliver(sinks.units, requests.map(judged))
        },
      })
    let assemble = made()
    let watermark = await assemble.begin(BEGIN - 1)
    let kept = watermark
    let done = 0
    const last = given.at(-1)!.at
    for (let tick = 0; tick < last + 2 * IDLE_MS; tick += 1_500) {
      const due = given.slice(done).filter(({ at }) => at <= tick)
      done += due.length
      await deliver(
        sinks.spans,
        due.flatMap(({ span }) => (span ? [{ ...aJudgedSpan(), span }] : [])),
      )
      await deliver(
        sinks.facts,
        due.flatMap(({ fact }) => (fact ? [fact] : [])),
      )
      left = random(2) === 0 ? random(3) : Number.POSITIVE_INFINITY
      try {
        for (let next = watermark; ; ) {
          const { reached, keep } = await assemble.advance(next, BEGIN + tick)
          next = reached
          if (random(4) > 0) kept = keep
          if (next < BEGIN + tick) continue
          watermark = next
          break
        }
      } catch (error) {
        expect(error).toMatchObject({ message: 'killed' })
        crashes++
        assemble = made()
        watermark = kept
      }
    }
    left = Number.POSITIVE_INFINITY
    const end = BEGIN + last + 3 * IDLE_MS
    while (watermark < end) watermark = (await assemble.advance(watermark, end)).reached

    expect(crashes).toBeGreaterThan(0)
    const ids = new Map(given.flatMap(({ span }) => (span ? [[span.trace_id + span.span_id, span] as const] : [])))
    const stored = await readStoredSpans(store, {
      projects: [project],
      trace_ids: [...new Set([...ids.values()].map(({ trace_id }) => trace_id))],
      span_ids: [],
      first_hour: BEGIN / 1000 - 7_200,
      last_hour: BEGIN / 1000 + 7_200,
      texts_of: 'all',
      max_per_trace: 100,
    })
    expect(stored).toHaveLength(ids.size)
    for (const span of stored) {
      const facts = new Set(
        given.flatMap(({ fact }) =>
          fact && fact.trace_id + fact.span_id === span.trace_id + span.span_id ? [fact.fact_id] : [],
        ),
      )
      expect(Number(span.version >> 48n)).toBe(1 + facts.size)
      const said = span.input_messages.map(({ parts }) => parts[0]!.content)
      expect(said).toEqual([...facts].sort().map((_, ordinal) => `said ${ordinal}`))
    }

    const whole = await store.query<{ trace_id: string; last: string; rows: string }>(
      `SELECT trace_id, toString(bitAnd(max(version), bitShiftLeft(toUInt64(1), 48) - 1)) AS last, toString(count()) AS rows
       FROM evaluations WHERE project = 'joined' AND unit = 'trace' GROUP BY trace_id`,
    )
    const lasts = Map.groupBy(
      given.flatMap(({ span }) => (span ? [span] : [])),
      ({ trace_id }) => trace_id,
    )
    expect(whole).toHaveLength(lasts.size)
    for (const { trace_id, last, rows } of whole) {
      expect(rows).toBe('1')
      // A repeat of a span that is known in full may count as its last, and need not.
      const first = Map.groupBy(lasts.get(trace_id)!, ({ span_id }) => span_id)
      const complete = Math.max(
        ...[...first.values()].map((copies) => Math.min(...copies.map((span) => span.received_at))),
      )
      expect(Number(last)).toBeGreaterThanOrEqual(complete)
    }

    // The first span of a trace holds a chain that holds a call, which may hold another: the innermost counts alone.
    const [usage] = await store.query<{ tokens: string }>(
      `SELECT toString(sum(input_tokens)) AS tokens FROM usage WHERE project = 'joined'`,
    )
    expect(Number(usage!.tokens)).toBe(lasts.size)
  })

  it('keeps a trace of many spans within its bounds', async () => {
    const project = 'large'
    const at = BEGIN + 100_000
    const trace_id = hex(9, 32)
    const spans = Array.from({ length: 10_050 }, (_, number) =>
      aSpan({
        project,
        trace_id,
        span_id: hex(number + 1, 16),
        parent_span_id: number === 0 ? '' : hex(1, 16),
        kind: number === 0 ? 'agent' : 'tool',
        is_call: false,
        tool_name: 'search',
        received_at: at,
        version: spanVersion(1, at),
        start_time: BigInt(at + number) * 1_000_000n,
        end_time: BigInt(at + number) * 1_000_000n,
        input_messages: [aMessage('assistant', `argument ${'x'.repeat(500)}`)],
      }),
    )
    await deliver(
      createClickhouseSink(sinkOptions()),
      spans.map((span) => ({ ...aJudgedSpan(), span })),
    )
    const sent = await requestsOf(at, { projects: [project], wants: [{ traces: 'agents', from: { tool_calls: 5 } }] })
    expect(sent).toHaveLength(1)
    const [request] = sent
    expect(request).toMatchObject({ unit: 'trace', trace_id, span_count: 10_050, cut: true })
    expect(request!.spans).toHaveLength(10_000)
    const text = request!.spans.reduce((sum, span) => sum + (span.input_messages[0]?.parts[0]?.content.length ?? 0), 0)
    expect(text).toBeGreaterThan(500_000)
    expect(text).toBeLessThanOrEqual(1 << 20)
  })

  it('goes on where spans and log records hold more than one query may answer', async () => {
    const project = 'heavy'
    const at = BEGIN + 200_000
    const long = 'All work and no play. '.repeat(36_000)
    const idsOf = (trace: number, span: number) => ({ project, trace_id: hex(trace, 32), span_id: hex(span, 16) })
    const aStep = (trace: number, span: number, fields: Partial<LlmSpan> = {}) =>
      aSpan({
        ...idsOf(trace, span),
        kind: 'tool',
        is_call: false,
        received_at: at,
        version: spanVersion(1, at),
        start_time: BigInt(at + span) * 1_000_000n,
        end_time: BigInt(at + span) * 1_000_000n,
        input_captured: false,
        ...fields,
      })
    const aFact = (trace: number, ordinal: number, text: string): ContentFact => ({
      ...idsOf(trace, 1),
      fact_id: hex(trace * 1_000 + ordinal, 32),
      received_at: at,
      time: BigInt(at) * 1_000_000n,
      ordinal,
      event_name: 'gen_ai.user.message',
      content: { input_messages: [aMessage('user', text)] },
    })
    // Nearly 80 MB in the spans of one trace, as much in the log records of one span, and a span that has to wait for neither.
    const steps = Array.from({ length: 100 }, (_, i) => aStep(1, i + 1, { input_messages: [aMessage('user', long)] }))
    const spans = [...steps, aStep(2, 1), aStep(3, 1)]
    await deliver(
      createClickhouseSink(sinkOptions()),
      spans.map((span) => ({ ...aJudgedSpan(), span })),
    )
    const facts = Array.from({ length: 100 }, (_, ordinal) => aFact(2, ordinal, long))
    await deliver(createContentFactSink(sinkOptions()), [...facts, aFact(3, 1, 'short')])
    const sent = await requestsOf(at, { projects: [project], wants: [{ traces: 'all', from: { spans: 2 } }] })

    const joined = new Map(sent.filter(({ unit }) => unit === 'span').map((request) => [request.trace_id, request]))
    expect(joined.get(hex(2, 32))).toMatchObject({ version: spanVersion(101, at), cut: true })
    expect(joined.get(hex(2, 32))!.spans[0]!.input_messages).toHaveLength(5)
    expect(joined.get(hex(3, 32))).toMatchObject({ version: spanVersion(2, at), cut: false })
    const whole = sent.find(({ unit, trace_id }) => unit === 'trace' && trace_id === hex(1, 32))
    expect(whole!.spans).toHaveLength(100)
    expect(whole!.spans[99]!.input_messages[0]!.parts[0]!.content).toHaveLength(4_096)
  })
})
