import { systemClock } from '../../core/clock.ts'
import { askClickhouse } from '../demo/clickhouse-client.ts'
import { createRequestSource } from './requests.ts'

const INTERVAL_MS = 200
const POLL_MS = 100
const GIVE_UP_MS = 60_000

export interface ProbeReport {
  /** From the acknowledgement of a probe to the first query that showed it, ascending. Resolution: one poll, 100 ms. */
  readonly queryable_ms: readonly number[]
  /** Acknowledged and not seen within a minute. */
  readonly unseen: number
  /** Not acknowledged; probes are not sent again. */
  readonly refused: number
  readonly queries: number
}

export interface ProbeOptions {
  readonly otlp_http: string
  readonly clickhouse: string
  readonly project: string
  readonly key: string
  readonly span_bytes: number
  readonly seed: number
}

/** Sends small traces into a project of its own, beside the load and through the same door, and looks when each can be queried. */
export function startProbes(options: ProbeOptions): { stop(): Promise<ProbeReport> } {
  const clock = systemClock
  const source = createRequestSource({ seed: options.seed, span_bytes: options.span_bytes, spans_per_request: 5 })
  const waiting = new Map<string, number>()
  const queryable_ms: number[] = []
  let refused = 0
  let queries = 0
  let stopping = false

  async function sendOne(index: number): Promise<void> {
    const response = await fetch(`${options.otlp_http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${options.key}` },
      body: new Uint8Array(source.bodyOf(index, clock.now())),
    }).catch(() => null)
    await response?.arrayBuffer()
    if (response?.status === 200) waiting.set(source.idsOf(index)[0]!.trace_id, clock.monotonic())
    else refused++
  }

  async function send(): Promise<void> {
    const sent: Promise<void>[] = []
    const began = clock.monotonic()
    for (let index = 0; !stopping; index++) {
      sent.push(sendOne(index))
      await clock.sleep(Math.max(1, began + (index + 1) * INTERVAL_MS - clock.monotonic()))
    }
    await Promise.all(sent)
  }

  async function look(): Promise<void> {
    const asked = [...waiting.keys()]
    if (asked.length === 0) return
    queries++
    // The table, not the view: both show a row at the same moment, and without FINAL the question costs a tenth.
    const rows = await askClickhouse<{ trace_id: string }>(
      options.clickhouse,
      `SELECT DISTINCT trace_id FROM spans_rows PREWHERE project = '${options.project}'
       WHERE hour >= now() - INTERVAL 2 HOUR AND trace_id IN (${asked.map((id) => `'${id}'`).join(', ')})`,
    )
    const now = clock.monotonic()
    for (const { trace_id } of rows) {
      const accepted_at = waiting.get(trace_id)
      if (accepted_at === undefined) continue
      queryable_ms.push(now - accepted_at)
      waiting.delete(trace_id)
    }
  }

  async function poll(sending: Promise<void>): Promise<void> {
    let sent = false
    void sending.then(() => {
      sent = true
    })
    let give_up_at = Number.POSITIVE_INFINITY
    while (!sent || (waiting.size > 0 && clock.monotonic() < give_up_at)) {
      if (sent) give_up_at = Math.min(give_up_at, clock.monotonic() + GIVE_UP_MS)
      await look()
      await clock.sleep(POLL_MS)
    }
  }

  const sending = send()
  const polling = poll(sending)
  polling.catch(() => {})
  return {
    async stop() {
      stopping = true
      await sending
      await polling
      return { queryable_ms: queryable_ms.sort((a, b) => a - b), unseen: waiting.size, refused, queries }
    },
  }
}
