import type { RejectionReason } from '../schemas/otlp/scan.ts'
import { type CodedError, ERRORS, type ErrorCode } from './errors.ts'

/** google.rpc.Code, as far as we answer with it. */
export const GRPC = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const

export interface FailureStatus {
  readonly http: number
  readonly grpc: number
  /** Seconds for Retry-After and RetryInfo; 0 where sending again cannot help. */
  readonly retry_after_s: number
}

const status = (http: number, grpc: number, retry_after_s = 0): FailureStatus => ({ http, grpc, retry_after_s })

/**
 * OTLP specification, "Failures", "Throttling" and "Bad Data" of both transports. RESOURCE_EXHAUSTED asks the client to
 * send again only where RetryInfo comes with it.
 */
const STATUS: { readonly [Code in ErrorCode]?: FailureStatus } = {
  // Nobody is there to read it; 499 is what the metrics and the log show.
  CLIENT_CLOSED: status(499, GRPC.CANCELLED),
  INTERNAL: status(500, GRPC.INTERNAL),
  INVALID_ENCODING: status(400, GRPC.INVALID_ARGUMENT),
  INVALID_OTLP: status(400, GRPC.INVALID_ARGUMENT),
  KEY_EXPIRED: status(401, GRPC.UNAUTHENTICATED),
  METHOD_NOT_ALLOWED: status(405, GRPC.UNIMPLEMENTED),
  ORIGIN_REFUSED: status(403, GRPC.PERMISSION_DENIED),
  RATE_LIMITED: status(429, GRPC.RESOURCE_EXHAUSTED, 1),
  REQUEST_TOO_LARGE: status(413, GRPC.RESOURCE_EXHAUSTED),
  REQUEST_TOO_SLOW: status(408, GRPC.DEADLINE_EXCEEDED),
  ROUTE_NOT_FOUND: status(404, GRPC.UNIMPLEMENTED),
  SCOPE_MISSING: status(403, GRPC.PERMISSION_DENIED),
  SHUTTING_DOWN: status(503, GRPC.UNAVAILABLE, 1),
  SIGNAL_NOT_ACCEPTED: status(404, GRPC.UNIMPLEMENTED),
  TRACE_INVALID: status(400, GRPC.INVALID_ARGUMENT),
  TOO_MANY_REQUESTS: status(429, GRPC.RESOURCE_EXHAUSTED, 1),
  UNAUTHENTICATED: status(401, GRPC.UNAUTHENTICATED),
  UNSUPPORTED_ENCODING: status(415, GRPC.UNIMPLEMENTED),
  UNSUPPORTED_MEDIA_TYPE: status(415, GRPC.INVALID_ARGUMENT),
}

const NOT_NOW = status(503, GRPC.UNAVAILABLE, 5)

export function failureStatus(code: ErrorCode): FailureStatus {
  return STATUS[code] ?? (ERRORS[code].retry === 'later' ? NOT_NOW : status(500, GRPC.INTERNAL))
}

/** What the sender reads: what happened, and what to do. */
export function failureMessage(error: CodedError): string {
  const text = error.code === 'INTERNAL' ? ERRORS.INTERNAL.sentence : error.message
  return `${text} ${ERRORS[error.code].advice}`
}

interface RejectionText {
  readonly code: ErrorCode
  readonly text: string
}

const REJECTIONS: Readonly<Record<RejectionReason, RejectionText>> = {
  invalid_id: { code: 'SPAN_INVALID', text: 'trace id or span id missing, zero, or not 16 and 8 bytes' },
  too_many_attributes: { code: 'ATTRIBUTE_LIMIT_EXCEEDED', text: 'more than max_attributes attributes' },
  too_many_events: { code: 'ATTRIBUTE_LIMIT_EXCEEDED', text: 'more than max_events events or links' },
  too_many_values: { code: 'ATTRIBUTE_LIMIT_EXCEEDED', text: 'too many values within its attributes' },
  too_deep: { code: 'ATTRIBUTE_LIMIT_EXCEEDED', text: 'an attribute nests deeper than max_depth' },
  string_too_long: { code: 'ATTRIBUTE_LIMIT_EXCEEDED', text: 'a key or value longer than max_string_bytes' },
  span_too_large: { code: 'SPAN_TOO_LARGE', text: 'larger than max_record_bytes' },
  resource_too_large: { code: 'SPAN_TOO_LARGE', text: 'its resource and scope are larger than max_record_bytes' },
}

export function rejectionCode(reason: RejectionReason): ErrorCode {
  return REJECTIONS[reason].code
}

/** What is wrong, without saying of what. */
export function rejectionText(reason: RejectionReason): string {
  return REJECTIONS[reason].text
}

/** The error_message of partial_success: counts and reasons; '' where nothing was rejected. */
export function describeRejections(
  items: 'spans' | 'log records',
  rejected: readonly { readonly reason: RejectionReason; readonly count: number }[],
): string {
  if (rejected.length === 0) return ''
  const parts = rejected.map(({ reason, count }) => `${count} ${reason} (${REJECTIONS[reason].text})`)
  return `Refused ${items}, not to be sent again: ${parts.join(', ')}. The limits are ingest.limits in evalforge.yaml.`
}
