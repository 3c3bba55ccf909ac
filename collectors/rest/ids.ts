import { createHash } from 'node:crypto'

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/i
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/i
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What a trace without an id is told from. */
export interface TraceIdentity {
  /** The header Idempotency-Key, '' where there is none. */
  readonly idempotency_key: string
  /** How many traces before this one in the request are the same. */
  readonly occurrence: number
}

/** 32 hex digits: those of `id`, of a UUID, or of a hash of any other text. */
export function traceIdFrom(id: string): string {
  if (TRACE_ID.test(id)) return id.toLowerCase()
  const digits = UUID.test(id) ? id.replaceAll('-', '').toLowerCase() : ''
  return TRACE_ID.test(digits) ? digits : hash(['trace', id], 32)
}

/**
 * The trace id of a trace without one, from its `canonicalJson`: the same whenever the same content is sent again, whatever
 * the order of its members, so that a repeated request is the same trace.
 */
export function derivedTraceId(canonical: string, { idempotency_key, occurrence }: TraceIdentity): string {
  return hash(['content', idempotency_key, String(occurrence), canonical], 32)
}

/** 16 hex digits: those of `id`, or of a hash of any other text within its trace. */
export function spanIdFrom(trace_id: string, id: string): string {
  return SPAN_ID.test(id) ? id.toLowerCase() : hash(['span', trace_id, id], 16)
}

/** Of a span without an id, by its place in the trace: '' for the trace itself, `0.2` for the third span of the first. */
export function placedSpanId(trace_id: string, place: string): string {
  return hash(['place', trace_id, place], 16)
}

/** JSON text with members in the order of their names; `value` comes from JSON.parse. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** SHA-256 over the parts, each with its length before it, cut to `digits`. That all are zero does not happen. */
function hash(parts: readonly string[], digits: number): string {
  const sha256 = createHash('sha256')
  for (const part of parts) sha256.update(`${part.length}:`).update(part, 'utf8')
  return sha256.digest('hex').slice(0, digits)
}
