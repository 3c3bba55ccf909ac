import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Broker } from '../adapters/broker/broker.ts'
import { fetchAll } from '../adapters/broker/contract-bench.ts'
import { createDeadLetters, scanDeadLetters } from '../adapters/broker/dead-letters.ts'
import { createTestLog, settableClock, type TestLog } from '../adapters/broker/embedded/test-log.ts'
import { encodeTracesJson } from '../schemas/otlp/json.ts'
import { DEAD_LETTERS, HEADER_PROJECT, HEADER_REPLAY_OF, OTLP_SPANS, TOPICS } from '../schemas/topics.ts'
import { parseConfig } from './config.ts'
import {
  deadLetterOperations,
  type ListedLetters,
  type ReplayAnswer,
  replayOperations,
} from './operations/dead-letters.ts'
import { createSpanReader } from './span-chain.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const DAY_MS = 86_400_000
const config = parseConfig({})
const readSpans = createSpanReader(config)

let log: TestLog
let broker: Broker
let clock: ReturnType<typeof settableClock>
beforeEach(async () => {
  log = createTestLog()
  clock = settableClock(NOW)
  // Time stands still, so that records without a key stay on one partition however long the test takes.
  broker = await log.open({ clock: { ...clock, monotonic: () => 0 } })
  await broker.ensureTopics(TOPICS)
})
afterEach(() => log.remove())

interface GivenSpan {
  readonly id: number
  /** Milliseconds since 1970; absent: without any time. */
  readonly start_ms?: number
  readonly end_ms?: number
}

function aBody(spans: readonly GivenSpan[]): Buffer {
  const hex = (id: number, width: number) => id.toString(16).padStart(width, '0')
  const given = spans.map(({ id, start_ms, end_ms }) => ({
    traceId: hex(7, 32),
    spanId: hex(id, 16),
    name: `span ${id}`,
    ...(start_ms !== undefined && { startTimeUnixNano: String(BigInt(start_ms) * 1_000_000n) }),
    ...(end_ms !== undefined && { endTimeUnixNano: String(BigInt(end_ms) * 1_000_000n) }),
  }))
  return Buffer.from(encodeTracesJson({ resourceSpans: [{ scopeSpans: [{ spans: given }] }] }))
}

/** Reads what lies on otlp_spans from `from` on as the pipeline does; what it refuses becomes letters. */
async function judge(from = 0): Promise<readonly { id: string; start_ms: number; end_ms: number }[]> {
  const letters = createDeadLetters(broker, { inc() {} })
  const stored: { id: string; start_ms: number; end_ms: number }[] = []
  const records = (
    await Promise.all([0, 1, 2, 3].map((partition) => fetchAll(broker, OTLP_SPANS.name, partition)))
  ).flat()
  for (const record of records.slice(from)) {
    const { spans, rejects } = readSpans(record)
    const ms = (ns: bigint) => Number(ns / 1_000_000n)
    for (const { span_id, start_time, end_time } of spans)
      stored.push({ id: span_id, start_ms: ms(start_time), end_ms: ms(end_time) })
    if (rejects.length > 0) await letters.deliver(rejects, record)
  }
  return stored
}

const send = (value: Buffer, project = 'shop') =>
  broker.produce(OTLP_SPANS.name, [{ key: null, value, headers: { [HEADER_PROJECT]: project } }])

async function replay(body: object): Promise<Omit<ReplayAnswer, 'cursor' | 'left'>> {
  const operation = replayOperations({ broker, config, clock }).dead_letters_replay!
  let sum: ReplayAnswer | undefined
  let cursor: ReplayAnswer['cursor'] = null
  do {
    const answer = (await operation({ ...body, cursor })) as ReplayAnswer
    cursor = answer.cursor
    sum = sum
      ? {
          ...answer,
          replayed: sum.replayed + answer.replayed,
          already_replayed: sum.already_replayed + answer.already_replayed,
        }
      : answer
  } while (cursor !== null)
  return sum!
}

const list = (body: object = {}) => deadLetterOperations({ broker }).dead_letters!(body) as Promise<ListedLetters>

it('replays letters with their times moved, keeps the shape of a trace, and does so once', async () => {
  const long_ago = NOW - 400 * DAY_MS
  await send(
    aBody([
      { id: 1, start_ms: long_ago, end_ms: long_ago + 5_000 },
      { id: 2, start_ms: long_ago + 1_000, end_ms: long_ago + 2_000 },
      { id: 3, start_ms: NOW - 10, end_ms: NOW },
    ]),
  )
  expect((await judge()).map(({ id }) => id)).toEqual(['0000000000000003'])
  expect((await list()).codes).toEqual({ TIMESTAMP_OUT_OF_RANGE: 2 })
  clock.set(NOW + 60_000)
  expect(await replay({ shift: true, dry_run: true })).toMatchObject({ replayed: 2, appended: [] })
  expect(await replay({ shift: true })).toMatchObject({ replayed: 2, shifted: 2, already_replayed: 0 })
  expect(await judge(1)).toEqual([
    { id: '0000000000000001', start_ms: NOW - 5_000, end_ms: NOW },
    { id: '0000000000000002', start_ms: NOW - 4_000, end_ms: NOW - 3_000 },
  ])
  const { letters } = await list()
  expect(letters.every(({ replayed }) => replayed)).toBe(true)
  expect((await list({ waiting: true })).total).toBe(0)
  const [first] = await fetchAll(broker, OTLP_SPANS.name, 0, 1n)
  expect(first!.headers).toMatchObject({ [HEADER_PROJECT]: 'shop', [HEADER_REPLAY_OF]: letters[0]!.dead_letter_id })
  expect(await replay({ shift: true })).toMatchObject({ replayed: 0, already_replayed: 2 })
  // Done again on purpose, the spans are the same: they collapse by key.
  expect(await replay({ shift: true, again: true })).toMatchObject({ replayed: 2 })
  const keys = (await judge(1)).map((span) => JSON.stringify(span))
  expect(keys).toHaveLength(4)
  expect(new Set(keys).size).toBe(2)
})

it('gives the time of its receipt to a span that had none, also once the original is gone', async () => {
  const letters = createDeadLetters(broker, { inc() {} })
  const reject = { code: 'TIMESTAMP_MISSING', message: 'no time', component: 'normalize', index: 0 } as const
  const gone = {
    topic: OTLP_SPANS.name,
    partition: 3,
    offset: 999n,
    timestamp_ms: 0,
    key: null,
    headers: { [HEADER_PROJECT]: 'p' },
  }
  await letters.deliver([{ ...reject, value: aBody([{ id: 9 }]) }], { ...gone, value: null })
  expect(await replay({ shift: true })).toMatchObject({ replayed: 1 })
  expect(await judge()).toEqual([{ id: '0000000000000009', start_ms: NOW, end_ms: NOW }])
})

it('makes a new letter of what fails again, which names the first', async () => {
  await send(aBody([{ id: 1, start_ms: 1000, end_ms: 2000 }]))
  await judge()
  const [first] = (await list()).letters
  expect(await replay({ ids: [first!.dead_letter_id, 'no such'] })).toMatchObject({
    replayed: 1,
    selected_ids: [first!.dead_letter_id],
  })
  await judge(1)
  const again = await list({ replays: true })
  expect(again.letters).toMatchObject([{ replay_of: first!.dead_letter_id, replayed: false }])
  // Its letter is replayed in turn, the first is not: and now with a time that fits.
  expect(await replay({ shift: true })).toMatchObject({ replayed: 1, already_replayed: 1 })
  expect(await judge(2)).toHaveLength(1)
})

it('chooses by code, project and time, and leaves alone what is no request where times are to be moved', async () => {
  await send(aBody([{ id: 1, start_ms: 1000 }]), 'shop')
  await send(Buffer.from('no request'), 'shop')
  clock.set(NOW + 1_000)
  await send(aBody([{ id: 2, start_ms: 1000 }]), 'bank')
  await judge()
  expect((await list({ code: 'UNREADABLE_RECORD' })).total).toBe(1)
  expect((await list({ project: 'shop' })).codes).toEqual({ TIMESTAMP_OUT_OF_RANGE: 1, UNREADABLE_RECORD: 1 })
  expect((await list({ since_ms: NOW + 2_000 })).total).toBe(0)
  expect(await replay({ project: 'bank', shift: true })).toMatchObject({ replayed: 1 })
  expect(await replay({ code: 'UNREADABLE_RECORD', shift: true })).toMatchObject({ replayed: 0, unreadable: 1 })
  expect(await replay({ code: 'UNREADABLE_RECORD' })).toMatchObject({ replayed: 1, unreadable: 0 })
})

it('reads many letters in pages and ends at those that were there', async () => {
  const letters = createDeadLetters(broker, { inc() {} })
  const value = Buffer.concat([aBody([{ id: 1, start_ms: NOW - 5 }])])
  for (let index = 0; index < 40; index += 1) {
    const source = {
      topic: OTLP_SPANS.name,
      partition: 0,
      offset: BigInt(index),
      timestamp_ms: NOW,
      key: null,
      value,
      headers: {},
    }
    const big = Buffer.alloc(300_000)
    await letters.deliver([{ code: 'UNREADABLE_RECORD', message: '', component: 'c', index: 0, value: big }], source)
  }
  expect(await replay({})).toMatchObject({ replayed: 40 })
  const seen = []
  for await (const { letter } of scanDeadLetters(broker)) seen.push(letter.dead_letter_id)
  expect(seen).toHaveLength(40)
  expect((await broker.offsets(DEAD_LETTERS.name)).reduce((sum, { end }) => sum + end, 0n)).toBe(40n)
})
