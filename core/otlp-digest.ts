import type { ScanResult } from '../schemas/otlp/scan.ts'
import type { IngestLimits } from './ingest-limits.ts'
import { type Form, type Signal, scanRequest, transcodeJson } from './otlp-body.ts'

export interface DigestRequest {
  readonly signal: Signal
  readonly form: Form
  /** The body as inflated. */
  readonly bytes: Buffer
  readonly limits: IngestLimits
}

export interface Digested {
  readonly protobuf: Uint8Array
  readonly scanned: ScanResult
}

/** Above this a request takes several milliseconds, in which nobody else would be answered. */
const LARGE_BYTES: Readonly<Record<Form, number>> = { json: 128 * 1024, protobuf: 4 * 1024 * 1024 }

export function isLarge({ form, bytes }: DigestRequest): boolean {
  return bytes.length > LARGE_BYTES[form]
}

/** From a body to checked records. Throws REQUEST_TOO_LARGE and INVALID_OTLP. */
export function digest({ signal, form, bytes, limits }: DigestRequest): Digested {
  const protobuf = form === 'json' ? transcodeJson(signal, bytes, limits) : bytes
  return { protobuf, scanned: scanRequest(signal, protobuf, limits) }
}
