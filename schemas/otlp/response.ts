import { createWriter, writeBytesField, writeInt64, writeStringField, writeVarint, writtenBytes } from './writer.ts'

export type OtlpEncoding = 'protobuf' | 'json'

/** What an export request was answered beyond "all taken". Nothing rejected and no message is full success. */
export interface PartialSuccess {
  readonly rejected: number
  /** For a person; '' where there is nothing to say. With `rejected` 0 it is a warning. */
  readonly message: string
}

/** google.rpc.Status: what an OTLP/HTTP receiver answers with 4xx and 5xx. */
export interface RpcStatus {
  /** google.rpc.Code */
  readonly code: number
  readonly message: string
}

/**
 * ExportTraceServiceResponse or ExportLogsServiceResponse. On full success `partial_success` stays unset, as the OTLP
 * specification asks, so that the protobuf form is empty. The count is an int64: a string in JSON.
 */
export function encodeExportResponse(
  signal: 'traces' | 'logs',
  { rejected, message }: PartialSuccess,
  encoding: OtlpEncoding,
): Uint8Array {
  const isFull = rejected === 0 && message === ''
  if (encoding === 'json') {
    const count = signal === 'traces' ? 'rejectedSpans' : 'rejectedLogRecords'
    const partialSuccess = {
      ...(rejected > 0 && { [count]: String(rejected) }),
      ...(message && { errorMessage: message }),
    }
    return encodeJson(isFull ? {} : { partialSuccess })
  }
  const response = createWriter(0)
  if (!isFull) writeBytesField(response, 10, encodeNumberAndText(rejected, message))
  return writtenBytes(response)
}

export function encodeRpcStatus({ code, message }: RpcStatus, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'json' ? encodeJson({ code, message }) : encodeNumberAndText(code, message)
}

/** A number in field 1 and a text in field 2: both the partial success and the status. Defaults are not written. */
function encodeNumberAndText(number: number, text: string): Uint8Array {
  const writer = createWriter(64)
  if (number !== 0) {
    writeVarint(writer, 8)
    writeInt64(writer, BigInt(number))
  }
  if (text !== '') writeStringField(writer, 18, text)
  return writtenBytes(writer)
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
