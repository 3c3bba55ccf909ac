/**
 * An open-loop OTLP/HTTP exporter in a process of its own: requests leave by the clock, however long the answers take, so
 * that a slow pipeline cannot slow down what measures it. Forked with its options as JSON; sends one GeneratorReport.
 */

import { systemClock } from '../../core/clock.ts'
import { createOtlpSender, isRetryableAnswer } from '../otlp-sender.ts'
import { createRequestSource, type RequestOptions } from './requests.ts'

export interface GeneratorOptions extends RequestOptions {
  /** Base URL of OTLP/HTTP. */
  readonly otlp_http: string
  /** '' where the pipeline runs without keys. */
  readonly key: string
  readonly spans_per_second: number
  /** When the first request is due, milliseconds since 1970. */
  readonly starts_at: number
  /** Requests due before this long after the start are sent but not measured. */
  readonly warm_up_ms: number
  readonly measured_ms: number
  readonly connections: number
  /** How long after the last request is due answers are waited for. */
  readonly patience_ms: number
}

export interface GeneratorReport {
  /** Numbers of the requests that were acknowledged in full; all of them, warm-up included. */
  readonly acknowledged: readonly number[]
  /** Requests that were due and never acknowledged. */
  readonly unanswered: readonly number[]
  /** Spans acknowledged within the measured window, whenever they were due. */
  readonly spans_acknowledged_in_window: number
  /** From when a request was due to its acknowledgement, of those due in the window, ascending. */
  readonly ack_ms: readonly number[]
  readonly retries: number
  /** Answers and failures other than a full acknowledgement, by HTTP status or error code. */
  readonly errors: Readonly<Record<string, number>>
  readonly bytes_per_span: number
  readonly cpu_us: number
}

async function generate(options: GeneratorOptions): Promise<GeneratorReport> {
  const clock = systemClock
  const source = createRequestSource(options)
  const sender = createOtlpSender(options)
  const interval_ms = (1000 * options.spans_per_request) / options.spans_per_second
  const total = Math.floor((options.warm_up_ms + options.measured_ms) / interval_ms)
  await clock.sleep(Math.max(0, options.starts_at - clock.now()))
  const began = clock.monotonic()
  const window_start = began + options.warm_up_ms
  const window_end = window_start + options.measured_ms
  const dueAt = (index: number) => began + index * interval_ms

  const waiting: number[] = []
  const acknowledged: number[] = []
  const ack_ms: number[] = []
  const errors: Record<string, number> = {}
  const refused = new Set<number>()
  let in_flight = 0
  let retries = 0
  let spans_acknowledged_in_window = 0

  async function send(index: number): Promise<void> {
    // The time inside the spans depends on the number alone: a retry carries the same bytes.
    const body = source.bodyOf(index, options.starts_at + index * interval_ms)
    const answer = await sender.send('traces', body)
    const { status, retry_after_ms } = answer
    const now = clock.monotonic()
    if (status === '200') {
      acknowledged.push(index)
      if (now >= window_start && now < window_end) spans_acknowledged_in_window += options.spans_per_request
      if (dueAt(index) >= window_start) ack_ms.push(now - dueAt(index))
      return
    }
    errors[status] = (errors[status] ?? 0) + 1
    if (!isRetryableAnswer(answer)) {
      refused.add(index)
      return
    }
    retries++
    void clock.sleep(retry_after_ms).then(() => {
      waiting.unshift(index)
      pump()
    })
  }

  function pump(): void {
    while (in_flight < options.connections && waiting.length > 0) {
      in_flight++
      void send(waiting.shift()!).finally(() => {
        in_flight--
        pump()
      })
    }
  }

  for (let next = 0; next < total; ) {
    const now = clock.monotonic()
    while (next < total && dueAt(next) <= now) waiting.push(next++)
    pump()
    if (next < total) await clock.sleep(Math.max(1, dueAt(next) - clock.monotonic()))
  }
  const deadline = clock.monotonic() + options.patience_ms
  while (acknowledged.length + refused.size < total && clock.monotonic() < deadline) await clock.sleep(20)
  sender.close()
  const done = new Set(acknowledged)
  const { user, system } = process.cpuUsage()
  return {
    acknowledged,
    unanswered: Array.from({ length: total }, (_, index) => index).filter((index) => !done.has(index)),
    spans_acknowledged_in_window,
    ack_ms: ack_ms.sort((a, b) => a - b),
    retries,
    errors,
    bytes_per_span: source.bytes_per_span,
    cpu_us: user + system,
  }
}

if (!process.send) {
  process.stderr.write('This file is forked by the benchmark: run `npm run bench`.\n')
  process.exit(2)
}
process.send(await generate(JSON.parse(process.argv[2] ?? '{}') as GeneratorOptions), () => process.exit(0))
