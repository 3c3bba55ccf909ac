import { describe, expect, it } from 'vitest'
import { anEvent, rowOf } from '../testing/builders.ts'
import { readCase, type SpanCase } from '../testing/span-cases.ts'

const json = JSON.stringify

const CASES: Readonly<Record<string, SpanCase>> = {
  'Semantic Kernel: counts beside the answer': {
    scope: 'Microsoft.SemanticKernel.Diagnostics',
    values: {
      'gen_ai.system': 'openai',
      'gen_ai.operation.name': 'chat.completions',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.prompt_tokens': 5,
      'gen_ai.response.completion_tokens': 2,
    },
    row: { kind: 'llm', input_tokens: 5, output_tokens: 2 },
  },
  'LangSmith: content as bytes, kind and usage of its own': {
    values: {
      'langsmith.span.kind': 'llm',
      'gen_ai.prompt': Buffer.from(json({ messages: [{ role: 'user', content: 'Q' }] })),
      'gen_ai.completion': Buffer.from(
        json({ choices: [{ message: { role: 'assistant', content: 'A' }, finish_reason: 'stop' }] }),
      ),
      'langsmith.metadata.ls_provider': 'openai',
      'langsmith.metadata.ls_model_name': 'gpt-4o',
      'langsmith.metadata.usage_metadata': json({
        input_tokens: 21,
        output_tokens: 2,
        input_token_details: { cache_read: 4 },
      }),
      'langsmith.metadata.thread_id': 'th-1',
    },
    row: {
      kind: 'llm',
      provider: 'openai',
      request_model: 'gpt-4o',
      input_tokens: 21,
      output_tokens: 2,
      cache_read_input_tokens: 4,
      session_id: 'th-1',
      finish_reasons: ['stop'],
    },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'MLflow: every value encoded as JSON': {
    values: {
      'mlflow.spanType': '"CHAT_MODEL"',
      'mlflow.llm.model': '"gpt-4o"',
      'mlflow.llm.provider': '"openai"',
      'mlflow.spanInputs': json({ messages: [{ role: 'user', content: 'Q' }] }),
      'mlflow.spanOutputs': json({ choices: [{ message: { role: 'assistant', content: 'A' } }] }),
      'mlflow.chat.tokenUsage': json({ input_tokens: 7, output_tokens: 3, total_tokens: 10 }),
      'mlflow.llm.cost': json({ input_cost: 0.1, output_cost: 0.2, total_cost: 0.3 }),
      'mlflow.trace.session': '"s-1"',
      'mlflow.trace.user': '"u-1"',
    },
    row: {
      kind: 'llm',
      request_model: 'gpt-4o',
      provider: 'openai',
      input_tokens: 7,
      output_tokens: 3,
      reported_cost_usd: 0.3,
      session_id: 's-1',
      user_id: 'u-1',
    },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'LiteLLM: calls beside the parts, costs in two parts, flags as words': {
    values: {
      'gen_ai.system': 'Unknown',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'claude-sonnet-4',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.function_call.name': 'weather',
      'gen_ai.completion.0.function_call.arguments': '{}',
      'gen_ai.response.finish_reasons': '["tool_calls"]',
      'gen_ai.cost.input_cost': 0.25,
      'gen_ai.cost.output_cost': 0.5,
      'llm.is_streaming': 'True',
      'metadata.user_api_key_user_id': 'u-9',
    },
    row: {
      provider: 'anthropic',
      reported_cost_usd: 0.75,
      finish_reasons: ['tool_calls'],
      user_id: 'u-9',
      parameters: expect.objectContaining({ stream: true }),
    },
    output: ['assistant: call  weather({})'],
  },
  'Google ADK: request and response in two JSON texts': {
    scope: 'gcp.vertex.agent',
    values: {
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.operation.name': 'call_llm',
      'gen_ai.request.model': 'gemini-2.0-flash',
      'gcp.vertex.agent.llm_request': json({
        model: 'gemini-2.0-flash',
        config: { system_instruction: 'Be brief.', tools: [{ function_declarations: [{ name: 'weather' }] }] },
        contents: [{ role: 'user', parts: [{ text: 'Q' }] }],
      }),
      'gcp.vertex.agent.llm_response': json({
        content: { role: 'model', parts: [{ text: 'A' }] },
        usage_metadata: { prompt_token_count: 20, candidates_token_count: 5, cached_content_token_count: 8 },
      }),
    },
    row: {
      kind: 'llm',
      provider: 'gcp.gemini',
      system_instructions: 'Be brief.',
      input_tokens: 20,
      output_tokens: 5,
      cache_read_input_tokens: 8,
      tool_definitions: expect.stringContaining('weather'),
    },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Genkit: a model by its action name, usage in the answer': {
    scope: 'genkit-tracer',
    values: {
      'genkit:metadata:subtype': 'model',
      'genkit:name': 'googleai/gemini-2.0-flash',
      'genkit:input': json({ messages: [{ role: 'user', content: [{ text: 'Q' }] }], config: {} }),
      'genkit:output': json({
        message: { role: 'model', content: [{ text: 'A' }] },
        finishReason: 'stop',
        usage: { inputTokens: 9, outputTokens: 4 },
      }),
    },
    row: { kind: 'llm', request_model: 'googleai/gemini-2.0-flash', input_tokens: 9, output_tokens: 4 },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Genkit: the name of a flow is no model': {
    values: { 'genkit:metadata:subtype': 'flow', 'genkit:name': 'menu', 'genkit:input': '"Q"' },
    row: { kind: 'chain', request_model: '', is_call: false },
    input: ['user: Q'],
  },
  'LangWatch: typed values, metrics and contexts': {
    values: {
      'langwatch.span.type': 'llm',
      'langwatch.input': json({ type: 'chat_messages', value: [{ role: 'user', content: 'Q' }] }),
      'langwatch.output': json({ type: 'text', value: 'A' }),
      'langwatch.metrics': json({ type: 'json', value: { promptTokens: 10, completionTokens: 5, cost: 0.001 } }),
      'langwatch.timestamps': json({ started_at: 1_700_000_000_000, first_token_at: 1_700_000_000_250 }),
      'langwatch.rag_contexts': json({ type: 'json', value: [{ document_id: 'd1', content: 'text' }] }),
      'langwatch.thread.id': 't-1',
      'langwatch.user.id': 'u-1',
    },
    row: {
      kind: 'llm',
      input_tokens: 10,
      output_tokens: 5,
      reported_cost_usd: 0.001,
      time_to_first_token_ms: 250,
      session_id: 't-1',
      user_id: 'u-1',
      documents: [{ id: 'd1', content: 'text', score: null }],
    },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Laminar: its own names, costs in two parts': {
    values: {
      'lmnr.span.type': 'LLM',
      'gen_ai.system': 'openai',
      'lmnr.span.input': json([{ role: 'user', content: 'Q' }]),
      'lmnr.span.output': json([{ role: 'assistant', content: 'A' }]),
      'gen_ai.usage.input_cost': 0.5,
      'gen_ai.usage.output_cost': 0.25,
      'lmnr.association.properties.session_id': 's',
      'lmnr.association.properties.user_id': 'u',
      'lmnr.association.properties.tags': ['a', 'b'],
    },
    row: { kind: 'llm', reported_cost_usd: 0.75, session_id: 's', user_id: 'u', tags: ['a', 'b'] },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Mastra: request bodies and answers of a step': {
    scope: '@mastra/otel-exporter',
    values: {
      'mastra.span.type': 'model_step',
      'mastra.model_step.input': json({ body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Q' }] } }),
      'mastra.model_step.output': json({ text: 'A', toolCalls: [] }),
      'gen_ai.usage.cached_input_tokens': 3,
      'mastra.metadata.threadId': 't',
    },
    row: { kind: 'chain', session_id: 't' },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Flue: a tool': {
    scope: '@flue/opentelemetry',
    values: {
      'flue.operation.kind': 'tool',
      'flue.tool.name': 'weather',
      'flue.tool.call_id': 'c1',
      'flue.tool.arguments': '{"city":"Berlin"}',
      'flue.tool.result': 'sunny',
    },
    row: { kind: 'tool', tool_name: 'weather', tool_call_id: 'c1' },
    input: ['assistant: call c1 weather({"city":"Berlin"})'],
    output: ['tool: result c1 = sunny'],
  },
  'LiveKit: kind by name, context and answer under either prefix': {
    scope: 'livekit-agents',
    name: 'llm_node',
    values: {
      'lk.pii.chat_ctx': json({ items: [{ type: 'message', role: 'user', content: ['Q'] }] }),
      'lk.response.text': 'A',
      'lk.response.function_calls': json([{ call_id: 'c1', name: 'weather', arguments: '{}' }]),
      'lk.response.ttft': 0.25,
    },
    row: { kind: 'chain', time_to_first_token_ms: 250 },
    input: ['user: Q'],
    output: ['assistant: A | call c1 weather({})'],
  },
}

describe('frameworks', () => {
  it.each(Object.entries(CASES))('%s', (_, spanCase) => {
    const { read, expected } = readCase(spanCase)
    expect(read).toMatchObject(expected)
  })

  it('finds documents and the user in the metadata', () => {
    const row = rowOf({
      'openinference.span.kind': 'LLM',
      metadata: json({
        user_id: 'u',
        session_id: 's',
        documents: [{ id: 'd', page_content: 'text', metadata: { score: 0.5 } }],
      }),
    })
    expect(row).toMatchObject({ user_id: 'u', session_id: 's', documents: [{ id: 'd', content: 'text', score: 0.5 }] })
  })

  it('puts reranked documents in the order of the answer', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'rerank',
      'ai.model.id': 'rerank-v3.5',
      'ai.documents': ['one', 'two', 'three'],
      'ai.ranking': [json({ originalIndex: 2, score: 0.9 }), json({ originalIndex: 0, score: 0.1 })],
    })
    expect(row.documents).toEqual([
      { id: '', content: 'three', score: 0.9 },
      { id: '', content: 'one', score: 0.1 },
    ])
  })

  it('takes a client of a vector store for a retrieval by what it found', () => {
    const found = { 'db.query.result.id': 'x', 'db.query.result.score': 0.2, 'db.query.result.document': 'doc' }
    expect(rowOf({ 'db.system': 'chroma' }, { events: [anEvent('db.query.result', found)] })).toMatchObject({
      kind: 'retrieval',
      documents: [{ id: 'x', content: 'doc', score: 0.2 }],
    })
  })
})
