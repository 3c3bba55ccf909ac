import type { JudgedSpan } from './judged-span.ts'
import { type LlmSpan, type Message, type MessagePart, NO_PARAMETERS, spanVersion } from './llm-span.ts'

/** For tests and benchmarks: a model call without any content, and the fields the case is about. */
export function aSpan(fields: Partial<LlmSpan> = {}): LlmSpan {
  return {
    project: 'default',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
    parent_span_id: '',
    version: 1n,
    received_at: 1_700_000_000_000,
    dialect: 'otel_genai',
    name: 'chat',
    kind: 'llm',
    operation: 'chat',
    is_call: true,
    scope_name: '',
    scope_version: '',
    sdk_language: '',
    service_name: 'shop',
    environment: '',
    release: '',
    start_time: 1_700_000_000_000_000_000n,
    end_time: 1_700_000_001_000_000_000n,
    time_inferred: false,
    time_to_first_token_ms: null,
    provider: 'openai',
    request_model: 'gpt-5-mini',
    response_model: 'gpt-5-mini-2026-01-01',
    response_id: '',
    parameters: NO_PARAMETERS,
    finish_reasons: [],
    system_instructions: '',
    input_messages: [],
    output_messages: [],
    tool_definitions: '',
    input_captured: true,
    output_captured: true,
    query: '',
    documents: [],
    input_tokens: null,
    output_tokens: null,
    cache_read_input_tokens: null,
    cache_write_input_tokens: null,
    reasoning_output_tokens: null,
    reported_input_tokens: null,
    reported_output_tokens: null,
    cost_usd: null,
    reported_cost_usd: null,
    price_version: '',
    status: 'unset',
    error_type: '',
    error_message: '',
    session_id: '',
    user_id: '',
    agent_name: '',
    workflow_name: '',
    tool_name: '',
    tool_call_id: '',
    prompt_name: '',
    prompt_version: '',
    tags: [],
    reported_evaluations: [],
    attributes: new Map(),
    ...fields,
  }
}

export function aPart(fields: Partial<MessagePart>): MessagePart {
  return { type: 'text', content: '', id: '', name: '', mime_type: '', uri: '', ...fields }
}

export function aMessage(role: string, content: string | readonly MessagePart[], finish_reason = ''): Message {
  const parts = typeof content === 'string' ? [aPart({ content })] : content
  return { role, name: '', parts, finish_reason }
}

const START = 1_790_000_000_000_000_000n

/** A chat call that went well, every common field filled. */
export function aChatCall(fields: Partial<LlmSpan> = {}): LlmSpan {
  const plain = aSpan()
  return {
    ...plain,
    version: spanVersion(1, 1_790_000_001_000),
    received_at: 1_790_000_001_000,
    name: 'chat gpt-4o-mini',
    scope_name: 'a-scope',
    scope_version: '1.0.0',
    sdk_language: 'nodejs',
    environment: 'production',
    release: '1.2.3',
    start_time: START,
    end_time: START + 850_000_000n,
    request_model: 'gpt-4o-mini',
    response_model: 'gpt-4o-mini-2024-07-18',
    response_id: 'chatcmpl-1',
    parameters: { ...plain.parameters, temperature: 0.2, max_tokens: 256 },
    finish_reasons: ['stop'],
    input_messages: [aMessage('user', 'Where is my parcel?')],
    output_messages: [aMessage('assistant', 'It left the warehouse this morning.')],
    input_tokens: 19,
    output_tokens: 10,
    cost_usd: 0.00000885,
    price_version: '2026-11-20',
    session_id: 'session-1',
    user_id: 'user-1',
    ...fields,
  }
}

export function aJudgedSpan(span: Partial<LlmSpan> = {}, judged: Partial<Omit<JudgedSpan, 'span'>> = {}): JudgedSpan {
  return {
    span: aChatCall(span),
    evaluations: [],
    outcome: { passed: null, severity: 'none', quality_score: null, deciding_judges: [] },
    ...judged,
  }
}
