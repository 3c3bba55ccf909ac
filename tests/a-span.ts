import type { JudgedSpan } from '../schemas/evaluation.ts'
import { type LlmSpan, type Message, spanVersion } from '../schemas/llm-span.ts'

const START = 1_790_000_000_000_000_000n

export function aMessage(role: string, content: string): Message {
  const part = { type: 'text', content, id: '', name: '', mime_type: '', uri: '' } as const
  return { role, name: '', parts: [part], finish_reason: role === 'assistant' ? 'stop' : '' }
}

/** A plain chat call that went well; override what a test is about. */
export function aSpan(given: Partial<LlmSpan> = {}): LlmSpan {
  return {
    project: 'default',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
    parent_span_id: '',
    version: spanVersion(1, 1_790_000_001_000),
    received_at: 1_790_000_001_000,
    dialect: 'otel_genai',
    name: 'chat gpt-4o-mini',
    kind: 'llm',
    operation: 'chat',
    is_call: true,
    scope_name: 'a-scope',
    scope_version: '1.0.0',
    sdk_language: 'nodejs',
    service_name: 'shop',
    environment: 'production',
    release: '1.2.3',
    start_time: START,
    end_time: START + 850_000_000n,
    time_inferred: false,
    time_to_first_token_ms: null,
    provider: 'openai',
    request_model: 'gpt-4o-mini',
    response_model: 'gpt-4o-mini-2024-07-18',
    response_id: 'chatcmpl-1',
    parameters: {
      temperature: 0.2,
      top_p: null,
      top_k: null,
      max_tokens: 256,
      seed: null,
      frequency_penalty: null,
      presence_penalty: null,
      choice_count: null,
      stop_sequences: [],
      stream: null,
      output_type: '',
    },
    finish_reasons: ['stop'],
    system_instructions: '',
    input_messages: [aMessage('user', 'Where is my parcel?')],
    output_messages: [aMessage('assistant', 'It left the warehouse this morning.')],
    tool_definitions: '',
    input_captured: true,
    output_captured: true,
    query: '',
    documents: [],
    input_tokens: 19,
    output_tokens: 10,
    cache_read_input_tokens: null,
    cache_write_input_tokens: null,
    reasoning_output_tokens: null,
    reported_input_tokens: null,
    reported_output_tokens: null,
    cost_usd: 0.00000885,
    reported_cost_usd: null,
    price_version: '2026-11-20',
    status: 'unset',
    error_type: '',
    error_message: '',
    session_id: 'session-1',
    user_id: 'user-1',
    agent_name: '',
    workflow_name: '',
    tool_name: '',
    tool_call_id: '',
    prompt_name: '',
    prompt_version: '',
    tags: [],
    attributes: new Map(),
    ...given,
  }
}

export function aJudgedSpan(span: Partial<LlmSpan> = {}, judged: Partial<Omit<JudgedSpan, 'span'>> = {}): JudgedSpan {
  return {
    span: aSpan(span),
    evaluations: [],
    outcome: { passed: null, severity: 'none', quality_score: null, deciding_judges: [] },
    ...judged,
  }
}
