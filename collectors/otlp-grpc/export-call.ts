import {
  type handleUnaryCall,
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { presentedKeys } from '../../core/api-keys.ts'
import { CORRELATION_HEADER, readTrail } from '../../core/correlation.ts'
import { CodedError } from '../../core/errors.ts'
import type { IngestLimits } from '../../core/ingest-limits.ts'
import type { Signal } from '../../core/otlp-body.ts'
import { failureStatus, GRPC } from '../../core/otlp-failures.ts'
import type { ExportCall, OtlpIntake, Outcome } from '../../core/otlp-intake.ts'
import type { WatchPace } from '../../core/pace.ts'
import { encodeFailure } from '../../core/rpc-status.ts'
import { encodeExportResponse } from '../../schemas/otlp/response.ts'
import { watchIncoming } from './incoming.ts'
import { EXPORT_SIGNALS } from './services.ts'

export interface ExportCalls {
  /** Sees a call before a byte of its message is read, and answers it. */
  readonly interceptor: ServerInterceptor
  /** Takes the message; never answers. */
  readonly handler: handleUnaryCall<Buffer, Buffer>
}

interface CallOptions {
  readonly intake: OtlpIntake
  readonly limits: IngestLimits
  readonly watchPace: WatchPace
}

interface Reading {
  readonly metadata: Metadata
  /** Rejects when the call is over before its message is complete. */
  readonly cancelled: Promise<never>
  start(metadata: Metadata): void
}

/**
 * Export calls from their metadata to their status. grpc-js calls a handler only with a complete message, so who the
 * sender is and whether there is room is decided in an interceptor, which lets grpc-js read only then.
 */
export function createExportCalls({ intake, limits, watchPace }: CallOptions): ExportCalls {
  const waiting = new WeakMap<Metadata, (message: Buffer) => void>()

  function readMessage(call: ServerInterceptingCallInterface, reading: Reading): ExportCall['read'] {
    return async (ticket) => {
      const message = Promise.withResolvers<Buffer>()
      const { max_request_bytes, max_inflated_bytes } = limits
      const bounds = { ticket, max_request_bytes, max_inflated_bytes, watchPace }
      const incoming = watchIncoming(call, bounds, message.reject)
      waiting.set(reading.metadata, message.resolve)
      reading.start(reading.metadata)
      try {
        const bytes = await Promise.race([message.promise, reading.cancelled])
        return { bytes, encodings: incoming.done(), declared: 'protobuf' }
      } finally {
        incoming.done()
      }
    }
  }

  async function exportOnce(call: ServerInterceptingCallInterface, path: string, reading: Reading): Promise<void> {
    const signal = EXPORT_SIGNALS.get(path) ?? 'other'
    const first = (name: string) => reading.metadata.get(name)[0]?.toString()
    const trail = readTrail(first)
    const outcome = await intake.handle({
      signal,
      transport: 'grpc',
      keys: presentedKeys(first),
      trail,
      read: readMessage(call, reading),
    })
    const metadata = new Metadata()
    metadata.set(CORRELATION_HEADER, trail.correlation_id)
    answer(call, { signal: signal === 'logs' ? 'logs' : 'traces', outcome, metadata })
  }

  return {
    handler: ({ metadata, request }) => waiting.get(metadata)?.(request),
    interceptor({ path }, call) {
      const cancelled = Promise.withResolvers<never>()
      // Most calls are over without anyone waiting for it.
      cancelled.promise.catch(() => {})
      return new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata: (metadata, start) =>
              void exportOnce(call, path, { metadata, cancelled: cancelled.promise, start }),
            onCancel: () => cancelled.reject(new CodedError('CLIENT_CLOSED')),
          }),
      })
    },
  }
}

interface Answer {
  readonly signal: Signal
  readonly outcome: Outcome
  /** Before the message of a success, behind a failure. */
  readonly metadata: Metadata
}

function answer(call: ServerInterceptingCallInterface, { signal, outcome, metadata }: Answer): void {
  if (!outcome.ok) {
    metadata.set('grpc-status-details-bin', encodeFailure(outcome, 'protobuf'))
    call.sendStatus({ code: failureStatus(outcome.code).grpc, details: outcome.message, metadata })
    return
  }
  const { buffer, byteOffset, byteLength } = encodeExportResponse(signal, outcome, 'protobuf')
  call.sendMetadata(metadata)
  call.sendMessage(Buffer.from(buffer, byteOffset, byteLength), () =>
    call.sendStatus({ code: GRPC.OK, details: '', metadata: null }),
  )
}
