import { readdirSync, readFileSync } from 'node:fs'
import { encodeLogsJson, encodeTracesJson } from '../../schemas/otlp/json.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanLogs } from '../../schemas/otlp/scan.ts'
import { shiftTimes } from '../../schemas/otlp/shift.ts'

/** `live-captures`: one of every SDK, nothing wrong in them. `recorded`: a support bot whose answers have real faults. */
const FOLDERS = ['live-captures', 'recorded'].map((name) => new URL(`../../schemas/fixtures/${name}/`, import.meta.url))
const NS_PER_MS = 1_000_000n
const UNLIMITED = {
  max_spans: 1e6,
  max_attributes: 1e6,
  max_events: 1e6,
  max_depth: 32,
  max_string_bytes: 1e9,
  max_record_bytes: 1e9,
}

export type Transport = 'http/protobuf' | 'http/json' | 'grpc'

export interface Capture {
  /** Folder: SDK and version. */
  readonly sdk: string
  readonly transport: Transport
  readonly signal: 'traces' | 'logs'
  /** Path the SDK posted to. */
  readonly path: string
  readonly body: Buffer
  readonly spans: readonly { readonly trace_id: string; readonly span_id: string }[]
  readonly log_records: number
}

interface Recorded extends Omit<Capture, 'spans' | 'log_records'> {
  readonly protobuf: Uint8Array
}

/** Real requests of real SDKs. The times of each recording are moved by one amount, so that its last span ends at `now_ms`. */
export function loadCaptures(now_ms: number): readonly Capture[] {
  return FOLDERS.flatMap((root) => {
    const recorded = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => readFolder(root, name))
    const lastEnd = recorded.reduce((latest, capture) => maxOf(latest, lastEndOf(capture)), 0n)
    return recorded.map((capture) => shifted(capture, BigInt(now_ms) * NS_PER_MS - lastEnd))
  })
}

function shifted({ protobuf, ...capture }: Recorded, delta_ns: bigint): Capture {
  const { transport, signal, body } = capture
  return {
    ...capture,
    body:
      transport === 'http/json'
        ? Buffer.from(JSON.stringify(shiftJson(JSON.parse(body.toString('utf8')), delta_ns)))
        : Buffer.from(shiftTimes(body, delta_ns, signal)),
    spans: signal === 'traces' ? spansOf(protobuf).map(({ trace_id, span_id }) => ({ trace_id, span_id })) : [],
    log_records: signal === 'logs' ? scanLogs(protobuf, UNLIMITED).accepted : 0,
  }
}

function readFolder(root: URL, sdk: string): Recorded[] {
  const folder = new URL(`${sdk}/`, root)
  const files = readdirSync(folder).filter((name) => /\.(pb|json)$/.test(name) && !name.endsWith('.meta.json'))
  return files.map((name) => {
    const body = readFileSync(new URL(name, folder))
    const meta = JSON.parse(readFileSync(new URL(name.replace(/\.(pb|json)$/, '.meta.json'), folder), 'utf8')) as {
      url?: string
    }
    const transport: Transport = name.endsWith('.json')
      ? 'http/json'
      : name.startsWith('grpc-')
        ? 'grpc'
        : 'http/protobuf'
    const signal = name.includes('logs') ? 'logs' : 'traces'
    const path = meta.url?.startsWith('/') && transport !== 'grpc' ? meta.url : `/v1/${signal}`
    const encode = signal === 'logs' ? encodeLogsJson : encodeTracesJson
    return {
      sdk,
      transport,
      signal,
      path,
      body,
      protobuf: transport === 'http/json' ? encode(JSON.parse(body.toString('utf8'))) : body,
    }
  })
}

function spansOf(protobuf: Uint8Array) {
  return readTraces(protobuf).flatMap(({ scope_spans }) => scope_spans.flatMap(({ spans }) => spans))
}

function lastEndOf({ signal, protobuf }: Recorded): bigint {
  if (signal === 'logs') return 0n
  return spansOf(protobuf).reduce((latest, span) => maxOf(latest, span.end_time_unix_nano), 0n)
}

const maxOf = (a: bigint, b: bigint) => (a > b ? a : b)

const TIME_KEY = /^(start|end|observed)?timeUnixNano$/i

/** Also moves ISO times inside attribute values: Langfuse keeps the time of the first token in one. */
function shiftJson(value: unknown, delta_ns: bigint): unknown {
  if (Array.isArray(value)) return value.map((item) => shiftJson(item, delta_ns))
  if (typeof value !== 'object' || value === null) return value
  const shifted: Record<string, unknown> = {}
  const isoTime = (value as { key?: unknown }).key === 'langfuse.observation.completion_start_time'
  for (const [key, inner] of Object.entries(value)) {
    if (TIME_KEY.test(key) && (typeof inner === 'string' || typeof inner === 'number'))
      shifted[key] = BigInt(inner) === 0n ? inner : String(BigInt(inner) + delta_ns)
    else if (isoTime && key === 'value') shifted[key] = shiftIsoValue(inner, delta_ns)
    else shifted[key] = shiftJson(inner, delta_ns)
  }
  return shifted
}

function shiftIsoValue(value: unknown, delta_ns: bigint): unknown {
  const text = (value as { stringValue?: unknown })?.stringValue
  if (typeof text !== 'string') return value
  const iso = text.replaceAll('"', '')
  const time = Date.parse(iso)
  if (Number.isNaN(time)) return value
  return { stringValue: text.replace(iso, new Date(time + Number(delta_ns / NS_PER_MS)).toISOString()) }
}
