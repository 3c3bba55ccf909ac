import type { Ticket } from './admission.ts'
import type { RequestTrail } from './correlation.ts'
import type { CodedError } from './errors.ts'

/** One request, before a byte of its body is read. */
export interface HttpCall {
  readonly method: string
  /** The address as sent, without query and fragment. */
  readonly path: string
  /** What it is called; its answer carries the correlation id whatever the collector says. */
  readonly trail: RequestTrail
  /** Content-Length; 0 where it is not given. */
  readonly declared_bytes: number
  /** The first value of a header; `name` in lower case. */
  header(name: string): string | undefined
  /**
   * The body as sent, reserved on `ticket` while it arrives. To be called once at most. Throws REQUEST_TOO_LARGE,
   * REQUEST_TOO_SLOW, CLIENT_CLOSED, and what the ticket throws.
   */
  read(ticket: Ticket, max_bytes: number): Promise<Buffer>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Buffer | string
}

/** What a collector hangs on the HTTP port that several share (`createHttpDoor`). */
export interface HttpCollector {
  /** Whether this address is its own, told by method, path and headers alone. The first collector that says so answers. */
  takes(call: HttpCall): boolean
  /** Never rejects; null where the sender is gone and nobody reads an answer. */
  answer(call: HttpCall): Promise<HttpAnswer | null>
  /** The answer, in this collector's own form, to what the port refuses by itself. Counts and logs it. */
  refuse(call: HttpCall, error: CodedError): HttpAnswer
  /** From now on requests are answered SHUTTING_DOWN; those in flight go on. */
  stop(): void
}
