import type { Logger } from 'pino'
import type { ScanResult } from '../schemas/otlp/scan.ts'
import { HEADER_CORRELATION_ID, HEADER_PROJECT, HEADER_TRANSPORT } from '../schemas/topics.ts'
import type { Admission, Ticket } from './admission.ts'
import type { Clock } from './clock.ts'
import { type RequestTrail, readTrail, traceIdOf } from './correlation.ts'
import { CodedError, type ErrorCode } from './errors.ts'
import { inflate } from './inflate.ts'
import type { IngestLimits } from './ingest-limits.ts'
import type { Keyring } from './keyring.ts'
import { createLogThrottle } from './log-throttle.ts'
import { boundedLabel, type Metrics } from './metrics.ts'
import { createOtlpAppend, type IntakeRecord } from './otlp-append.ts'
import { type Form, type Signal, sniffForm } from './otlp-body.ts'
import { type Digested, type DigestRequest, digest, isLarge, type Translations } from './otlp-digest.ts'
import type { DigestLane } from './otlp-digest-lane.ts'
import { describeRejections, failureMessage, failureStatus, rejectionCode } from './otlp-failures.ts'
import type { RateLimiter } from './rate-limits.ts'
import { traceAppend, traceRequest } from './request-tracing.ts'
import type { Failure } from './rpc-status.ts'

const LOG_WINDOW_MS = 10_000
/** Taking bytes off a socket, by measurement; inflating them is the thread pool's work, handing them over is ours. */
const MS_PER_BYTE = 1 / (1 << 20)
/** Refusals that a sender can repeat without end, before anything of its requests is read. */
const HELD: ReadonlySet<ErrorCode> = new Set([
  'KEY_EXPIRED',
  'RATE_LIMITED',
  'SCOPE_MISSING',
  'TOO_MANY_REQUESTS',
  'UNAUTHENTICATED',
])
const MAX_PROJECT_LABELS = 200

/** What every OTLP collector is given. `admission`, `rates` and `keys` are shared by the collectors of a process. */
export interface CollectorDeps {
  /** Resolves when all records are durable on the topic; rejects when any may not be. */
  append(topic: string, records: readonly IntakeRecord[]): Promise<unknown>
  /** Where large requests are read; without it, here. */
  readonly large?: Pick<DigestLane, 'digest'>
  readonly keys: Keyring
  readonly admission: Admission
  readonly rates: RateLimiter
  readonly limits: IngestLimits
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
}

export interface RequestBody {
  /** As sent, reserved on the ticket by whoever read it. */
  readonly bytes: Buffer
  /** Content codings in the order they were applied. */
  readonly encodings: readonly string[]
  /** What the sender says it is; null where it does not say, or says something else. */
  readonly declared: Form | null
}

export interface ExportCall {
  /** `other`: a signal that is not collected. */
  readonly signal: Signal | 'other'
  readonly transport: 'http' | 'grpc'
  /** API keys the request presents. */
  readonly keys: readonly string[]
  /** What its transport brought to find it again by; without it, it is given a name here. */
  readonly trail?: RequestTrail
  /** Where the body is no OTLP: which of the intake's translations reads it. */
  readonly translation?: DigestRequest['translation']
  /** What the sender says of the length of its body; absent where it does not. */
  readonly declared_bytes?: number
  /** Called once the sender is known and admitted; reserves memory on the ticket before it is used. */
  read(ticket: Ticket): Promise<RequestBody>
}

/** What to answer. A failure's `form` is null where the body was not looked at; `report` is that of the translation. */
export type Outcome = { readonly report?: unknown } & (
  | { readonly ok: true; readonly form: Form; readonly rejected: number; readonly message: string }
  | ({ readonly ok: false; readonly form: Form | null } & Failure)
)

export interface OtlpIntake {
  /**
   * One export request from its headers to its answer: who is it, is there room, read, inflate, check, append. It never
   * rejects. `ok` means that every record is durable on the log. A failure with
   * a Retry-After may be sent again: what an append left behind is then there twice, and collapses by key.
   */
  handle(call: ExportCall): Promise<Outcome>
  /** Counts and logs a request that is refused for its address or method alone. */
  refuse(error: CodedError, trail?: RequestTrail): Outcome
  /** From now on requests are answered SHUTTING_DOWN; those in flight go on. */
  stop(): void
}

interface Progress {
  readonly trail: RequestTrail
  project: string
  form: Form | null
  report?: unknown
}

/** The part of a collector that does not depend on its transport; everything we count about requests is counted here. */
export function createOtlpIntake(component: string, deps: CollectorDeps, translations: Translations = {}): OtlpIntake {
  const { keys, admission, rates, limits, metrics, clock } = deps
  const projectLabel = boundedLabel(MAX_PROJECT_LABELS)
  const throttle = createLogThrottle(clock, LOG_WINDOW_MS)
  const append = createOtlpAppend(deps.append)
  const stopping = new AbortController()

  async function run(call: ExportCall, progress: Progress): Promise<Outcome> {
    if (stopping.signal.aborted) throw new CodedError('SHUTTING_DOWN')
    if (call.signal === 'other') throw new CodedError('SIGNAL_NOT_ACCEPTED')
    const owner = keys.admit(call.keys, call.signal)
    progress.project = owner.project
    rates.enter(owner)
    const ticket = admission.enter(owner.project)
    // At once, so that requests which come together do not all pass on what is left for one.
    let expected = Math.min(call.declared_bytes ?? 0, limits.max_request_bytes)
    rates.charge(owner, 'inflated_bytes', expected)
    try {
      await ticket.turn()
      const { signal, transport, translation } = call
      const body = await receive(call, ticket)
      rates.charge(owner, 'inflated_bytes', body.bytes.length - expected)
      expected = 0
      progress.form = body.form
      const request = { signal, ...body, limits, translation }
      const { protobuf, scanned, translated } = await read(request, owner.project, ticket)
      if (translated !== undefined) note(translated, progress)
      rates.charge(owner, 'spans', scanned.accepted + countRejected(scanned))
      const headers = {
        [HEADER_PROJECT]: owner.project,
        [HEADER_TRANSPORT]: transport === 'grpc' ? 'grpc' : `http/${body.form}`,
        [HEADER_CORRELATION_ID]: progress.trail.correlation_id,
      }
      await traceAppend(signal, toRecords(scanned, protobuf, headers, ticket), (records) =>
        append(signal, records, ticket),
      )
      return accepted(signal, owner.project, body.form, scanned)
    } finally {
      rates.charge(owner, 'inflated_bytes', -expected)
      ticket.release()
    }
  }

  async function receive(call: ExportCall, ticket: Ticket): Promise<{ bytes: Buffer; form: Form }> {
    const { bytes: sent, encodings, declared } = await call.read(ticket)
    metrics.bytesReceived.inc({ component, form: 'sent' }, sent.length)
    const budget = { max_bytes: limits.max_inflated_bytes, reserve: ticket.reserve }
    const bytes = encodings.length === 0 ? sent : await inflate(sent, encodings, budget)
    metrics.bytesReceived.inc({ component, form: 'inflated' }, bytes.length)
    if (bytes.length > limits.max_inflated_bytes) throw new CodedError('REQUEST_TOO_LARGE')
    ticket.spent((sent.length + (encodings.length > 0 ? bytes.length : 0)) * MS_PER_BYTE)
    // Only `bytes` is held from here on, and layers in between are gone.
    if (encodings.length > 0) ticket.free(sent.length)
    const form = call.translation === undefined ? (sniffForm(bytes) ?? declared) : 'json'
    if (form === null) throw new CodedError('UNSUPPORTED_MEDIA_TYPE')
    return { bytes, form }
  }

  async function read(request: DigestRequest, project: string, ticket: Ticket): Promise<Digested> {
    const held = request.bytes.length
    const elsewhere = deps.large !== undefined && isLarge(request)
    const digested = elsewhere ? await deps.large.digest(request, project) : digestHere(request, ticket)
    if (request.form === 'protobuf') return digested
    ticket.reserve(digested.protobuf.length)
    ticket.free(held)
    return digested
  }

  function digestHere(request: DigestRequest, ticket: Ticket): Digested {
    const began = clock.monotonic()
    try {
      return digest(request, translations)
    } finally {
      ticket.spent(clock.monotonic() - began)
    }
  }

  /** A sender that is refused again and again waits for its answers. */
  async function holdBack(outcome: Outcome, { project }: Progress): Promise<void> {
    if (!outcome.ok && HELD.has(outcome.code)) await admission.holdRefusal(project, stopping.signal)
  }

  function note({ report, rejected, refused }: NonNullable<Digested['translated']>, progress: Progress): void {
    progress.report = report
    if (rejected.count > 0) metrics.rejected.inc({ component, code: rejected.code }, rejected.count)
    if (refused !== undefined) throw new CodedError(rejected.code, refused)
  }

  function accepted(signal: Signal, project: string, form: Form, { accepted, rejected }: ScanResult): Outcome {
    const received = signal === 'traces' ? metrics.spansReceived : metrics.logRecordsReceived
    if (accepted > 0) received.inc({ component, project: projectLabel(project) }, accepted)
    for (const { reason, count } of rejected) metrics.rejected.inc({ component, code: rejectionCode(reason) }, count)
    const message = describeRejections(signal === 'traces' ? 'spans' : 'log records', rejected)
    return { ok: true, form, rejected: countRejected({ rejected }), message }
  }

  function failed(thrown: unknown, form: Form | null, context: object): Outcome {
    const error = thrown instanceof CodedError ? thrown : new CodedError('INTERNAL', undefined, { cause: thrown })
    const suppressed = throttle(error.code)
    if (suppressed !== null) {
      const { http: status } = failureStatus(error.code)
      const fields = { component, code: error.code, status, suppressed, ...context }
      // The stack of our own failures only: those of bad requests say nothing new.
      if (status >= 500 && error.code !== 'SHUTTING_DOWN') deps.log.error({ ...fields, err: error }, 'request failed')
      else deps.log.warn({ ...fields, reason: error.message }, 'request refused')
    }
    return { ok: false, form, code: error.code, message: failureMessage(error), retry_after_s: error.retry_after_s }
  }

  return {
    async handle(call) {
      const started = clock.monotonic()
      const progress: Progress = { trail: call.trail ?? readTrail(() => undefined), project: '', form: null }
      const { signal } = call
      metrics.requestsInFlight.inc({ component })
      const { trail } = progress
      const outcome = await traceRequest({ component, signal, trail }, () =>
        run(call, progress).catch((error: unknown) => {
          const { form, project } = progress
          return failed(error, form, { signal, project, ...namesOf(trail) })
        }),
      )
      metrics.requestsInFlight.dec({ component })
      metrics.requests.inc({ component, signal, code: outcome.ok ? 'OK' : outcome.code })
      metrics.requestDuration.observe({ component, signal }, (clock.monotonic() - started) / 1000)
      await holdBack(outcome, progress)
      return 'report' in progress ? { ...outcome, report: progress.report } : outcome
    },
    refuse(error, trail) {
      metrics.requests.inc({ component, signal: 'other', code: error.code })
      return failed(error, null, trail === undefined ? {} : namesOf(trail))
    },
    stop() {
      stopping.abort()
    },
  }
}

function countRejected({ rejected }: Pick<ScanResult, 'rejected'>): number {
  return rejected.reduce((sum, { count }) => sum + count, 0)
}

/** Views of `protobuf` cost nothing; what had to be written anew is reserved. */
function toRecords(
  { records }: ScanResult,
  protobuf: Uint8Array,
  headers: IntakeRecord['headers'],
  ticket: Ticket,
): IntakeRecord[] {
  return records.map((bytes) => {
    if (bytes.buffer !== protobuf.buffer) ticket.reserve(bytes.length)
    return { key: null, value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), headers }
  })
}

/** What a log line about the request says of where it belongs. */
function namesOf({ correlation_id, traceparent }: RequestTrail): object {
  const trace_id = traceIdOf(traceparent)
  return { correlation_id, ...(trace_id !== '' && { trace_id }) }
}
