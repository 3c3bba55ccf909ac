import type { ScanResult } from '../schemas/otlp/scan.ts'
import { CodedError, type ErrorCode } from './errors.ts'
import type { IngestLimits } from './ingest-limits.ts'
import { type Form, type Signal, scanRequest, transcodeJson } from './otlp-body.ts'

/** What a body that is no OTLP became. All of it can be cloned between threads. */
export interface Translated<Report = unknown> {
  /** An ExportTraceServiceRequest. */
  readonly protobuf: Uint8Array
  /** For the answer to the sender; nothing here looks into it. */
  readonly report: Report
  /** How many parts of the body were left out, and with which code they are counted. */
  readonly rejected: { readonly code: ErrorCode; readonly count: number }
  /** Set where nothing of it can be taken: why. */
  readonly refused?: string
}

/** Makes an export request of a body. Throws coded errors for the whole of it. */
export type Translate = (body: Buffer, parameters: Readonly<Record<string, string>>, limits: IngestLimits) => Translated

/** Translations by name; those of this thread and of the thread for large requests are the same. */
export type Translations = Readonly<Record<string, Translate>>

export interface DigestRequest {
  readonly signal: Signal
  readonly form: Form
  /** The body as inflated. */
  readonly bytes: Buffer
  readonly limits: IngestLimits
  /** How a body that is no OTLP is to be read. */
  readonly translation?: { readonly name: string; readonly parameters: Readonly<Record<string, string>> } | undefined
}

export interface Digested {
  readonly protobuf: Uint8Array
  /** Of a request with a translation. */
  readonly translated?: Omit<Translated, 'protobuf'>
  readonly scanned: ScanResult
}

/** Above this a request takes several milliseconds, in which nobody else would be answered. */
const LARGE_BYTES: Readonly<Record<Form, number>> = { json: 128 * 1024, protobuf: 4 * 1024 * 1024 }

/** Translations check every member of every object, which costs more than their bytes tell. */
const LARGE_OBJECTS = 300

export function isLarge({ form, bytes, translation }: DigestRequest): boolean {
  if (bytes.length > LARGE_BYTES[form]) return true
  return translation !== undefined && hasMoreObjects(bytes, LARGE_OBJECTS)
}

/** Braces within texts count as well: a guess is enough. */
function hasMoreObjects(json: Buffer, max: number): boolean {
  let count = 0
  for (let at = json.indexOf(0x7b); at >= 0; at = json.indexOf(0x7b, at + 1)) if (++count > max) return true
  return false
}

/** From a body to checked records. Throws REQUEST_TOO_LARGE, INVALID_OTLP, and what a translation throws. */
export function digest(request: DigestRequest, translations: Translations = {}): Digested {
  const { signal, form, bytes, limits, translation } = request
  if (translation !== undefined) {
    const translate = translations[translation.name]
    if (translate === undefined) throw new CodedError('INTERNAL', `There is no translation ${translation.name}.`)
    const { protobuf, ...translated } = translate(bytes, translation.parameters, limits)
    return { protobuf, translated, scanned: scanRequest(signal, protobuf, limits) }
  }
  const protobuf = form === 'json' ? transcodeJson(signal, bytes, limits) : bytes
  return { protobuf, scanned: scanRequest(signal, protobuf, limits) }
}
