/**
 * The project that must not notice: small requests by the clock, whatever the answers take. Forked with its options as JSON;
 * answers every message with the answers since the one before.
 */
import { Agent, request } from 'node:http'
import { createRequestSource } from '../../app/bench/requests.ts'
import { systemClock } from '../../core/clock.ts'

export interface QuietOptions {
  readonly otlp_http: string
  readonly key: string
  readonly requests_per_second: number
}

export interface QuietReport {
  /** From when a request was due to its answer, milliseconds. */
  readonly answered_ms: readonly number[]
  /** How late requests left: what this process itself adds. */
  readonly late_ms: readonly number[]
  /** Answers other than 200, by status or error code. */
  readonly errors: Readonly<Record<string, number>>
}

const CONNECTIONS = 16
const TIMEOUT_MS = 10_000

async function sendQuietly({ otlp_http, key, requests_per_second }: QuietOptions): Promise<never> {
  const source = createRequestSource({ seed: 1, span_bytes: 1000, spans_per_request: 5 })
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let report = { answered_ms: [] as number[], late_ms: [] as number[], errors: {} as Record<string, number> }

  function send(index: number, due: number): void {
    const body = source.bodyOf(index, systemClock.now())
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-protobuf',
      'content-length': body.length,
    }
    let settled = false
    function settle(status: string): void {
      if (settled) return
      settled = true
      if (status === '200') report.answered_ms.push(systemClock.monotonic() - due)
      else report.errors[status] = (report.errors[status] ?? 0) + 1
    }
    const failed = (error: NodeJS.ErrnoException) => settle(error.code ?? error.name)
    report.late_ms.push(systemClock.monotonic() - due)
    request(`${otlp_http}/v1/traces`, { method: 'POST', agent, headers, timeout: TIMEOUT_MS })
      .on('error', failed)
      .on('timeout', () => settle('TIMEOUT'))
      .on('response', (response) => {
        response.on('error', failed).on('end', () => settle(String(response.statusCode)))
        response.resume()
      })
      .end(body)
  }

  process.on('message', () => {
    process.send?.(report satisfies QuietReport)
    report = { answered_ms: [], late_ms: [], errors: {} }
  })
  const began = systemClock.monotonic()
  for (let index = 0; ; index++) {
    const due = began + (index * 1000) / requests_per_second
    const wait_ms = due - systemClock.monotonic()
    if (wait_ms > 0) await systemClock.sleep(wait_ms)
    send(index, due)
  }
}

process.on('disconnect', () => process.exit(0))
await sendQuietly(JSON.parse(process.argv[2] ?? '{}') as QuietOptions)
