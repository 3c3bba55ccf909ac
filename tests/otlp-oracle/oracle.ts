import { fromBinary, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf'
import type { Attributes, AttributeValue, OtlpResourceSpans, OtlpSpan } from '../../schemas/otlp/otlp.ts'
import {
  type ExportLogsServiceRequest,
  ExportLogsServiceRequestSchema,
} from './generated/opentelemetry/proto/collector/logs/v1/logs_service_pb.js'
import {
  type ExportTraceServiceRequest,
  ExportTraceServiceRequestSchema,
} from './generated/opentelemetry/proto/collector/trace/v1/trace_service_pb.js'
import type { AnyValue, KeyValue } from './generated/opentelemetry/proto/common/v1/common_pb.js'
import type { Span } from './generated/opentelemetry/proto/trace/v1/trace_pb.js'

/** A request as the reader gives it, but for the positions in the body, which protobuf-es does not know. */
export function tracesOf(request: ExportTraceServiceRequest): unknown[] {
  return request.resourceSpans.map((group) => ({
    resource_attributes: attributesOf(group.resource?.attributes),
    schema_url: group.schemaUrl,
    scope_spans: group.scopeSpans.map((scopeGroup) => ({
      scope_name: scopeGroup.scope?.name ?? '',
      scope_version: scopeGroup.scope?.version ?? '',
      scope_attributes: attributesOf(scopeGroup.scope?.attributes),
      schema_url: scopeGroup.schemaUrl,
      spans: scopeGroup.spans.map(spanOf),
    })),
  }))
}

function spanOf(span: Span): Omit<OtlpSpan, 'byte_start' | 'byte_end'> {
  const parent = hexOf(span.parentSpanId)
  return {
    trace_id: hexOf(span.traceId),
    span_id: hexOf(span.spanId),
    parent_span_id: /^0*$/.test(parent) ? '' : parent,
    trace_state: span.traceState,
    name: span.name,
    kind: span.kind,
    start_time_unix_nano: span.startTimeUnixNano,
    end_time_unix_nano: span.endTimeUnixNano,
    attributes: attributesOf(span.attributes),
    dropped_attributes_count: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      time_unix_nano: event.timeUnixNano,
      name: event.name,
      attributes: attributesOf(event.attributes),
    })),
    status_code: span.status?.code ?? 0,
    status_message: span.status?.message ?? '',
  }
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function attributesOf(pairs: readonly KeyValue[] = []): Attributes {
  return new Map(pairs.map(({ key, value }) => [key, anyValueOf(value)]))
}

function anyValueOf(any: AnyValue | undefined): AttributeValue {
  const kind = any?.value
  switch (kind?.case) {
    case 'intValue':
      return Number.isSafeInteger(Number(kind.value)) ? Number(kind.value) : kind.value
    case 'doubleValue':
      return Number.isFinite(kind.value) ? kind.value : null
    case 'arrayValue':
      return kind.value.values.map(anyValueOf)
    case 'kvlistValue':
      return attributesOf(kind.value.values)
    case 'stringValue':
    case 'boolValue':
      return kind.value
    case 'bytesValue':
      return new Uint8Array(kind.value)
    default:
      return null
  }
}

export function withoutPositions(groups: readonly OtlpResourceSpans[]): unknown[] {
  return groups.map((group) => ({
    ...group,
    scope_spans: group.scope_spans.map((scopeGroup) => ({
      ...scopeGroup,
      spans: scopeGroup.spans.map(({ byte_start, byte_end, ...span }) => span),
    })),
  }))
}

export const readTracesByOracle = (body: Uint8Array) => fromBinary(ExportTraceServiceRequestSchema, body)
export const readLogsByOracle = (body: Uint8Array) => fromBinary(ExportLogsServiceRequestSchema, new Uint8Array(body))
export const writeTracesByOracle = (request: ExportTraceServiceRequest) =>
  toBinary(ExportTraceServiceRequestSchema, request)

const OPTIONS = { ignoreUnknownFields: true }

export function tracesFromJsonByOracle(json: unknown): ExportTraceServiceRequest {
  return fromJson(ExportTraceServiceRequestSchema, idsAsBase64(json), OPTIONS)
}

export function logsFromJsonByOracle(json: unknown): ExportLogsServiceRequest {
  return fromJson(ExportLogsServiceRequestSchema, idsAsBase64(json), OPTIONS)
}

/** OTLP/JSON differs from protobuf's own JSON in one thing: ids are hex. What is no id is left empty. */
function idsAsBase64(json: unknown): JsonValue {
  const text = JSON.stringify(json, (name, value: unknown) =>
    /^(trace|span|parentSpan)Id$/.test(name) && typeof value === 'string'
      ? Buffer.from(/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(value) ? value : '', 'hex').toString('base64')
      : value,
  )
  return JSON.parse(text) as JsonValue
}
