import { loadCaptures } from '../../app/demo/captures.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { placedItems, RESOURCE_GROUP_TAG, readLayout, SCOPE_GROUP_TAG } from '../../schemas/otlp/layout.ts'
import { createCursor, readEnd, readTag, skipField } from '../../schemas/otlp/wire.ts'
import { createWriter, writeBytesField, writeRaw, writtenBytes } from '../../schemas/otlp/writer.ts'
import { aChat, aRequest } from '../e2e/a-pipeline.ts'
import { type Field, readFields } from './protobuf-fields.ts'

const MAX_SEED_BYTES = 6_000
const NS_PER_MS = 1_000_000n
/** Every capture is moved to end here, so that the same index gives the same bytes whenever it is sent. */
const TRACE_ID = 'f0220000000000000000000000000000'
const SPAN_ID = 'f022000000000000'
const START = '1700000000000000000'
const END = '1700000000500000000'
const ID_TAGS = new Set([10, 18])
const TIME_TAGS = new Set([57, 65])

/** A request of one span of a live capture, and where its identity stands. */
export interface Seed {
  readonly form: 'protobuf' | 'json'
  readonly bytes: Buffer
  /** All fields of the protobuf, envelopes first; empty for JSON. */
  readonly fields: readonly Field[]
  readonly trace_ids: readonly number[]
  readonly span_ids: readonly number[]
  readonly times: readonly number[]
}

export interface Seeds {
  readonly protobuf: readonly Seed[]
  readonly json: readonly Seed[]
  /** Whole requests of log records. */
  readonly logs: readonly { readonly form: 'protobuf' | 'json'; readonly bytes: Buffer }[]
}

/** Ids and times that belong to one request of one run. */
export interface Stamp {
  readonly seed: number
  readonly index: number
  /** When its span begins, ms since 1970. */
  readonly start_ms: number
}

export function loadSeeds(): Seeds {
  const captures = loadCaptures(Date.UTC(2026, 0, 1))
  const own = Buffer.from(encodeTracesJson(aRequest([aChat({ trace: 1, span: 1, start_ms: 1 })])))
  const traces = captures.filter(({ signal, transport }) => signal === 'traces' && transport !== 'http/json')
  const protobuf = [own, ...traces.map(({ body }) => body)].flatMap(singleSpans).filter(isSmall).map(protobufSeed)
  const texts = captures.filter(({ signal, transport }) => signal === 'traces' && transport === 'http/json')
  const json = [aRequest([aChat({ trace: 1, span: 1, start_ms: 1 })]), ...texts.map(({ body }) => parse(body))]
    .flatMap(singleJsonSpans)
    .filter(isSmall)
    .map(jsonSeed)
  const logs = captures
    .filter(({ signal, body }) => signal === 'logs' && body.length < 20_000)
    .map(({ transport, body }) => ({ form: transport === 'http/json' ? 'json' : 'protobuf', bytes: body }) as const)
  return { protobuf, json, logs }
}

const isSmall = (bytes: Buffer) => bytes.length <= MAX_SEED_BYTES
const parse = (body: Buffer) => JSON.parse(body.toString('utf8')) as object

function singleSpans(body: Uint8Array): Buffer[] {
  return [...placedItems(readLayout(body))].map(({ resource, scope, byte_start, byte_end }) => {
    const scoped = createWriter(1024)
    writeRaw(scoped, scope.rest)
    writeBytesField(scoped, SCOPE_GROUP_TAG, body.subarray(byte_start, byte_end))
    const group = createWriter(1024)
    writeRaw(group, resource.rest)
    writeBytesField(group, SCOPE_GROUP_TAG, writtenBytes(scoped))
    const request = createWriter(1024)
    writeBytesField(request, RESOURCE_GROUP_TAG, writtenBytes(group))
    return Buffer.from(writtenBytes(request))
  })
}

function protobufSeed(bytes: Buffer): Seed {
  const found = { trace_ids: [] as number[], span_ids: [] as number[], times: [] as number[] }
  const cursor = createCursor(bytes)
  for (const { byte_start, byte_end } of placedItems(readLayout(bytes))) {
    cursor.position = byte_start
    while (cursor.position < byte_end) {
      const tag = readTag(cursor, byte_end)
      if (TIME_TAGS.has(tag)) found.times.push(cursor.position)
      if (!ID_TAGS.has(tag)) skipField(cursor, tag, byte_end)
      else {
        const end = readEnd(cursor, byte_end)
        found[tag === 10 ? 'trace_ids' : 'span_ids'].push(cursor.position)
        cursor.position = end
      }
    }
  }
  return { form: 'protobuf', bytes, fields: readFields(bytes), ...found }
}

interface JsonGroup {
  scopeSpans?: { spans?: object[] }[]
}

function singleJsonSpans(request: object): Buffer[] {
  const { resourceSpans = [] } = request as { resourceSpans?: JsonGroup[] }
  return resourceSpans.flatMap((group) =>
    (group.scopeSpans ?? []).flatMap((scope) =>
      (scope.spans ?? []).map((span) => {
        const { parentSpanId: _, ...own } = span as { parentSpanId?: string }
        const stamped = {
          ...own,
          traceId: TRACE_ID,
          spanId: SPAN_ID,
          startTimeUnixNano: START,
          endTimeUnixNano: END,
        }
        return Buffer.from(
          JSON.stringify({ resourceSpans: [{ ...group, scopeSpans: [{ ...scope, spans: [stamped] }] }] }),
        )
      }),
    ),
  )
}

function jsonSeed(bytes: Buffer): Seed {
  const places = (text: string) => {
    const at = bytes.indexOf(`"${text}"`)
    return at < 0 ? [] : [at + 1]
  }
  return {
    form: 'json',
    bytes,
    fields: [],
    trace_ids: places(TRACE_ID),
    span_ids: places(SPAN_ID),
    times: [...places(START), ...places(END)],
  }
}

/** A copy of the seed with ids of its own: request n of a run has trace ids that no other request has. */
export function stamp({ form, bytes, trace_ids, span_ids, times }: Seed, { seed, index, start_ms }: Stamp): Buffer {
  const copy = Buffer.from(bytes)
  const trace = Buffer.alloc(16)
  trace.writeUInt32BE(0xf0220000, 0)
  trace.writeUInt32BE(seed >>> 0, 4)
  trace.writeUIntBE(index + 1, 10, 6)
  const span = trace.subarray(8)
  for (const at of trace_ids) put(copy, at, form === 'json' ? Buffer.from(trace.toString('hex')) : trace)
  for (const at of span_ids) put(copy, at, form === 'json' ? Buffer.from(span.toString('hex')) : span)
  times.forEach((at, n) => {
    const nanos = BigInt(start_ms + 500 * n) * NS_PER_MS
    if (form === 'json') put(copy, at, Buffer.from(String(nanos)))
    else copy.writeBigUInt64LE(nanos, at)
  })
  return copy
}

function put(copy: Buffer, at: number, bytes: Buffer): void {
  bytes.copy(copy, at)
}
