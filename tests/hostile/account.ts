import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { REST_TRANSLATIONS } from '../../collectors/rest/translate.ts'
import { inflate } from '../../core/inflate.ts'
import type { IngestLimits } from '../../core/ingest-limits.ts'
import { sniffForm } from '../../core/otlp-body.ts'
import { digest } from '../../core/otlp-digest.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanLogs, scanTraces } from '../../schemas/otlp/scan.ts'
import type { Payload } from './hostile-request.ts'

const ID_BYTES = 24
const KEPT = 1
const PERHAPS = 0
const LOG_RECORDS = 2

/** What senders were promised, written down as it is: one entry of 25 bytes each. */
export interface Account {
  /** Everything of this payload that passes the checks must be found later. Throws where nothing of it can be read. */
  acknowledged(payload: Payload): Promise<void>
  /** It may be found later. What cannot be read is passed over. */
  ambiguous(payload: Payload): Promise<void>
  /** Bytes that are safe on the disk now. */
  flush(): number
  read(): Promised
  close(): void
}

export interface Promised {
  /** Trace id and span id, 24 bytes as latin1. */
  readonly kept: ReadonlySet<string>
  readonly perhaps: ReadonlySet<string>
  readonly log_records: number
}

export interface AccountOptions {
  readonly path: string
  /** What stood there when the run was last written down; what follows is forgotten. */
  readonly bytes: number
  readonly limits: IngestLimits
}

export function openAccount({ path, bytes, limits }: AccountOptions): Account {
  const file = openSync(path, 'a+')
  ftruncateSync(file, Math.min(bytes, fstatSync(file).size))
  let waiting: Buffer[] = []

  async function enter(kind: number, payload: Payload): Promise<void> {
    const records = await recordsOf(payload, limits)
    if (payload.signal === 'traces') {
      for (const id of records.flatMap(spanIds)) waiting.push(Buffer.from([kind, ...Buffer.from(id, 'latin1')]))
      return
    }
    const entry = Buffer.alloc(1 + ID_BYTES)
    entry[0] = LOG_RECORDS
    entry.writeUInt32LE(
      records.reduce((sum, record) => sum + scanLogs(record, limits).accepted, 0),
      1,
    )
    if (kind === KEPT) waiting.push(entry)
  }

  function flush(): number {
    writeSync(file, Buffer.concat(waiting))
    waiting = []
    return fstatSync(file).size
  }

  return {
    acknowledged: (payload) => enter(KEPT, payload),
    ambiguous: (payload) => enter(PERHAPS, payload).catch(() => {}),
    flush,
    read() {
      flush()
      return readAccount(readFileSync(path))
    },
    close: () => closeSync(file),
  }
}

function readAccount(bytes: Buffer): Promised {
  const kept = new Set<string>()
  const perhaps = new Set<string>()
  let log_records = 0
  for (let at = 0; at < bytes.length; at += 1 + ID_BYTES) {
    const kind = bytes[at]
    if (kind === LOG_RECORDS) log_records += bytes.readUInt32LE(at + 1)
    else (kind === KEPT ? kept : perhaps).add(bytes.toString('latin1', at + 1, at + 1 + ID_BYTES))
  }
  return { kept, perhaps, log_records }
}

/** What a collector that keeps its word puts on the log for this payload. Throws where it must refuse it. */
async function recordsOf({ signal, encodings, sent, declared, rest }: Payload, limits: IngestLimits) {
  const names = encodings
    .flatMap((name) => name.toLowerCase().split(','))
    .map((name) => name.trim().replace('x-gzip', 'gzip'))
    .filter((name) => name !== '' && name !== 'identity')
  const budget = { max_bytes: limits.max_inflated_bytes, reserve: () => {} }
  const bytes = names.length === 0 ? sent : await inflate(sent, names, budget)
  if (rest !== undefined) {
    const { protobuf } = REST_TRANSLATIONS[rest.form](bytes, { idempotency_key: rest.idempotency_key }, limits)
    return scanTraces(protobuf, limits).records
  }
  const form = sniffForm(bytes) ?? declared ?? 'json'
  return digest({ signal, form, bytes, limits }).scanned.records
}

/** Ids of all spans of a record, 24 bytes as latin1. */
export function spanIds(record: Uint8Array): string[] {
  return readTraces(record).flatMap(({ scope_spans }) =>
    scope_spans.flatMap(({ spans }) => spans.map(({ trace_id, span_id }) => asId(trace_id, span_id))),
  )
}

/** From two ids in hex. */
export function asId(trace_id: string, span_id: string): string {
  return Buffer.from(trace_id + span_id, 'hex').toString('latin1')
}
