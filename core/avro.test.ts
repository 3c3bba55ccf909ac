import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Evaluation, Evidence, SpanOutcome, Verdict } from '../schemas/evaluation.ts'
import type { EvaluationRecord } from '../schemas/evaluation-record.ts'
import type { JudgeRequest } from '../schemas/judge-request.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { LlmSpan, Message, MessagePart, RequestParameters, RetrievedDocument } from '../schemas/llm-span.ts'
import {
  crc64Avro,
  createAvroCodec,
  createEvaluationCodec,
  createJudgedSpanCodec,
  createJudgeRequestCodec,
} from './avro.ts'

const evaluation: Evaluation = {
  judge: 'pii',
  judge_version: '1',
  tier: 'rule',
  track: 'live',
  verdicts: [
    {
      label: 'credit_card',
      score: 0,
      passed: false,
      severity: 'high',
      confidence: null,
      explanation: 'A card number.',
      evidence: [{ path: 'output/0/0', start: 3, end: 19 }],
      cost_usd: null,
      error: '',
    },
  ],
}

const span: LlmSpan = {
  project: 'default',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  span_id: 'b7ad6b7169203331',
  parent_span_id: '',
  version: (1n << 48n) | 1_795_000_000_000n,
  received_at: 1_795_000_000_000,
  dialect: 'otel_genai',
  name: 'chat gpt-4o',
  kind: 'llm',
  operation: 'chat',
  is_call: true,
  scope_name: 'scope',
  scope_version: '1',
  sdk_language: 'nodejs',
  service_name: 'shop',
  environment: 'production',
  release: '1.2.3',
  start_time: 1_795_000_000_123_456_789n,
  end_time: 1_795_000_001_123_456_789n,
  time_inferred: false,
  time_to_first_token_ms: 12.5,
  provider: 'openai',
  request_model: 'gpt-4o',
  response_model: 'gpt-4o-2024-08-06',
  response_id: 'r1',
  parameters: {
    temperature: 0.2,
    top_p: null,
    top_k: null,
    max_tokens: 64,
    seed: null,
    frequency_penalty: null,
    presence_penalty: null,
    choice_count: null,
    stop_sequences: ['END'],
    stream: true,
    output_type: '',
  },
  finish_reasons: ['stop'],
  system_instructions: 'Be brief.',
  input_messages: [
    {
      role: 'user',
      name: '',
      finish_reason: '',
      parts: [{ type: 'text', content: 'Héllo 👋', id: '', name: '', mime_type: '', uri: '' }],
    },
  ],
  output_messages: [],
  tool_definitions: '',
  input_captured: true,
  output_captured: false,
  query: '',
  documents: [{ id: 'd', content: 'Paris', score: 0.9 }],
  input_tokens: 1_000_000_000_000,
  output_tokens: null,
  cache_read_input_tokens: 4,
  cache_write_input_tokens: null,
  reasoning_output_tokens: null,
  reported_input_tokens: null,
  reported_output_tokens: null,
  cost_usd: 0.00000855,
  reported_cost_usd: null,
  price_version: '2026-11-20',
  status: 'ok',
  error_type: '',
  error_message: '',
  session_id: 's',
  user_id: 'u',
  agent_name: '',
  workflow_name: '',
  tool_name: '',
  tool_call_id: '',
  prompt_name: '',
  prompt_version: '',
  tags: ['a'],
  reported_evaluations: [evaluation],
  attributes: new Map([['server.address', 'example.com']]),
}
const outcome: SpanOutcome = { passed: false, severity: 'high', quality_score: 0, deciding_judges: ['pii'] }
const judged: JudgedSpan = { span, evaluations: [evaluation], outcome }
const record: EvaluationRecord = {
  project: 'default',
  unit: 'span',
  session_id: '',
  trace_id: span.trace_id,
  span_id: span.span_id,
  start_time: span.start_time,
  version: span.version,
  revision: 1,
  tier: 'rule',
  config_version: '7',
  sampling_probability: 0.25,
  evaluations: [evaluation],
}

const request: JudgeRequest = {
  project: 'default',
  unit: 'span',
  reason: 'late_content',
  trace_id: span.trace_id,
  span_id: span.span_id,
  start_time: span.start_time,
  version: span.version,
  spans: [span],
  span_count: 1,
  cut: false,
}

interface Field {
  readonly name: string
  readonly doc?: string
  readonly type: unknown
}
const schema = (name: string) =>
  JSON.parse(readFileSync(new URL(`../schemas/avro/${name}.avsc`, import.meta.url), 'utf8')) as { fields: Field[] }
const names = (fields: readonly Field[]) => fields.map((field) => field.name).sort()

/** All records of a schema, by name. */
function records(type: unknown, found = new Map<string, readonly Field[]>()): ReadonlyMap<string, readonly Field[]> {
  if (Array.isArray(type)) for (const branch of type) records(branch, found)
  else if (typeof type === 'object' && type !== null) {
    const { name, fields, items } = type as { name?: string; fields?: Field[]; items?: unknown }
    if (name && fields) {
      found.set(name, fields)
      for (const field of fields) records(field.type, found)
    }
    records(items, found)
  }
  return found
}

describe('the Avro schemas', () => {
  // Typed as whole values, so that a field that is added to a type and not here does not compile.
  const verdict = evaluation.verdicts[0] as Verdict
  const message = span.input_messages[0] as Message
  const cases: readonly (readonly [string, object])[] = [
    ['JudgedSpan', { ...span, evaluations: [], outcome }],
    ['RequestParameters', span.parameters satisfies RequestParameters],
    ['Message', message],
    ['MessagePart', message.parts[0] as MessagePart],
    ['RetrievedDocument', span.documents[0] as RetrievedDocument],
    ['SpanOutcome', outcome],
    ['Evaluation', evaluation],
    ['Verdict', verdict],
    ['Evidence', verdict.evidence[0] as Evidence],
    ['EvaluationRecord', record],
    ['JudgeRequest', request],
    ['LlmSpan', span],
  ]
  const all = new Map([
    ...records(schema('llm-span')),
    ...records(schema('evaluation')),
    ...records(schema('judge-request')),
  ])

  it.each(cases)('%s has the fields of its type', (name, value) => {
    expect(names(all.get(name) ?? [])).toEqual(Object.keys(value).sort())
  })

  it('documents every field, and gives every field a default that a later reader may need', () => {
    const fields = [...all.values()].flat()
    expect(fields.filter((field) => !field.doc).map((field) => field.name)).toEqual([])
  })

  it('describes an evaluation in the same words on every topic', () => {
    const ofSpan = records(schema('llm-span'))
    const ofRecord = records(schema('evaluation'))
    const ofRequest = records(schema('judge-request'))
    for (const name of ['Evaluation', 'Verdict', 'Evidence']) {
      expect(ofSpan.get(name)).toEqual(ofRecord.get(name))
      expect(ofRequest.get(name)).toEqual(ofRecord.get(name))
    }
  })

  it('describes a span in the same words on every topic', () => {
    const ofRequest = records(schema('judge-request'))
    const judgedFields = schema('llm-span').fields.filter(({ name }) => name !== 'evaluations' && name !== 'outcome')
    const docs = (fields: readonly Field[]) => fields.map(({ name, doc }) => [name, doc])
    expect(docs(ofRequest.get('LlmSpan') ?? [])).toEqual(docs(judgedFields))
  })
})

describe('single-object encoding', () => {
  it.each([
    ['"null"', 7195948357588979594n],
    ['"int"', 8247732601305521295n],
    ['"string"', -8142146995180207161n],
  ])('fingerprints %s as the Avro project does', (canonical, expected) => {
    expect(BigInt.asIntN(64, crc64Avro(Buffer.from(canonical)))).toBe(expected)
  })

  it('brings spans and evaluations back as they were', () => {
    const spans = createJudgedSpanCodec()
    const evaluations = createEvaluationCodec()
    const bytes = spans.encode(judged)
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xc3, 0x01]))
    expect(bytes.subarray(2, 10).toString('hex')).toBe(spans.fingerprint)
    expect(spans.decode(bytes)).toEqual(judged)
    expect(evaluations.decode(evaluations.encode(record))).toEqual(record)
    const requests = createJudgeRequestCodec()
    expect(requests.decode(requests.encode(request))).toEqual(request)
  })

  it('brings plain data back: nothing is listed but its fields', () => {
    const { spans } = createJudgeRequestCodec().decode(createJudgeRequestCodec().encode(request))
    const listed: string[] = []
    for (const name in spans[0]!.parameters) listed.push(name)
    expect(listed.sort()).toEqual(Object.keys(span.parameters).sort())
  })

  it('keeps every 64-bit time and version, and every whole number of tokens', () => {
    const codec = createJudgedSpanCodec()
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(
        long,
        long,
        fc.nat({ max: 1_000_000_000_000 }),
        fc.string({ unit: 'grapheme' }),
        (start_time, version, input_tokens, name) => {
          const given = { ...judged, span: { ...span, start_time, version, input_tokens, name } }
          expect(codec.decode(codec.encode(given))).toEqual(given)
        },
      ),
    )
  })

  it('refuses what is no record of a known schema', () => {
    const codec = createEvaluationCodec()
    const bytes = codec.encode(record)
    const unreadable = expect.objectContaining({ code: 'UNREADABLE_RECORD' })
    const attempts = [
      Buffer.alloc(0),
      bytes.subarray(0, 9),
      bytes.subarray(0, bytes.length - 1),
      Buffer.concat([bytes, Buffer.from([0])]),
      createJudgedSpanCodec().encode(judged),
      Buffer.concat([Buffer.from([0xc3, 0x02]), bytes.subarray(2)]),
    ]
    for (const attempt of attempts) expect(() => codec.decode(attempt)).toThrow(unreadable)
  })

  it('reads what a predecessor without the newer fields wrote', () => {
    const field = (name: string, type: string, rest = {}) => ({ name, type, ...rest })
    const old = { type: 'record', name: 'R', fields: [field('a', 'string')] }
    const current = { type: 'record', name: 'R', fields: [field('a', 'string'), field('b', 'int', { default: 7 })] }
    const same = (value: unknown) => value
    const writer = createAvroCodec({ schema: old, toWire: same, fromWire: same })
    const reader = createAvroCodec({ schema: current, predecessors: [old], toWire: same, fromWire: same })
    expect({ ...(reader.decode(writer.encode({ a: 'x' })) as object) }).toEqual({ a: 'x', b: 7 })
  })
})
