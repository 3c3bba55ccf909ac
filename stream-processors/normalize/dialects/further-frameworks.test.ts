import { describe, expect, it } from 'vitest'
import { rowOf } from '../testing/builders.ts'
import { readCase, type SpanCase } from '../testing/span-cases.ts'

const json = JSON.stringify

/** Frameworks that write neither the conventions' names nor those of a tracing SDK. */
const CASES: Readonly<Record<string, SpanCase>> = {
  'Braintrust: kind, model, counts and first token in JSON': {
    name: 'Chat Completion',
    values: {
      'braintrust.span_attributes': '{"type":"llm"}',
      'braintrust.input_json': json([{ role: 'user', content: 'Q' }]),
      'braintrust.output_json': json([
        { index: 0, message: { role: 'assistant', content: 'A' }, finish_reason: 'stop' },
      ]),
      'braintrust.metadata': json({ provider: 'openai', model: 'gpt-4o-mini' }),
      'braintrust.metrics': json({
        prompt_tokens: 12,
        completion_tokens: 30,
        prompt_cached_tokens: 8,
        prompt_cache_creation_tokens: 2,
        completion_reasoning_tokens: 20,
        time_to_first_token: 0.4,
      }),
      'braintrust.tags': ['a'],
    },
    row: {
      kind: 'llm',
      is_call: true,
      provider: 'openai',
      request_model: 'gpt-4o-mini',
      finish_reasons: ['stop'],
      input_tokens: 12,
      output_tokens: 30,
      cache_read_input_tokens: 8,
      cache_write_input_tokens: 2,
      reasoning_output_tokens: 20,
      time_to_first_token_ms: 400,
      tags: ['a'],
    },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Haystack: what a component is by its class, counts in the reply': {
    name: 'haystack.component.run',
    values: {
      'haystack.component.name': 'llm',
      'haystack.component.type': 'OpenAIChatGenerator',
      'haystack.component.input': json({ messages: [{ role: 'user', content: [{ text: 'Q' }] }] }),
      'haystack.component.output': json({
        replies: [
          {
            role: 'assistant',
            content: [{ text: 'A' }],
            meta: { model: 'gpt-4o', usage: { prompt_tokens: 14, completion_tokens: 7 } },
          },
        ],
      }),
    },
    row: { kind: 'llm', is_call: true, input_tokens: 14, output_tokens: 7 },
    input: ['user: Q'],
    output: ['assistant: A'],
  },
  'Haystack: a retriever': {
    values: {
      'haystack.component.type': 'InMemoryBM25Retriever',
      'haystack.component.input': json({ query: 'Q' }),
      'haystack.component.output': json({ documents: [{ id: 'd', content: 'text', score: 0.5 }] }),
    },
    row: { kind: 'retrieval', query: 'Q', documents: [{ id: 'd', content: 'text', score: 0.5 }] },
  },
  'Haystack: any other component is a step': {
    values: { 'haystack.component.type': 'PromptBuilder' },
    row: { kind: 'chain', is_call: false },
  },
  'Spring AI: a query of a vector store': {
    values: {
      'spring.ai.kind': 'vector_store',
      'db.operation.name': 'query',
      'db.vector.query.content': 'Q',
      'db.vector.query.response.documents': '["one", "two"]',
    },
    row: {
      kind: 'retrieval',
      query: 'Q',
      documents: [
        { id: '', content: 'one', score: null },
        { id: '', content: 'two', score: null },
      ],
    },
  },
  'Spring AI: a tool': {
    values: {
      'gen_ai.operation.name': 'framework',
      'gen_ai.system': 'spring_ai',
      'spring.ai.kind': 'tool_call',
      'spring.ai.tool.definition.name': 'weather',
      'spring.ai.tool.call.arguments': '{"city":"Oslo"}',
      'spring.ai.tool.call.result': '"Rain"',
    },
    row: { kind: 'tool', tool_name: 'weather', provider: '' },
    input: ['assistant: call  weather({"city":"Oslo"})'],
    output: ['tool: result  = Rain'],
  },
  'Spring AI: a client around the call': {
    values: {
      'gen_ai.operation.name': 'framework',
      'gen_ai.system': 'spring_ai',
      'spring.ai.kind': 'chat_client',
      'spring.ai.chat.client.conversation.id': 'c',
    },
    row: { kind: 'chain', is_call: false, session_id: 'c' },
  },
  'vLLM: counts and seconds of the server': {
    name: 'llm_request',
    values: {
      'gen_ai.response.model': 'meta-llama/Llama-3.1-8B-Instruct',
      'gen_ai.usage.prompt_tokens': 17,
      'gen_ai.usage.completion_tokens': 64,
      'gen_ai.latency.time_to_first_token': 0.045,
    },
    row: { kind: 'llm', input_tokens: 17, output_tokens: 64, time_to_first_token_ms: 45, input_captured: false },
  },
  'Pipecat: seconds to the first byte': {
    values: { 'gen_ai.request.model': 'gpt-4o', 'metrics.ttfb': 0.25, 'conversation.id': 'c' },
    row: { kind: 'llm', time_to_first_token_ms: 250, session_id: 'c' },
  },
  'Copilot Chat: milliseconds to the first token': {
    values: { 'gen_ai.operation.name': 'chat', 'copilot_chat.time_to_first_token': 450 },
    row: { kind: 'llm', time_to_first_token_ms: 450 },
  },
  'Azure AI Agents: the thread is the session, a queued run no call': {
    values: {
      'gen_ai.system': 'az.ai.agents',
      'gen_ai.operation.name': 'start_thread_run',
      'gen_ai.thread.id': 'thread_1',
      'gen_ai.response.model': 'gpt-4o',
    },
    row: { kind: 'chain', is_call: false, session_id: 'thread_1', provider: 'azure.ai.agents' },
  },
  'Google ADK: its session, and thoughts beside the output': {
    scope: 'gcp.vertex.agent',
    name: 'call_llm',
    values: {
      'gen_ai.system': 'gcp.vertex.agent',
      'gen_ai.request.model': 'gemini-2.5-flash',
      'gcp.vertex.agent.session_id': 's',
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': 9,
      'gen_ai.usage.experimental.reasoning_tokens': 7,
    },
    row: { session_id: 's', output_tokens: 16, reasoning_output_tokens: 7 },
  },
  'Genkit: a tool by its action, and a failure without a status': {
    name: 'getWeather',
    values: {
      'genkit:metadata:subtype': 'tool',
      'genkit:name': 'getWeather',
      'genkit:input': '{"city":"Oslo"}',
      'genkit:state': 'error',
    },
    row: { kind: 'tool', tool_name: 'getWeather', status: 'error' },
    input: ['assistant: call  getWeather({"city":"Oslo"})'],
  },
  'MLflow: a tool by the name of its span': {
    name: 'add',
    values: { 'mlflow.spanType': '"TOOL"', 'mlflow.spanInputs': '{"a":1}', 'mlflow.spanOutputs': '3' },
    row: { kind: 'tool', tool_name: 'add' },
    output: ['tool: result  = 3'],
  },
  'agno: the agent by its place in the graph': {
    name: 'Stock_Agent.run',
    values: { 'openinference.span.kind': 'AGENT', 'graph.node.id': 'a1', 'graph.node.name': 'Stock Agent' },
    row: { kind: 'agent', agent_name: 'Stock Agent' },
  },
  'LlamaIndex: the text in a bundle of a query': {
    values: {
      'openinference.span.kind': 'RETRIEVER',
      'input.value': json({ query_bundle: { query_str: 'Q' } }),
      'retrieval.documents.0.document.content': 'text',
    },
    row: { kind: 'retrieval', query: 'Q' },
  },
  'Codex: a turn that names its model is no call': {
    scope: 'codex_cli_rs',
    values: { 'codex.turn.token_usage.input_tokens': 100, model: 'gpt-5-codex' },
    row: { kind: 'chain', is_call: false, reported_input_tokens: 100 },
  },
  'an unknown SDK that keeps the answer of the provider': {
    values: {
      'acme.response.body': json({
        choices: [{ message: { role: 'assistant', content: 'A' }, finish_reason: 'stop' }],
      }),
    },
    output: ['assistant: A'],
  },
}

describe('further frameworks', () => {
  it.each(Object.entries(CASES))('%s', (_, spanCase) => {
    const { read, expected } = readCase(spanCase)
    expect(read).toMatchObject(expected)
  })

  it('knows roles of Python enums', () => {
    const row = rowOf({
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'MessageRole.USER',
      'llm.input_messages.0.message.content': 'Q',
    })
    expect(row.input_messages[0]?.role).toBe('user')
  })
})
