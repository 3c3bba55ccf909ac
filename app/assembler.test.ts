import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { AssignedPartition, Broker, LogRecord, SubscribeOptions } from '../adapters/broker/broker.ts'
import { createMetrics } from '../core/metrics.ts'
import { OTLP_SPANS } from '../schemas/topics.ts'
import { startAssembler } from './assembler.ts'
import { parseConfig } from './config.ts'

const BEGIN_MS = 1_790_000_000_000
const SECOND_MS = 1_000
/** The store is away for ten minutes, and senders go on for nine of them. */
const OUTAGE_MS = 600 * SECOND_MS
const ARRIVALS = Array.from({ length: 54 }, (_, n) => BEGIN_MS + (n + 1) * 10 * SECOND_MS)
const END_MS = BEGIN_MS + OUTAGE_MS + 120 * SECOND_MS

it('looks at everything that came in while the store was away', async () => {
  let now = BEGIN_MS
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const clock = {
    now: () => now,
    monotonic: () => now,
    async sleep(ms: number, signal?: AbortSignal) {
      now += Math.max(ms, 1)
      if (now >= END_MS) finish()
      if (now >= END_MS) await new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject()))
    },
  }
  const isAway = () => now < BEGIN_MS + OUTAGE_MS
  const arrived = () => BigInt(ARRIVALS.filter((at) => at <= now).length)
  let revoked: SubscribeOptions['revoked'] = async () => {}
  const place: AssignedPartition = {
    topic: 'judge_requests',
    partition: 0,
    committed: { offset: 0n, metadata: JSON.stringify({ watermark: BEGIN_MS }) },
    poll: async () => [],
    seek() {},
    async commit() {},
  }
  const broker: Partial<Broker> = {
    async lag(_group, topic) {
      const end = topic === OTLP_SPANS.name ? arrived() : 0n
      const committed = isAway() ? 0n : end
      return [{ partition: 0, start: 0n, end, committed, lag: end - committed }]
    },
    fetch: async () => [{ timestamp_ms: ARRIVALS[0] } as LogRecord],
    offsets: async () => [{ partition: 0, start: 0n, end: 0n }],
    async subscribe(options) {
      revoked = options.revoked
      options.assigned(place)
      return { close: () => revoked(place) }
    },
  }
  const windows: { from: number; to: number }[] = []
  const store = {
    async query<Row>(sql: string, { params = {} }: { params?: Record<string, unknown> } = {}) {
      if (sql.includes('AS found')) {
        const stored = isAway() ? [] : ARRIVALS.filter((at) => at > Number(params.after) && at <= now)
        return [{ found: String(stored.length), next: String(stored[0] ?? 0) }] as Row[]
      }
      if (sql.includes('FROM content_facts_rows WHERE received_at > fromUnixTimestamp64Milli({from'))
        windows.push({ from: Number(params.from), to: Number(params.to) })
      return []
    },
  }
  const assembler = await startAssembler({
    broker: broker as Broker,
    store,
    prices: { version: '', priceOf: () => undefined },
    config: parseConfig({}),
    traces: () => ({ judgesOf: () => () => [], wishes: () => [] }),
    clock,
    log: { warn() {} },
    metrics: createMetrics(new Registry()),
  })
  await finished
  await assembler.stop()
  const missed = ARRIVALS.filter((at) => !windows.some(({ from, to }) => at > from && at <= to))
  expect(missed).toEqual([])
  expect(assembler.trouble()).toBe('')
})
