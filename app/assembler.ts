import type { AssignedPartition, Broker, Subscription } from '../adapters/broker/broker.ts'
import type { Store } from '../adapters/store/store.ts'
import { createJudgeRequestCodec } from '../core/avro.ts'
import type { Clock } from '../core/clock.ts'
import { isRetryable } from '../core/errors.ts'
import type { Metrics } from '../core/metrics.ts'
import type { PriceList } from '../core/prices.ts'
import type { JudgeRequest } from '../schemas/judge-request.ts'
import { JUDGE_REQUESTS, OTLP_LOGS, OTLP_SPANS } from '../schemas/topics.ts'
import { createAssemble } from '../stream-processors/assemble/assemble.ts'
import type { Config } from './config.ts'
import { ASSEMBLE_GROUP, CONSUMER_GROUP } from './consumer-group.ts'
import type { Logger } from './logger.ts'
import type { TraceJudging } from './trace-judging.ts'

const INTERVAL_MS = 1_000
/** The watermark of an instance that nothing comes in for is kept this often. */
const KEEP_INTERVAL_MS = 60_000
/** Assembling takes at most about this share of the time, unless the store is so slow that content would wait for long. */
const BUSY_SHARE = 0.2
const MAX_INTERVAL_MS = 5_000
const REQUESTS_PER_APPEND = 200
/** A store that starts afresh is back sooner. */
const TROUBLE_MS = 30_000
const DRAIN_MS = 2_000
const SOURCES = [OTLP_SPANS.name, OTLP_LOGS.name]

export interface AssemblerOptions {
  readonly broker: Broker
  readonly store: Pick<Store, 'query'>
  readonly prices: PriceList
  readonly config: Config
  readonly traces: () => TraceJudging
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly metrics: Pick<Metrics, 'judgeRequests' | 'assembleWatermark'>
}

export interface Assembler {
  /** '' or why nothing was joined for a while. */
  trouble(): string
  stop(): Promise<void>
}

/**
 * Runs `assemble` beside the pipelines: as far as everything that was appended is in the store, and on from the watermark
 * that the group's commit keeps. A crash repeats requests, which give equal rows.
 */
export async function startAssembler(options: AssemblerOptions): Promise<Assembler> {
  const { broker, config, clock, log, metrics } = options
  const codec = createJudgeRequestCodec()
  const { content_wait_ms, trace_idle_ms } = config.pipeline
  const owned = new Map<number, AssignedPartition>()
  let failing: { readonly since: number; readonly reason: string } | undefined
  let lead: { readonly stopping: AbortController; readonly running: Promise<void> } | undefined

  const assemble = createAssemble({
    store: options.store,
    prices: options.prices,
    content_wait_ms,
    trace_idle_ms,
    traceWishes: (projects) => options.traces().wishes(projects),
    async send(requests) {
      for (let from = 0; from < requests.length; from += REQUESTS_PER_APPEND)
        await broker.produce(JUDGE_REQUESTS.name, requests.slice(from, from + REQUESTS_PER_APPEND).map(recordOf))
      for (const { reason } of requests) metrics.judgeRequests.inc({ reason })
    },
  })

  const recordOf = (request: JudgeRequest) => ({
    key: Buffer.from(`${request.project}/${request.trace_id}`),
    value: codec.encode(request),
    headers: {},
  })

  /** Everything appended before it is in the store; and what the log's ends were then. */
  async function look(): Promise<{ frontier: number; ends: string }> {
    let frontier = clock.now()
    let ends = ''
    for (const topic of SOURCES) {
      for (const { partition, start, end, committed, lag } of await broker.lag(CONSUMER_GROUP, topic)) {
        ends += `${end} `
        if (lag === 0n) continue
        const next = committed !== null && committed > start ? committed : start
        const [waiting] = await broker.fetch(topic, partition, next, { max_bytes: 1 })
        if (waiting) frontier = Math.min(frontier, waiting.timestamp_ms - 1)
      }
    }
    return { frontier, ends }
  }

  async function run(place: AssignedPartition, signal: AbortSignal): Promise<void> {
    let watermark = watermarkOf(place)
    let kept = { watermark: Number.NEGATIVE_INFINITY, at: Number.NEGATIVE_INFINITY }
    let quiet = { ends: '', since: 0 }

    /** Whether there is more to look at. */
    async function step(): Promise<boolean> {
      watermark ??= await assemble.begin(clock.now())
      const { frontier, ends } = await look()
      // Not the frontier: what came in while the store was away lies before now and behind it.
      if (ends !== quiet.ends) quiet = { ends, since: clock.now() }
      // Nothing came in for longer than anything waits: the store need not be asked.
      const isOver = watermark > quiet.since + Math.max(content_wait_ms, trace_idle_ms) + INTERVAL_MS
      const { reached, keep: safe } = isOver
        ? { reached: Math.max(watermark, frontier), keep: frontier }
        : await assemble.advance(watermark, frontier)
      const isBehind = reached < frontier
      watermark = reached
      metrics.assembleWatermark.set(watermark / 1000)
      const isDue = !isOver || clock.monotonic() - kept.at >= KEEP_INTERVAL_MS
      if (safe > kept.watermark && isDue) {
        await keep(safe)
        kept = { watermark: safe, at: clock.monotonic() }
      }
      return isBehind
    }

    while (!signal.aborted) {
      const began = clock.monotonic()
      const isBehind = await step().then(
        (more) => {
          failing = undefined
          return more
        },
        (error: unknown) => {
          if (signal.aborted) return false
          failing = { since: failing?.since ?? began, reason: error instanceof Error ? error.message : String(error) }
          if (!isRetryable(error)) log.warn({ err: error }, 'assembling failed; it is tried again')
          return false
        },
      )
      const took = clock.monotonic() - began
      const wait = isBehind
        ? Math.min(took, INTERVAL_MS)
        : Math.min(Math.max(INTERVAL_MS, took / BUSY_SHARE), MAX_INTERVAL_MS)
      await clock.sleep(wait, signal).catch(() => {})
    }
  }

  /** The watermark with partition 0; the others are moved on, so that retention waits for none of them. */
  async function keep(watermark: number): Promise<void> {
    const ends = new Map((await broker.offsets(JUDGE_REQUESTS.name)).map(({ partition, end }) => [partition, end]))
    const metadata = JSON.stringify({ watermark })
    for (const [partition, place] of owned)
      await place.commit({ offset: ends.get(partition) ?? 0n, metadata: partition === 0 ? metadata : '' })
  }

  const subscription: Subscription = await broker.subscribe({
    group: ASSEMBLE_GROUP,
    topics: [JUDGE_REQUESTS.name],
    assigned(partition) {
      owned.set(partition.partition, partition)
      if (partition.partition !== 0) return
      const stopping = new AbortController()
      lead = { stopping, running: run(partition, stopping.signal) }
    },
    async revoked(partition) {
      if (partition.partition === 0) {
        lead?.stopping.abort()
        // A store that does not answer must not hold up the end: what is not committed is found again.
        await Promise.race([lead?.running, clock.sleep(DRAIN_MS)])
      }
      owned.delete(partition.partition)
    },
  })

  return {
    trouble: () =>
      failing && clock.monotonic() - failing.since > TROUBLE_MS ? `joining late content: ${failing.reason}` : '',
    stop: () => subscription.close(),
  }
}

function watermarkOf({ committed }: AssignedPartition): number | undefined {
  try {
    const { watermark } = JSON.parse(committed?.metadata ?? '') as { watermark?: unknown }
    return typeof watermark === 'number' && Number.isFinite(watermark) ? watermark : undefined
  } catch {
    return undefined
  }
}
