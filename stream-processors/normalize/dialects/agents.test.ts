import { describe, expect, it } from 'vitest'
import { lines, rowOf } from '../testing/builders.ts'
import { readCase, type SpanCase } from '../testing/span-cases.ts'

const json = JSON.stringify

const CASES: Readonly<Record<string, SpanCase>> = {
  'MCP: a call of a tool': {
    name: 'tools/call weather',
    values: {
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'weather',
      'mcp.request.argument': '{"city":"Paris"}',
      'mcp.response.value': 'sunny',
    },
    row: { kind: 'tool', tool_name: 'weather' },
    input: ['assistant: call  weather({"city":"Paris"})'],
    output: ['tool: result  = sunny'],
  },
  'MCP: the tool in the name of the span': {
    name: 'tools/call weather',
    values: { 'mcp.method.name': 'tools/call' },
    row: { kind: 'tool', tool_name: 'weather' },
  },
  'Spring AI: every value a text': {
    values: {
      'gen_ai.system': 'openai',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.temperature': '0.7',
      'gen_ai.usage.input_tokens': '11',
      'gen_ai.usage.output_tokens': '6',
      'gen_ai.response.finish_reasons': '["STOP"]',
    },
    row: {
      input_tokens: 11,
      output_tokens: 6,
      finish_reasons: ['STOP'],
      parameters: expect.objectContaining({ temperature: 0.7 }),
    },
  },
  'Codex: a response that names no model': {
    scope: 'codex_cli_rs',
    name: 'handle_responses',
    values: {
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.usage.cache_read.input_tokens': 40,
    },
    row: { kind: 'llm', input_tokens: 100, output_tokens: 7, cache_read_input_tokens: 40 },
  },
  'Codex: the sum over a turn is only reported': {
    scope: 'codex_cli_rs',
    name: 'session_task.turn',
    values: {
      'codex.turn.token_usage.input_tokens': 100,
      'codex.turn.token_usage.output_tokens': 7,
      'thread.id': 'th-a',
    },
    row: {
      is_call: false,
      input_tokens: null,
      reported_input_tokens: 100,
      reported_output_tokens: 7,
      session_id: 'th-a',
    },
  },
  'Claude Code: counts beside the input, first token, answer': {
    name: 'claude_code.llm_request',
    values: {
      'span.type': 'llm_request',
      'gen_ai.system': 'anthropic',
      model: 'claude-opus-5',
      input_tokens: 2,
      output_tokens: 1200,
      cache_read_tokens: 84562,
      cache_creation_tokens: 7096,
      ttft_ms: 13.5,
      stop_reason: 'tool_use',
      success: true,
      new_context: 'Q',
      'response.model_output': 'A',
      'session.id': 's',
    },
    row: {
      dialect: 'claude_code',
      kind: 'llm',
      provider: 'anthropic',
      request_model: 'claude-opus-5',
      input_tokens: 91_660,
      output_tokens: 1200,
      cache_read_input_tokens: 84_562,
      cache_write_input_tokens: 7_096,
      time_to_first_token_ms: 13.5,
      finish_reasons: ['tool_use'],
      status: 'unset',
      session_id: 's',
    },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Claude Code: a tool that failed': {
    name: 'claude_code.tool',
    values: { 'span.type': 'tool', tool_name: 'Bash', tool_use_id: 't1', success: 'false', error: 'exit 1' },
    row: { kind: 'tool', tool_name: 'Bash', tool_call_id: 't1', status: 'error', error_message: 'exit 1' },
  },
  'Gemini CLI: its messages in the shape of its API': {
    values: {
      'gen_ai.operation.name': 'llm_call',
      'gen_ai.input.messages': json([{ role: 'user', parts: [{ text: 'Q' }] }]),
      'gen_ai.output.messages': json([{ role: 'model', parts: [{ text: 'A' }] }]),
    },
    row: { kind: 'llm' },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'OpenAI agents on Logfire: a usage object, a group that is none': {
    scope: 'logfire.openai_agents',
    values: {
      'gen_ai.system': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      raw_input: json([{ role: 'user', content: 'Q' }]),
      usage: json({ requests: 1, input_tokens: 11, output_tokens: 8, input_tokens_details: { cached_tokens: 2 } }),
      group_id: 'null',
      'thread.id': 123_456,
    },
    row: { input_tokens: 11, output_tokens: 8, cache_read_input_tokens: 2, session_id: '' },
    input: ['user: Q'],
  },
  'Pydantic AI: embeddings of several texts, tools of a request': {
    scope: 'pydantic-ai',
    values: {
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.request.model': 'text-embedding-3-small',
      inputs: '["one","two"]',
      model_request_parameters: json({ function_tools: [{ name: 'weather' }] }),
    },
    row: { kind: 'embedding', tool_definitions: '[{"name":"weather"}]' },
    input: ['user: one | two'],
  },
  'a gateway that counts cache writes by how long they live': {
    values: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 1,
      'gen_ai.usage.cache_creation_5m.input_tokens': 10,
      'gen_ai.usage.cache_creation_1h.input_tokens': 5,
    },
    row: { input_tokens: 100, cache_write_input_tokens: 15 },
  },
}

describe('agents, their tools and what prints them', () => {
  it.each(Object.entries(CASES))('%s', (_, spanCase) => {
    const { read, expected } = readCase(spanCase)
    expect(read).toMatchObject(expected)
  })

  it('counts a streamed call of Logfire once: where its usage is', () => {
    const request = {
      'logfire.span_type': 'span',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      request_data: json({ messages: [{ role: 'user', content: 'Q' }], model: 'gpt-4o', stream: true }),
    }
    const log = {
      ...request,
      'logfire.span_type': 'log',
      response_data: json({ combined_chunk_content: 'A', chunk_count: 1 }),
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 1,
    }
    expect(rowOf(request, {}, 'logfire.openai')).toMatchObject({ kind: 'llm', is_call: false, input_captured: true })
    const counted = rowOf(log, {}, 'logfire.openai')
    expect(counted).toMatchObject({ is_call: true, input_tokens: 5, output_tokens: 1 })
    expect(lines(counted.output_messages)).toEqual(['assistant: A'])
    expect(rowOf(request, { status_code: 2 }, 'logfire.openai').is_call).toBe(true)
    expect(rowOf({ ...request, 'logfire.span_type': 'pending_span' }, {}, 'logfire.openai')).toMatchObject({
      is_call: false,
    })
  })
})
