/**
 * OTLP traces as plain data, after decoding. Names follow opentelemetry-proto 1.11.0; ids are lower-case hex, times are
 * nanoseconds since 1970 as bigint. int64 is a number where it is exact and a bigint beyond 2^53; NaN and infinities are
 * null. Maps keep the last of repeated keys and are safe for keys such as `__proto__`.
 */
export type AttributeValue =
  | string
  | number
  | boolean
  | bigint
  | null
  | Uint8Array
  | readonly AttributeValue[]
  | ReadonlyMap<string, AttributeValue>

export type Attributes = ReadonlyMap<string, AttributeValue>

export interface OtlpEvent {
  readonly time_unix_nano: bigint
  readonly name: string
  readonly attributes: Attributes
}

export const STATUS_UNSET = 0
export const STATUS_OK = 1
export const STATUS_ERROR = 2

export interface OtlpSpan {
  readonly trace_id: string
  readonly span_id: string
  /** '' for a root. */
  readonly parent_span_id: string
  readonly trace_state: string
  readonly name: string
  /** opentelemetry.proto.trace.v1.Span.SpanKind */
  readonly kind: number
  /** 0n where the sender gave none. */
  readonly start_time_unix_nano: bigint
  readonly end_time_unix_nano: bigint
  readonly attributes: Attributes
  readonly dropped_attributes_count: number
  readonly events: readonly OtlpEvent[]
  readonly status_code: number
  readonly status_message: string
  /** Where the span's message body (without tag and length) lies in the request, for dead letters. */
  readonly byte_start: number
  readonly byte_end: number
}

export interface OtlpScopeSpans {
  readonly scope_name: string
  readonly scope_version: string
  readonly scope_attributes: Attributes
  readonly schema_url: string
  readonly spans: readonly OtlpSpan[]
}

export interface OtlpResourceSpans {
  readonly resource_attributes: Attributes
  readonly schema_url: string
  readonly scope_spans: readonly OtlpScopeSpans[]
}
