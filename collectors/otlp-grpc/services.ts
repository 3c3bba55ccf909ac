import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Signal } from '../../core/otlp-body.ts'

const PACKAGE = '/opentelemetry.proto.collector'

/** The Export methods of OTLP 1.11, by path. `other`: known, and refused with a sentence rather than as unknown. */
export const EXPORT_SIGNALS: ReadonlyMap<string, Signal | 'other'> = new Map([
  [`${PACKAGE}.trace.v1.TraceService/Export`, 'traces'],
  [`${PACKAGE}.logs.v1.LogsService/Export`, 'logs'],
  [`${PACKAGE}.metrics.v1.MetricsService/Export`, 'other'],
  [`${PACKAGE}.profiles.v1development.ProfilesService/Export`, 'other'],
])

/** Unary methods whose messages stay bytes. */
export const EXPORT_SERVICES: readonly ServiceDefinition[] = [...EXPORT_SIGNALS.keys()].map((path) => ({
  Export: {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: sameBytes,
    requestDeserialize: sameBytes,
    responseSerialize: sameBytes,
    responseDeserialize: sameBytes,
  },
}))

function sameBytes(bytes: Buffer): Buffer {
  return bytes
}
