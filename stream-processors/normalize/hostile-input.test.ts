import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createJudgedSpanCodec } from '../../core/avro.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { MAX_SLOTS } from './indexed.ts'
import { MAX_REST_ATTRIBUTES, MAX_REST_VALUE } from './rest-attributes.ts'
import { aRequest, aSpan, lines, normalized, type Plain, rowOf, START } from './testing/builders.ts'

describe('hostile input', () => {
  it('is not troubled by huge indexes, gaps and floods of slots', () => {
    const values: Record<string, Plain> = {
      'llm.request.type': 'chat',
      'gen_ai.prompt.999999999.content': 'last',
      'gen_ai.prompt.3.content': 'first',
    }
    for (let i = 0; i < 3 * MAX_SLOTS; i++) values[`gen_ai.completion.${i}.content`] = 'x'
    const row = rowOf(values)
    expect(lines(row.input_messages)).toEqual(
      ['assistant: first', 'assistant: last'].map((line) => line.replace('assistant', 'user')),
    )
    expect(row.output_messages.length).toBeLessThanOrEqual(MAX_SLOTS)
  })

  it('does not let keys reach a prototype', () => {
    const row = rowOf({
      'llm.request.type': 'chat',
      'gen_ai.prompt.0.content': 'Q',
      'gen_ai.prompt.0.__proto__.polluted': 'yes',
      'gen_ai.prompt.__proto__.polluted': 'yes',
      'langfuse.observation.usage_details': '{"__proto__":{"input":5},"constructor":7}',
    })
    expect(lines(row.input_messages)).toEqual(['user: Q'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(row.input_tokens).toBeNull()
  })

  it('bounds what no field took, and keeps raw what does not parse', () => {
    const values: Record<string, Plain> = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"te',
    }
    for (let i = 0; i < 2 * MAX_REST_ATTRIBUTES; i++) values[`k${i}`] = 'v'.repeat(MAX_REST_VALUE + 5)
    const row = rowOf(values)
    expect(row.attributes.size).toBe(MAX_REST_ATTRIBUTES)
    expect(row.attributes.get('k0')).toHaveLength(MAX_REST_VALUE)
    expect(lines(row.input_messages)).toEqual(['user: [{"role":"user","parts":[{"type":"te'])
  })

  it('bounds names, ids and lists, never inside a character', () => {
    const long = '👋'.repeat(10_000)
    const row = rowOf(
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': long,
        'session.id': `x${long}`,
        'tag.tags': Array(1_000).fill(long),
      },
      { name: long },
    )
    expect([row.request_model.length, row.session_id.length, row.name.length]).toEqual([4_096, 4_095, 4_096])
    expect([row.tags.length, row.tags[0]?.length]).toEqual([256, 1_024])
    expect(row.session_id.isWellFormed()).toBe(true)
  })

  it('bounds what each span of a request takes over from its resource and scope', () => {
    const long = 's'.repeat(100_000)
    const resource = {
      'service.name': long,
      'deployment.environment.name': long,
      'service.version': long,
      'telemetry.sdk.language': long,
    }
    const [request] = aRequest([aSpan({}), aSpan({})], long, resource)
    const scope_spans = request!.scope_spans.map((scope) => ({ ...scope, scope_version: long }))
    const rows = normalized([{ ...request!, scope_spans }]).spans
    expect(rows).toHaveLength(2)
    for (const { scope_name, scope_version, service_name, environment, release, sdk_language } of rows)
      expect(
        [scope_name, scope_version, service_name, environment, release, sdk_language].map(({ length }) => length),
      ).toEqual(Array(6).fill(1_024))
  })

  it('survives JSON that nests as deep as it can', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const deepParts = `[{"role":"user","content":${'['.repeat(50_000)}${']'.repeat(50_000)}}]`
    const deepObject = `${'{"messages":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    for (const value of [deep, deepParts, deepObject]) {
      const { spans, failures } = normalized(
        aRequest([
          aSpan({
            'gen_ai.operation.name': 'chat',
            'gen_ai.input.messages': value,
            'gen_ai.retrieval.documents': value,
            'gen_ai.tool.definitions': value,
            'langfuse.observation.usage_details': value,
            custom: value,
          }),
        ]),
      )
      expect(failures).toEqual([])
      expect(spans[0]?.input_captured).toBe(true)
    }
  })

  it('reads a text of 1 MB in time that grows with its length', () => {
    const text = `data:image/png;base64,${'A;base64,'.repeat(110_000)}`
    const begun = performance.now()
    const row = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.completion': text, other: text })
    expect(row.output_messages[0]?.parts[0]?.content.length).toBeGreaterThan(900_000)
    // Some 50 ms; what looks at every place from every other takes minutes.
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  const names = fc.constantFrom(
    'gen_ai.input.messages',
    'gen_ai.output.messages',
    'gen_ai.system_instructions',
    'gen_ai.prompt',
    'gen_ai.prompt.0.content',
    'gen_ai.prompt.0.content.x',
    'gen_ai.prompt.0.tool_calls.0.id',
    'gen_ai.operation.name',
    'gen_ai.usage.input_tokens',
    'gen_ai.response.finish_reasons',
    'gen_ai.tool.definitions',
    'gen_ai.tool.call.arguments',
    'gen_ai.retrieval.documents',
    'llm.input_messages.0.message',
    'llm.input_messages.0.message.contents.0.message_content',
    'llm.output_messages.1.message.role',
    'llm.invocation_parameters',
    'input.value',
    'output.value',
    'metadata',
    'openinference.span.kind',
    'retrieval.documents.0.document',
    'embedding.embeddings.0.embedding',
    'ai.operationId',
    'ai.prompt',
    'ai.prompt.messages',
    'ai.prompt.tools',
    'ai.values',
    'ai.response.toolCalls',
    'ai.response.providerMetadata',
    'ai.response.text',
    'langfuse.observation.type',
    'langfuse.observation.input',
    'langfuse.observation.output',
    'langfuse.observation.usage_details',
    'langfuse.observation.cost_details',
    'langfuse.observation.completion_start_time',
    'langfuse.trace.tags',
    'traceloop.span.kind',
    'traceloop.entity.input',
    'events',
    '__proto__',
    'constructor',
  )
  const keys = fc.constantFrom(
    'role',
    'content',
    'parts',
    'type',
    'text',
    'message',
    'messages',
    'tool_calls',
    'function',
    'kwargs',
    'id',
    'image_url',
    'url',
    'source',
    'data',
    'image',
    'choices',
    'candidates',
    'document',
    'metadata',
    'score',
    'event.name',
    'prompt_tokens',
    'input',
    '__proto__',
  )
  const words = fc.constantFrom(
    'user',
    'text',
    'image',
    'tool_call',
    'tool_result',
    'reasoning',
    'LLM',
    'RETRIEVER',
    'TOOL',
    'chat',
    'retrieval',
    'execute_tool',
    'generation',
    'ai.generateText.doGenerate',
    'gen_ai.choice',
    'function_call',
    '{"a":',
    '[]',
    '{}',
    'data:image/png;base64,AAAA',
  )
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small', maxDepth: 6 },
      words,
      fc.string({ maxLength: 12 }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(keys, tie('json'), { maxKeys: 5 }),
    ),
  }))
  const toAttribute = (value: unknown): AttributeValue => {
    if (Array.isArray(value)) return value.map(toAttribute)
    if (typeof value !== 'object' || value === null) return value as AttributeValue
    return new Map(Object.entries(value).map(([key, item]) => [key, toAttribute(item)]))
  }
  const values = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    json.map((value) => JSON.stringify(JSON.stringify(value))),
    json.map(toAttribute),
    json.map((value) => Uint8Array.from(Buffer.from(JSON.stringify(value)))),
    words,
    fc.uint8Array({ maxLength: 12 }),
    fc.bigInt(),
    fc.double(),
  ) as fc.Arbitrary<AttributeValue>
  const pairs = fc.array(fc.tuple(fc.oneof(names, fc.string({ maxLength: 20 })), values), { maxLength: 8 })
  const events = fc.array(
    fc.tuple(
      fc.constantFrom(
        'gen_ai.choice',
        'gen_ai.user.message',
        'gen_ai.tool.message',
        'gen_ai.content.prompt',
        'gen_ai.client.inference.operation.details',
        'exception',
        'db.query.result',
      ),
      fc.array(
        fc.tuple(
          fc.constantFrom(
            'content',
            'message',
            'tool_calls',
            'gen_ai.prompt',
            'gen_ai.input.messages',
            'event_body',
            'id',
            'db.query.result.id',
          ),
          values,
        ),
        { maxLength: 3 },
      ),
    ),
    { maxLength: 3 },
  )

  const codec = createJudgedSpanCodec()
  const outcome = { passed: null, severity: 'none', quality_score: null, deciding_judges: [] } as const
  /** The Avro library's maps have no key `__proto__`. */
  const asEncoded = (row: LlmSpan): LlmSpan => ({
    ...row,
    attributes: new Map([...row.attributes].filter(([key]) => key !== '__proto__')),
  })

  it('turns any span with a time into a row, the same row each time, and changes nothing it was given', () => {
    fc.assert(
      fc.property(
        pairs,
        events,
        fc.constantFrom('', 'ai', 'gen_ai', 'langfuse-sdk', 'pydantic-ai'),
        (attributePairs, eventPairs, scope) => {
          const span = aSpan(
            {},
            {
              attributes: new Map(attributePairs),
              events: eventPairs.map(([name, pairs]) => ({ name, time_unix_nano: START, attributes: new Map(pairs) })),
            },
          )
          const before = structuredClone(span)
          const { spans, failures } = normalized(aRequest([span], scope))
          expect(failures.map(({ cause }) => cause)).toEqual([])
          expect(spans).toHaveLength(1)
          expect(normalized(aRequest([span], scope)).spans).toEqual(spans)
          expect(span).toEqual(before)
          const [row] = spans
          if (row)
            expect(codec.decode(codec.encode({ span: row, evaluations: [], outcome })).span).toEqual(asEncoded(row))
          for (const count of [row?.input_tokens, row?.output_tokens, row?.reported_input_tokens]) {
            expect(count === null || (Number.isSafeInteger(count) && (count as number) >= 0)).toBe(true)
          }
        },
      ),
      { numRuns: 600 },
    )
  })
})
