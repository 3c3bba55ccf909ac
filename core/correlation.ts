import { randomUUID } from 'node:crypto'

/** The header of requests and answers; in gRPC the metadata of the same name. */
export const CORRELATION_HEADER = 'x-correlation-id'
/** Headers a sender may name its request in, the first that is well-formed wins. */
const PRESENTED_IN = [CORRELATION_HEADER, 'x-request-id']
/** Safe in a log line, in a header and in SQL. */
const WELL_FORMED = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

/**
 * What a request is called from its answer to its dead letters: what its sender calls it, else its trace, else 32 random
 * hex digits. `header` reads headers or metadata by their names in lower case. 1 to 64 characters of [A-Za-z0-9._:-].
 */
export function correlationId(header: (name: string) => string | undefined): string {
  for (const name of PRESENTED_IN) {
    const presented = header(name)
    if (presented !== undefined && WELL_FORMED.test(presented)) return presented
  }
  return traceIdOf(header('traceparent')) || randomUUID().replaceAll('-', '')
}

/** What a request brings to be found again by, beside its body. */
export interface RequestTrail {
  readonly correlation_id: string
  readonly traceparent: string | undefined
  /** Carries spans of an EvalForge about itself: these are never traced, or they would trace themselves for ever. */
  readonly is_self_telemetry: boolean
}

/** Set by our own exporter (app/tracing.ts). */
export const SELF_TELEMETRY_HEADER = 'x-evalforge-telemetry'

/** `header` reads headers or metadata by their names in lower case. */
export function readTrail(header: (name: string) => string | undefined): RequestTrail {
  return {
    correlation_id: correlationId(header),
    traceparent: header('traceparent'),
    is_self_telemetry: header(SELF_TELEMETRY_HEADER) !== undefined,
  }
}

/** The trace id of a valid traceparent header (W3C Trace Context §3.2), else ''. */
export function traceIdOf(traceparent: string | undefined): string {
  const id = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? '')?.[1]
  return id === undefined || /^0+$/.test(id) ? '' : id
}
