import { encodeRpcStatus, type OtlpEncoding } from '../schemas/otlp/response.ts'
import {
  createWriter,
  writeBytesField,
  writeInt64,
  writeStringField,
  writeVarint,
  writtenBytes,
} from '../schemas/otlp/writer.ts'
import type { ErrorCode } from './errors.ts'
import { failureStatus, GRPC } from './otlp-failures.ts'

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest'

export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  /** Instead of what is usual for the code. */
  readonly retry_after_s?: number | undefined
}

/**
 * google.rpc.Status of a failure with the details the OTLP specification asks for: RetryInfo where sending again helps,
 * BadRequest where the request itself is wrong (google/rpc/error_details.proto). Bodies of 4xx and 5xx, and
 * grpc-status-details-bin.
 */
export function encodeFailure(failure: Failure, encoding: OtlpEncoding): Buffer {
  const { code, message } = failure
  const { grpc, retry_after_s: usual_s } = failureStatus(code)
  const retry_after_s = failure.retry_after_s ?? usual_s
  const detail =
    retry_after_s > 0
      ? { type: RETRY_INFO, value: retryInfo(retry_after_s), json: { retryDelay: `${retry_after_s}s` } }
      : grpc === GRPC.INVALID_ARGUMENT
        ? { type: BAD_REQUEST, value: badRequest(message), json: { fieldViolations: [{ description: message }] } }
        : null
  if (encoding === 'json') {
    const details = detail === null ? {} : { details: [{ '@type': detail.type, ...detail.json }] }
    return Buffer.from(JSON.stringify({ code: grpc, message, ...details }))
  }
  const status = encodeRpcStatus({ code: grpc, message }, 'protobuf')
  if (detail === null) return Buffer.from(status)
  const any = createWriter(64)
  writeStringField(any, 10, detail.type)
  writeBytesField(any, 18, detail.value)
  const details = createWriter(64)
  writeBytesField(details, 26, writtenBytes(any))
  // Fields of one message may follow each other in pieces.
  return Buffer.concat([status, writtenBytes(details)])
}

/** RetryInfo { retry_delay = 1: Duration { seconds = 1 } } */
function retryInfo(seconds: number): Uint8Array {
  const duration = createWriter(16)
  writeVarint(duration, 8)
  writeInt64(duration, BigInt(seconds))
  const info = createWriter(16)
  writeBytesField(info, 10, writtenBytes(duration))
  return writtenBytes(info)
}

/** BadRequest { field_violations = 1: { description = 2 } } */
function badRequest(description: string): Uint8Array {
  const violation = createWriter(64)
  writeStringField(violation, 18, description)
  const request = createWriter(64)
  writeBytesField(request, 10, writtenBytes(violation))
  return writtenBytes(request)
}
