import { expect, it } from 'vitest'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { readLedger } from '../../app/bench/accounting.ts'
import { runCommand } from '../../app/bench/started-pipeline.ts'
import { operateAt } from '../../app/operate.ts'
import { systemClock } from '../../core/clock.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { HEADER_PROJECT, HEADER_TRANSPORT, OTLP_SPANS } from '../../schemas/topics.ts'
import {
  aChat,
  aPipeline,
  aRequest,
  ask,
  countSpans,
  postTraces,
  temporaryDirectory,
  traceId,
  until,
} from '../e2e/a-pipeline.ts'

const DAY_MS = 86_400_000
const startOfDay = (now_ms: number) => now_ms - (now_ms % DAY_MS)

interface Letters {
  readonly total: number
  readonly letters: readonly { readonly code: string; readonly dead_letter_id: string }[]
}

async function deadLetters(admin: string): Promise<Letters> {
  return operateAt<Letters>(admin, 'dead_letters', { limit: 1000 })
}

it('the same request twice, with a call that crosses midnight, counts once', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const midnight = startOfDay(systemClock.now())
  const request = aRequest([
    aChat({ trace: 1, span: 1, start_ms: midnight - 1_000 }),
    aChat({ trace: 1, span: 2, parent: 1, start_ms: midnight + 100 }),
    aChat({ trace: 2, span: 3, start_ms: midnight - 100 }),
  ])
  expect(await postTraces(pipeline, request)).toBe(200)
  expect(await postTraces(pipeline, request)).toBe(200)
  expect(await countSpans(pipeline)).toBe(3)
  expect(await postTraces(pipeline, request)).toBe(200)
  expect(await countSpans(pipeline)).toBe(3)
  // Span 1 began yesterday and holds the call of today: only the inner one counts.
  const usage = await ask(pipeline, 'SELECT span_id, toString(input_tokens) AS input FROM usage ORDER BY span_id')
  expect(usage).toEqual([
    { span_id: '0000000000000002', input: '10' },
    { span_id: '0000000000000003', input: '10' },
  ])
  expect(await readLedger(pipeline.admin)).toMatchObject({
    lost: 0,
    duplicated: 0,
    checksum_mismatches: 0,
    collapsed: 6,
  })
})

it('150 days in one request are stored in pieces; 1970 and the day after tomorrow become dead letters', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory, { config: { store: { retention_days: 200 } } })
  const now = systemClock.now()
  const days = Array.from({ length: 150 }, (_, day) => aChat({ trace: 9, span: day + 1, start_ms: now - day * DAY_MS }))
  const outside = [1_000, now + 2 * DAY_MS].map((start_ms, n) => aChat({ trace: 9, span: 1_000 + n, start_ms }))
  expect(await postTraces(pipeline, aRequest([...days, ...outside]))).toBe(200)
  expect(await countSpans(pipeline, `trace_id = '${traceId(9)}'`)).toBe(150)
  expect(await pipeline.metric('evalforge_batch_rows_count', 'table="spans_rows"')).toBe(3)
  const { total, letters } = await deadLetters(pipeline.admin)
  expect(total).toBe(2)
  expect(letters.map(({ code }) => code)).toEqual(['TIMESTAMP_OUT_OF_RANGE', 'TIMESTAMP_OUT_OF_RANGE'])
  expect(await readLedger(pipeline.admin)).toMatchObject({
    lost: 0,
    duplicated: 0,
    dead_letters: 2,
    spans_checked: 150,
  })
})

it('one record that cannot be decoded goes to dead_letters with its bytes, the others are stored', async () => {
  using directory = temporaryDirectory()
  const poison = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x01])
  // The collector lets nothing of the kind pass, so it is put on the log as another writer could.
  const broker = await createEmbeddedBroker({
    directory: `${directory.path}/data/log`,
    writes: [OTLP_SPANS.name],
    clock: systemClock,
    on_fatal(error) {
      throw error
    },
  })
  await broker.ensureTopics([OTLP_SPANS])
  const now = systemClock.now()
  const good = Array.from({ length: 400 }, (_, n) =>
    Buffer.from(encodeTracesJson(aRequest([aChat({ trace: n + 1, span: 1, start_ms: now })]))),
  )
  const headers = { [HEADER_PROJECT]: 'default', [HEADER_TRANSPORT]: 'http/protobuf' }
  const values = [...good.slice(0, 200), poison, ...good.slice(200)]
  await broker.produce(
    OTLP_SPANS.name,
    values.map((value) => ({ key: null, value, headers })),
  )
  await broker.close()

  await using pipeline = await aPipeline(directory)
  expect(await countSpans(pipeline)).toBe(400)
  const { total, letters } = await deadLetters(pipeline.admin)
  expect([total, letters[0]?.code]).toEqual([1, 'UNREADABLE_RECORD'])
  const letter = await operateAt(pipeline.admin, 'dead_letter', { id: letters[0]!.dead_letter_id })
  expect((letter as { value_base64: string }).value_base64).toBe(poison.toString('base64'))
  expect(await readLedger(pipeline.admin)).toMatchObject({ lost: 0, duplicated: 0, dead_letters: 1 })
})

it('SIGTERM right after an acknowledgement stores what was acknowledged, and exits with 0', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory, { config: { pipeline: { flush_interval_ms: 60_000 } } })
  const now = systemClock.now()
  const spans = Array.from({ length: 500 }, (_, n) => aChat({ trace: n + 1, span: 1, start_ms: now }))
  expect(await postTraces(pipeline, aRequest(spans))).toBe(200)
  expect(await pipeline.stop()).toBe(0)
  const ledger = runCommand(['ledger', '--full', '--json', '--data-dir', `${directory.path}/data`], directory.path)
  expect(await ledger.exited, ledger.output.stderr).toBe(0)
  expect(JSON.parse(ledger.output.stdout)).toMatchObject({ spans_committed: 500, spans_checked: 500, lost: 0, late: 0 })
})

it('a busy port and a directory in use are said in a sentence each, and nothing is left running', async () => {
  using directory = temporaryDirectory()
  using other = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const free = ['--otlp-grpc-port', '0', '--clickhouse-port', '0', '--admin-port', '0']
  const port = new URL(pipeline.otlp_http).port
  const busy = runCommand(['start', '-d', `${other.path}/data`, '--otlp-http-port', port, ...free], other.path)
  expect(await busy.exited).toBe(1)
  expect(busy.output.stderr).toContain(port)
  expect(busy.output.stderr).toContain('Stop the other program or choose another port. (PORT_BUSY)')

  const locked = runCommand(['start', '-d', `${directory.path}/data`, '--otlp-http-port', '0', ...free], other.path)
  expect(await locked.exited).toBe(1)
  expect(locked.output.stderr).toContain(`${directory.path}/data`)
  expect(locked.output.stderr).toMatch(/--data-dir.*\(DATA_DIRECTORY_LOCKED\)/s)

  await until('the first instance still answers', async () => (await fetch(`${pipeline.admin}/ready`)).ok)
})
