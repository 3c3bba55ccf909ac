import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CAPTURES } from '../../core/source.samples.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { lines, normalized } from '../../stream-processors/normalize/testing/builders.ts'
import { readTrace, START } from './rest.samples.ts'

/** The rows that a trace becomes, as `normalize` reads them from the record. */
function rowsOf(trace: object): readonly LlmSpan[] {
  const { resources, report } = readTrace(trace)
  expect(report.rejected).toEqual([])
  return normalized(resources).spans
}

const rowOf = (trace: object) => rowsOf({ start_time: START, ...trace })[0]!

describe('a trace in simple JSON and the same from an SDK over OTLP', () => {
  const file = join(CAPTURES, 'vercel-ai-7.0.173_ai-sdk-otel-1.0.173/001-v1_traces.pb')
  const captured = normalized(readTraces(readFileSync(file))).spans
  const [answer, call, tool] = captured.filter(({ is_call, kind }) => is_call || kind === 'tool')

  const common = { service_name: 'demo-vercel-ai', environment: 'live-capture', release: '1.2.3' }
  const model = {
    name: 'chat gpt-4o-mini',
    model: 'gpt-4o-mini',
    provider: 'openai',
    response_model: 'gpt-4o-mini-2024-07-18',
    response_id: 'chatcmpl-fake1',
  }
  const usage = {
    prompt_tokens: 19,
    completion_tokens: 10,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 4 },
  }
  const timesOf = ({ start_time, end_time }: LlmSpan) => ({
    start_time: String(start_time),
    end_time: String(end_time),
  })

  /** All that does not say which SDK it was. */
  function content(row: LlmSpan): object {
    const { trace_id: _t, span_id: _s, parent_span_id: _p, dialect: _d, attributes: _a, ...rest } = row
    const { scope_name: _n, scope_version: _v, sdk_language: _l, ...same } = rest
    return same
  }

  it('are the same row: an answer', () => {
    const trace = {
      ...common,
      ...model,
      ...timesOf(answer!),
      usage,
      finish_reason: 'stop',
      system_instructions: 'You are a geography tutor.',
      input: 'Capital of France?',
      output: 'The capital of France is Paris.',
    }
    expect(content(rowOf(trace))).toEqual(content(answer!))
    const { system_instructions, ...rest } = trace
    const input = [
      { role: 'system', content: system_instructions },
      { role: 'user', content: 'Capital of France?' },
    ]
    const output = { role: 'assistant', content: trace.output }
    expect(content(rowOf({ ...rest, input, output }))).toEqual(content(answer!))
  })

  it('are the same row: a call of a tool, and the tool', () => {
    const city = '{"city":"Paris"}'
    const tools = JSON.parse(call!.tool_definitions) as object[]
    const asked = {
      ...model,
      ...timesOf(call!),
      usage,
      tools,
      finish_reason: 'tool-calls',
      input: [{ role: 'user', content: [{ type: 'text', text: 'Weather in Paris?' }] }],
      output: {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: city } }],
        finish_reason: 'tool_call',
      },
    }
    const called = {
      ...timesOf(tool!),
      kind: 'tool',
      name: 'get_weather',
      tool_call_id: 'call_1',
      input: { city: 'Paris' },
      output: { temp_c: 21 },
    }
    const [, callRow, toolRow] = rowsOf({ ...common, spans: [asked, called] })
    expect(content(callRow!)).toEqual(content(call!))
    expect(content({ ...toolRow!, name: tool!.name })).toEqual(content(tool!))
    const { output: _, ...short } = asked
    const [, shortRow] = rowsOf({
      spans: [{ ...short, tool_calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } }] }],
    })
    expect(lines(shortRow!.output_messages)).toEqual(lines(call!.output_messages))
  })
})

describe('rows', () => {
  it('hold everything that can be said', () => {
    const row = rowOf({
      name: 'classify',
      kind: 'llm',
      model: 'priced-model',
      end_time: '2026-11-20T10:00:02Z',
      time_to_first_token_ms: 250,
      usage: { input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 40, reasoning_output_tokens: 5 },
      cost_usd: 0.25,
      parameters: { temperature: 0.5, max_tokens: 64, stop_sequences: ['END'], stream: true, output_type: 'json' },
      prompt: { name: 'classify-intent', version: 3 },
      user_id: 'u1',
      session_id: 's1',
      tags: ['beta', 'eu, west'],
      metadata: { tier: 'gold', retries: 2, nested: { a: [1, 'b'] } },
    })
    expect(row).toMatchObject({
      name: 'classify',
      is_call: true,
      dialect: 'otel_genai',
      time_to_first_token_ms: 250,
      input_tokens: 100,
      cache_read_input_tokens: 40,
      reasoning_output_tokens: 5,
      cost_usd: (60 * 2 + 40 * 1 + 20 * 8) / 1e6,
      reported_cost_usd: 0.25,
      parameters: { temperature: 0.5, max_tokens: 64, stop_sequences: ['END'], stream: true, output_type: 'json' },
      prompt_name: 'classify-intent',
      prompt_version: '3',
      user_id: 'u1',
      session_id: 's1',
      tags: ['beta', 'eu, west'],
    })
    expect(Object.fromEntries(row.attributes)).toEqual({
      'metadata.tier': 'gold',
      'metadata.retries': '2',
      'metadata.nested': '{"a":[1,"b"]}',
    })
  })

  it('count tokens as Anthropic does where it was Anthropic', () => {
    const usage = { input_tokens: 10, output_tokens: 3, cache_creation_input_tokens: 20, cache_read_input_tokens: 70 }
    expect(rowOf({ model: 'claude-x', usage })).toMatchObject({
      input_tokens: 100,
      output_tokens: 3,
      cache_read_input_tokens: 70,
      cache_write_input_tokens: 20,
    })
  })

  it.each<[object, Partial<LlmSpan>]>([
    [{ model: 'm' }, { kind: 'llm', is_call: true, name: 'chat m' }],
    [
      { kind: 'embedding', model: 'm' },
      { kind: 'embedding', is_call: true },
    ],
    [
      { kind: 'retrieval', input: 'q', documents: ['a', { id: 7, content: 'b', score: 0.5 }] },
      { kind: 'retrieval', query: 'q' },
    ],
    [{ documents: ['a'] }, { kind: 'retrieval' }],
    [
      { kind: 'tool', name: 'f' },
      { kind: 'tool', tool_name: 'f' },
    ],
    [
      { kind: 'agent', name: 'a' },
      { kind: 'agent', agent_name: 'a' },
    ],
    [
      { kind: 'chain', name: 'c' },
      { kind: 'chain', workflow_name: 'c' },
    ],
    [
      { name: 'c', spans: [{}] },
      { kind: 'chain', workflow_name: 'c' },
    ],
    [
      { kind: 'rerank', model: 'm' },
      { kind: 'rerank', is_call: true },
    ],
    [{ kind: 'guardrail' }, { kind: 'guardrail', is_call: false }],
    [{ kind: 'evaluator' }, { kind: 'evaluator', is_call: false }],
    [
      { kind: 'other', model: 'm' },
      { kind: 'other', is_call: false },
    ],
    [{}, { kind: 'llm' }],
  ])('of %j have its kind', (trace, expected) => {
    expect(rowOf(trace)).toMatchObject(expected)
  })

  it('keep the documents of a retrieval', () => {
    const documents = ['a', { id: 7, content: 'b', score: 0.5 }]
    expect(rowOf({ input: { query: 'q' }, documents })).toMatchObject({
      query: 'q',
      documents: [
        { id: '', content: 'a', score: null },
        { id: '7', content: 'b', score: 0.5 },
      ],
    })
  })

  it.each<[unknown, string]>([
    ['{"messages":[{"role":"user","content":"x"}]}', 'user: {"messages":[{"role":"user","content":"x"}]}'],
    ['"quoted"', 'user: "quoted"'],
    ['', 'user: '],
    [{ question: 'why' }, 'user: {"question":"why"}'],
    [['a', 'b'], 'user: ["a","b"]'],
    [42, 'user: 42'],
    [{ role: 'assistant', content: 'x' }, 'assistant: x'],
  ])('take text for text: %j', (input, line) => {
    expect(lines(rowOf({ model: 'm', input }).input_messages)).toEqual([line])
  })

  it('say what failed', () => {
    expect(rowOf({ error: 'boom' })).toMatchObject({ status: 'error', error_message: 'boom' })
    const error = { type: 'RateLimitError', message: 'slow down' }
    expect(rowOf({ error })).toMatchObject({ status: 'error', error_type: error.type, error_message: error.message })
    expect(rowOf({}).status).toBe('unset')
  })

  it('hand the user and the session down, unless a span has its own', () => {
    const spans = [{ spans: [{}] }, { user_id: 'other', spans: [{}] }]
    const rows = rowsOf({ start_time: START, user_id: 'u', session_id: 's', tags: ['t'], spans })
    expect(rows.map(({ user_id }) => user_id)).toEqual(['u', 'u', 'u', 'other', 'other'])
    for (const row of rows) expect(row).toMatchObject({ session_id: 's', tags: ['t'] })
  })

  it('take the members of metadata for nothing else', () => {
    const metadata = { 'gen_ai.request.model': 'x', 'gen_ai.usage.input_tokens': 5, __proto__: 1, '': 2 }
    const row = rowOf({ kind: 'chain', metadata })
    expect(row).toMatchObject({ kind: 'chain', request_model: '', input_tokens: null })
    expect(row.attributes.get('metadata.gen_ai.request.model')).toBe('x')
  })

  it('of a span without end are replaced by the one that has it', () => {
    const open = rowOf({ id: 'x', input: 'a' })
    const done = rowOf({ id: 'x', input: 'a', end_time: 1_795_168_801 })
    expect([done.trace_id, done.span_id, done.start_time]).toEqual([open.trace_id, open.span_id, open.start_time])
    expect(done.version > open.version).toBe(true)
  })
})
