import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { createRandom } from '../../core/random.ts'
import { encodeLogsJson, encodeTracesJson } from '../../schemas/otlp/json.ts'
import { type FaultName, type FaultWindow, type InjectedFault, placeFaults, truthOf } from './faults.ts'
import { jsonAttributes } from './otlp-json.ts'
import { type Hour, hoursBetween, SERVICES, type Service } from './rhythm.ts'
import { BUILDERS, releaseAt, resourceOf, SCOPES } from './services.ts'
import { hex } from './trace.ts'

export interface HistoryOptions {
  readonly seed: number
  /** At least so many; the last trace is finished. */
  readonly spans: number
  readonly days: number
  /** End of the history, ms since 1970. The same options give the same bytes. */
  readonly until_ms: number
}

export interface HistoryRequest {
  readonly signal: 'traces' | 'logs'
  readonly body: Buffer
  /** Spans or log records in it. */
  readonly items: number
  /** Sent before: adds nothing to what must be stored. */
  readonly repeated: boolean
}

/** What must be stored of one UTC day: how many spans, and a fingerprint of their ids. */
export interface DaySent {
  spans: number
  /** XOR of CRC-32 of `trace_id + span_id`; ClickHouse: groupBitXor(CRC32(concat(trace_id, span_id))). */
  fingerprint: number
}

export interface History {
  /** First 8 hex digits of every trace id of this history. */
  readonly trace_prefix: string
  readonly from_ms: number
  /** In the order of time; repeated requests and late logs later than their turn. Can be read once. */
  requests(): Generator<HistoryRequest>
  /** Complete once all requests were read. */
  readonly sent: { spans: number; traces: number; log_records: number; repeated_spans: number }
  readonly days: ReadonlyMap<string, DaySent>
  truth(project: string): readonly InjectedFault[]
}

const DAY_MS = 86_400_000
const SPANS_PER_REQUEST = 64
/** No trace begins in the last minutes, so that none ends in the future. */
const MARGIN_MS = 300_000
/** Of the requests in the window of `duplicates`, in percent: sent again at once, and much later. */
const REPEATED_AT_ONCE = 8
const REPEATED_LATER = 8
/** Requests that wait for their repetition, and log records that wait for their delay: what bounds our memory. */
const MAX_WAITING = 48
const LATE_AFTER_REQUESTS = 40
const MAX_LATE_LOGS = 400

interface Batch {
  readonly service: Service
  readonly release: string
  spans: object[]
}

export function createHistory(options: HistoryOptions): History {
  const { seed, spans, days, until_ms } = options
  const to_ms = until_ms - MARGIN_MS
  const from_ms = until_ms - days * DAY_MS
  const hours = hoursBetween(from_ms, to_ms)
  const windows = placeFaults(createRandom(seed ^ 0x5eed), hours)
  const trace_prefix = createHash('sha256')
    .update(JSON.stringify([seed, spans, days, until_ms]))
    .digest('hex')
    .slice(0, 8)
  const affected = new Map<FaultName, number>()
  const sent = { spans: 0, traces: 0, log_records: 0, repeated_spans: 0 }
  const byDay = new Map<string, DaySent>()
  const queue = createQueue({
    windows,
    seed,
    count: (repeated) => {
      sent.repeated_spans += repeated
      affected.set('duplicates', (affected.get('duplicates') ?? 0) + repeated)
    },
  })

  function activeAt(time_ms: number): (fault: FaultName) => boolean {
    return (fault) =>
      windows.some((window) => window.fault === fault && time_ms >= window.from_ms && time_ms < window.to_ms)
  }

  function countTrace(trace_id: string, made: readonly object[]): void {
    sent.traces++
    for (const span of made as readonly { spanId: string; startTimeUnixNano: string }[]) {
      const day = new Date(Number(span.startTimeUnixNano.slice(0, -6))).toISOString().slice(0, 10)
      const of = byDay.get(day) ?? { spans: 0, fingerprint: 0 }
      of.spans++
      of.fingerprint = (of.fingerprint ^ crc32(trace_id + span.spanId)) >>> 0
      byDay.set(day, of)
      sent.spans++
    }
  }

  function* requests(): Generator<HistoryRequest> {
    const total = hours.reduce((sum, hour) => sum + hour.total, 0)
    let reached = 0
    for (const hour of hours) {
      reached += hour.total
      const target = Math.round((spans * reached) / total)
      // Traces of an hour in the order of time, as they would arrive.
      const wanted = target - sent.spans
      const random = createRandom((Math.imul(sent.traces + 1, 0x9e3779b1) ^ seed) | 0)
      for (let made = 0; sent.spans < target; ) {
        const progress = made / Math.max(1, wanted)
        const start_ms = Math.floor(hour.from_ms + Math.min(0.999, progress) * (hour.to_ms - hour.from_ms))
        const service = SERVICES[drawIndex(random, hour)]!
        const active = activeAt(start_ms)
        const index = sent.traces
        const trace_id = trace_prefix + index.toString(16).padStart(8, '0') + hex(random, 16)
        const trace = BUILDERS[service]({
          random: createRandom((Math.imul(index + 1, 0x85ebca6b) ^ seed) | 0),
          trace_id,
          start_ms,
          active,
          hit: (fault, count = 1) => affected.set(fault, (affected.get(fault) ?? 0) + count),
        })
        countTrace(trace_id, trace.spans)
        made += trace.spans.length
        sent.log_records += trace.logs.length
        yield* queue.add({
          service,
          release: releaseAt(service, active),
          spans: trace.spans,
          logs: trace.logs,
          start_ms,
        })
      }
    }
    yield* queue.flush()
  }

  return {
    trace_prefix,
    from_ms,
    requests,
    sent,
    days: byDay,
    truth: (project) => windows.map((window) => truthOf(window, affected.get(window.fault) ?? 0, project)),
  }
}

function drawIndex(random: (below: number) => number, { activities, total }: Hour): number {
  let left = (random(2 ** 31) / 2 ** 31) * total
  for (const [index, part] of activities.entries()) {
    if (left < part) return index
    left -= part
  }
  return activities.length - 1
}

interface Made {
  readonly service: Service
  readonly release: string
  readonly spans: readonly object[]
  readonly logs: readonly object[]
  readonly start_ms: number
}

/** Traces become requests of one service and release each, with their repetitions and the logs that come late. */
function createQueue({
  windows,
  seed,
  count,
}: {
  windows: readonly FaultWindow[]
  seed: number
  count: (repeated_spans: number) => void
}) {
  const random = createRandom(seed ^ 0xd0b1e)
  const batches = new Map<string, Batch>()
  const waiting: { due: number; request: HistoryRequest }[] = []
  const logs: object[] = []
  let emitted = 0
  let logs_since = 0
  const repeating = windows.find(({ fault }) => fault === 'duplicates')!

  function* close(batch: Batch, time_ms: number): Generator<HistoryRequest> {
    const request = { signal: 'traces', body: encodeBatch(batch), items: batch.spans.length, repeated: false } as const
    batch.spans = []
    yield request
    emitted++
    const again = { ...request, repeated: true }
    if (time_ms >= repeating.from_ms && time_ms < repeating.to_ms) {
      const draw = random(100)
      if (draw < REPEATED_AT_ONCE + REPEATED_LATER) count(request.items)
      if (draw < REPEATED_AT_ONCE) yield again
      else if (draw < REPEATED_AT_ONCE + REPEATED_LATER)
        waiting.push({ due: emitted + 20 + random(400), request: again })
    }
    yield* overdue(MAX_WAITING)
  }

  function* overdue(keep: number): Generator<HistoryRequest> {
    for (let at = 0; at < waiting.length; )
      if (waiting[at]!.due <= emitted || waiting.length > keep) yield waiting.splice(at, 1)[0]!.request
      else at++
    if (logs.length > MAX_LATE_LOGS || (logs.length > 0 && (keep === 0 || emitted - logs_since > LATE_AFTER_REQUESTS)))
      yield encodeLateLogs(logs.splice(0))
  }

  return {
    *add({ service, release, spans, logs: late, start_ms }: Made): Generator<HistoryRequest> {
      if (late.length > 0 && logs.length === 0) logs_since = emitted
      logs.push(...late)
      const key = `${service} ${release}`
      const batch = batches.get(key) ?? { service, release, spans: [] }
      batches.set(key, batch)
      batch.spans.push(...spans)
      if (batch.spans.length >= SPANS_PER_REQUEST) yield* close(batch, start_ms)
    },
    *flush(): Generator<HistoryRequest> {
      for (const batch of batches.values()) if (batch.spans.length > 0) yield* close(batch, 0)
      yield* overdue(0)
    },
  }
}

function encodeBatch({ service, release, spans }: Batch): Buffer {
  return encode(
    encodeTracesJson({
      resourceSpans: [
        {
          resource: { attributes: jsonAttributes(resourceOf(service, release)) },
          scopeSpans: [{ scope: SCOPES[service], spans }],
        },
      ],
    }),
  )
}

function encodeLateLogs(logRecords: readonly object[]): HistoryRequest {
  const body = encodeLogsJson({
    resourceLogs: [
      {
        resource: { attributes: jsonAttributes(resourceOf('faq-widget', '3.2.0')) },
        scopeLogs: [{ scope: SCOPES['faq-widget'], logRecords }],
      },
    ],
  })
  return { signal: 'logs', body: encode(body), items: logRecords.length, repeated: false }
}

const encode = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
