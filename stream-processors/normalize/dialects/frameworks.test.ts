import { describe, expect, it } from 'vitest'
import { anEvent, lines, type Plain, rowOf } from '../testing/builders.ts'

type Values = Readonly<Record<string, Plain>>
interface Case {
  readonly values: Values
  readonly scope?: string
  readonly name?: string
  readonly row?: Readonly<Record<string, unknown>>
  readonly input?: readonly string[]
  readonly output?: readonly string[]
}

const json = JSON.stringify

const CASES: Readonly<Record<string, Case>> = {
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

describe('frameworks', () => {
  it.each(Object.entries(CASES))('%s', (_, { values, scope, name, row: expected, input, output }) => {
    const row = rowOf(values, name ? { name } : {}, scope)
    if (expected) expect(row).toMatchObject(expected)
    if (input) expect(lines(row.input_messages)).toEqual(input)
    if (output) expect(lines(row.output_messages)).toEqual(output)
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

  it('reads what others said of a span, from its events and its attributes', () => {
    const row = rowOf(
      {
        'openinference.span.kind': 'LLM',
        'evaluations.0.evaluation.name': 'hallucination',
        'evaluations.0.evaluation.score': 1,
        'annotations.0.annotation.name': 'thumb',
        'annotations.0.annotation.label': 'pass',
        'trace.evaluations.0.evaluation.name': 'whole',
      },
      {
        events: [
          anEvent('gen_ai.evaluation.result', {
            'gen_ai.evaluation.name': 'Relevance',
            'gen_ai.evaluation.score.value': 0.9,
          }),
          anEvent('langwatch.evaluation.custom', { json_encoded_event: '{"name":"toxicity","passed":true}' }),
        ],
      },
    )
    expect(
      row.reported_evaluations.map(({ judge, tier, verdicts }) => [
        judge,
        tier,
        verdicts[0]?.score,
        verdicts[0]?.passed,
      ]),
    ).toEqual([
      ['Relevance', 'external', 0.9, null],
      ['toxicity', 'external', null, true],
      ['hallucination', 'external', 1, null],
      ['thumb', 'external', null, true],
      ['trace.whole', 'external', null, null],
    ])
  })

  it('reads evaluations from single attributes: the conventions, OpenLIT, feedback of Logfire', () => {
    const judgesOf = (values: Values) =>
      rowOf(values).reported_evaluations.map(({ judge, verdicts }) => [
        judge,
        verdicts[0]?.score,
        verdicts[0]?.explanation,
      ])
    expect(judgesOf({ 'gen_ai.evaluation.name': 'X', 'gen_ai.evaluation.score.value': 0.5 })).toEqual([['X', 0.5, '']])
    expect(judgesOf({ 'gen_ai.eval.groundedness': 0.7, 'gen_ai.eval.note': 'text' })).toEqual([
      ['groundedness', 0.7, ''],
    ])
    const feedback = { 'logfire.feedback.name': 'factuality', factuality: 0.1, 'logfire.feedback.comment': 'it lied' }
    expect(judgesOf(feedback)).toEqual([['factuality', 0.1, 'it lied']])
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
})
