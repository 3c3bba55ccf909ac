import { readFileSync } from 'node:fs'
import avro from 'avsc'
import type { EvaluationRecord } from '../schemas/evaluation-record.ts'
import type { JudgeRequest } from '../schemas/judge-request.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import { CodedError } from './errors.ts'

/** Avro single-object encoding (Avro 1.12, "Single-object encoding"): C3 01, CRC-64-AVRO of the schema, the datum. */
const MARKER = Buffer.from([0xc3, 0x01])
const HEADER_BYTES = 10

export interface AvroCodec<T> {
  /** CRC-64-AVRO of the schema's canonical form, as it stands in every record: 16 hex digits of the little-endian bytes. */
  readonly fingerprint: string
  encode(value: T): Buffer
  /** Throws UNREADABLE_RECORD where the bytes are no record of this schema or one of its predecessors. */
  decode(bytes: Uint8Array): T
}

interface CodecOptions<T, Wire> {
  /** The schema as JSON. */
  readonly schema: unknown
  /** Schemas of records that were written before; their fields are resolved by name and default. */
  readonly predecessors?: readonly unknown[]
  readonly toWire: (value: T) => Wire
  readonly fromWire: (wire: Wire) => T
}

/** 64-bit integers that may not lose a digit are bigint; every other long is a number. */
const bigintLong = () =>
  avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(value)
      return bytes
    },
    fromJSON: BigInt,
    toJSON: String,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
  })

function compile(schema: unknown): avro.Type {
  const long = bigintLong()
  return avro.Type.forSchema(
    schema as avro.Schema,
    {
      // What is decoded is plain data: methods on it would be listed with its fields.
      omitRecordMethods: true,
      typeHook: (attributes: unknown) => {
        const { type, logicalType, bigint } = (attributes ?? {}) as Record<string, unknown>
        return type === 'long' && (logicalType === 'timestamp-nanos' || bigint === true) ? long : undefined
      },
    } as never,
  )
}

export function createAvroCodec<T, Wire>({
  schema,
  predecessors,
  toWire,
  fromWire,
}: CodecOptions<T, Wire>): AvroCodec<T> {
  const type = compile(schema)
  const header = Buffer.concat([MARKER, fingerprintOf(type)])
  const resolvers = new Map(
    (predecessors ?? []).map((predecessor) => {
      const writer = compile(predecessor)
      return [fingerprintOf(writer).toString('hex'), { writer, resolver: type.createResolver(writer) }] as const
    }),
  )

  function decodeDatum(bytes: Buffer): Wire {
    const datum = bytes.subarray(HEADER_BYTES)
    if (bytes.subarray(0, HEADER_BYTES).equals(header)) return type.fromBuffer(datum) as Wire
    const predecessor = resolvers.get(bytes.subarray(2, HEADER_BYTES).toString('hex'))
    if (!predecessor || !bytes.subarray(0, 2).equals(MARKER)) {
      throw new CodedError('UNREADABLE_RECORD', 'The record was not written with a known schema.')
    }
    return type.fromBuffer(datum, predecessor.resolver) as Wire
  }

  return {
    fingerprint: header.subarray(2).toString('hex'),
    encode: (value) => Buffer.concat([header, type.toBuffer(toWire(value))]),
    decode(bytes) {
      try {
        return fromWire(decodeDatum(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)))
      } catch (cause) {
        if (cause instanceof CodedError) throw cause
        throw new CodedError('UNREADABLE_RECORD', 'The record ends early or is damaged.', { cause })
      }
    },
  }
}

/** CRC-64-AVRO (Avro 1.12, "Schema fingerprints") of the parsing canonical form, little-endian. */
function fingerprintOf(type: avro.Type): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(crc64Avro(Buffer.from(JSON.stringify(type.schema()))))
  return bytes
}

const EMPTY = 0xc15d213aa4d7a795n

export function crc64Avro(bytes: Uint8Array): bigint {
  const table = Array.from({ length: 256 }, (_, index) => {
    let entry = BigInt(index)
    for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ (EMPTY & -(entry & 1n))
    return entry
  })
  let crc = EMPTY
  for (const byte of bytes) crc = (crc >> 8n) ^ (table[Number(crc & 0xffn) ^ byte] as bigint)
  return crc
}

const schemaFile = (name: string) =>
  JSON.parse(readFileSync(new URL(`../schemas/avro/${name}`, import.meta.url), 'utf8')) as unknown

type FlatSpan = Omit<JudgedSpan['span'], 'attributes'> &
  Omit<JudgedSpan, 'span'> & { readonly attributes: Readonly<Record<string, string>> }

/**
 * Topic `llm_spans`: the fields of the span side by side with its evaluations and outcome. An attribute called `__proto__`
 * does not come back.
 */
export function createJudgedSpanCodec(): AvroCodec<JudgedSpan> {
  return createAvroCodec<JudgedSpan, FlatSpan>({
    schema: schemaFile('llm-span.avsc'),
    toWire: ({ span, evaluations, outcome }) => ({
      ...span,
      attributes: Object.fromEntries(span.attributes),
      evaluations,
      outcome,
    }),
    fromWire: (wire) => {
      const { evaluations, outcome, attributes, ...fields } = { ...wire }
      return { span: { ...fields, attributes: new Map(Object.entries(attributes)) }, evaluations, outcome }
    },
  })
}

/** Topic `evaluations`: one record per unit and tier. */
export function createEvaluationCodec(): AvroCodec<EvaluationRecord> {
  return createAvroCodec<EvaluationRecord, EvaluationRecord>({
    schema: schemaFile('evaluation.avsc'),
    toWire: (record) => record,
    fromWire: (record) => record,
  })
}

type FlatRequest = Omit<JudgeRequest, 'spans'> & {
  readonly spans: readonly (Omit<LlmSpan, 'attributes'> & { readonly attributes: Readonly<Record<string, string>> })[]
}

/** Topic `judge_requests`: one record per unit. An attribute called `__proto__` does not come back. */
export function createJudgeRequestCodec(): AvroCodec<JudgeRequest> {
  return createAvroCodec<JudgeRequest, FlatRequest>({
    schema: schemaFile('judge-request.avsc'),
    toWire: ({ spans, ...request }) => ({
      ...request,
      spans: spans.map((span) => ({ ...span, attributes: Object.fromEntries(span.attributes) })),
    }),
    fromWire: ({ spans, ...request }) => ({
      ...request,
      spans: spans.map((span) => ({ ...span, attributes: new Map(Object.entries(span.attributes)) })),
    }),
  })
}
