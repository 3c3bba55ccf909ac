import type { Form, Signal } from '../../core/otlp-body.ts'
import type { Random } from '../../core/random.ts'
import type { Seeds } from './seeds.ts'

export type DoorName = 'otlp-http' | 'otlp-grpc' | 'rest' | 'clickhouse' | 'admin'

/** What an acknowledgement of a request stands for, as it was sent: what the accounting at the end is made of. */
export interface Payload {
  readonly signal: Signal
  /** Content codings in the order they were applied. */
  readonly encodings: readonly string[]
  readonly sent: Buffer
  readonly declared: Form | null
  /** Set where the body is no OTLP, but simple JSON. */
  readonly rest?: { readonly form: 'rest_trace' | 'rest_batch'; readonly idempotency_key: string }
}

interface Request {
  /** Kinds of damage, for the table and for people: "otlp: deep kvlist". */
  readonly what: string
  readonly payload?: Payload
  /** Set where one answer only is right; else any answer of the door's set. */
  readonly expect?: string
  /** Answers that are right for this request, beside those of the door. */
  readonly also?: readonly string[]
  /** Costs the instance more than a moment: few of them are on their way at once, and a valid request follows. */
  readonly heavy?: boolean
}

/** One request within HTTP/1.1 as it should be: its answer is the next on the connection. */
export interface HttpRequest extends Request {
  readonly kind: 'http'
  readonly method: string
  /** Head and body. */
  readonly bytes: Buffer
}

/** Bytes on a connection of their own, HTTP or not; then a valid request on another one. */
export interface RawRequest extends Request {
  readonly kind: 'raw'
  readonly pieces: readonly { readonly bytes: Buffer; readonly after_ms?: number }[]
  /** Nothing need come back, and the connection may stay open: what counts is what others notice. */
  readonly may_stay_open?: boolean
  /** The other side may hang up without an answer. */
  readonly may_close?: boolean
  /** Hangs up so long after the last piece. */
  readonly hang_up_after_ms?: number
  /** Within this the other side has answered or closed. */
  readonly deadline_ms: number
}

export interface GrpcRequest extends Request {
  readonly kind: 'grpc'
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Bytes of the stream, prefixes included. */
  readonly pieces: readonly Buffer[]
  /** Keeps the stream open behind the bytes until the other side ends it. */
  readonly hang?: boolean
  /** Resets the stream right behind the bytes. */
  readonly reset?: boolean
}

/** What the requests of a run have in common. */
export interface RunContext {
  readonly seeds: Seeds
  readonly seed: number
  /** Where the times in all requests lie, ms since 1970. */
  readonly start_ms: number
  /** API key of the hostile project. */
  readonly key: string
  /** A secret on the disk that no answer may show. */
  readonly secret_file: string
}

/** One way in: what comes through it is made here. */
export interface Door {
  readonly name: DoorName
  /** Its share of all requests is `weight` of the sum of all doors. */
  readonly weight: number
  /** Answers it may give to whatever it is sent; those that are right only with a Retry-After end in `+retry`. */
  readonly answers: ReadonlySet<string>
  make(random: Random, index: number): HostileRequest
  /** A request without fault, of which the answer is known. `index` is one that no other request has. */
  good(index: number): HostileRequest & { readonly expect: string }
}

export type HostileRequest = HttpRequest | RawRequest | GrpcRequest

/** What came back. */
export interface Answer {
  /** `200`, `grpc 3`, `closed` (without an answer), `reset` (of one stream), `open`, `timeout`. */
  readonly status: string
  /** Retry-After or RetryInfo. */
  readonly retryable: boolean
  readonly body: Buffer
}
