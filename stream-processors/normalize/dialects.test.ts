import { describe, expect, it } from 'vitest'
import { anEvent, lines, type Plain, rowOf } from './testing/builders.ts'

type Values = Readonly<Record<string, Plain>>

describe('which dialect reads a span', () => {
  it.each<[string, Values, string | undefined]>([
    ['langfuse', { 'langfuse.observation.type': 'generation', 'openinference.span.kind': 'LLM' }, undefined],
    ['openinference', { 'openinference.span.kind': 'LLM', 'gen_ai.operation.name': 'chat' }, undefined],
    ['vercel_ai', { 'ai.operationId': 'ai.generateText', 'gen_ai.system': 'openai' }, 'ai'],
    ['vercel_ai', { 'gen_ai.operation.name': 'chat' }, 'gen_ai'],
    ['openllmetry', { 'traceloop.span.kind': 'task', 'gen_ai.operation.name': 'execute_task' }, undefined],
    ['openllmetry', { 'gen_ai.operation.name': 'chat' }, '@traceloop/instrumentation-openai'],
    ['openllmetry', { 'gen_ai.prompt.0.content': 'x', 'gen_ai.system': 'OpenAI' }, undefined],
    ['otel_genai', { 'gen_ai.operation.name': 'chat' }, undefined],
    ['otel_genai', { 'langfuse.environment': 'production', 'gen_ai.system': 'openai' }, undefined],
    ['generic', { 'http.method': 'GET' }, undefined],
  ])('%s reads %j', (dialect, values, scope) => {
    expect(rowOf(values, {}, scope).dialect).toBe(dialect)
  })
})

describe('kind', () => {
  it.each<[string, boolean, Values]>([
    ['llm', true, { 'langfuse.observation.type': 'generation' }],
    [
      'embedding',
      true,
      { 'langfuse.observation.type': 'generation', 'langfuse.observation.model.name': 'text-embedding-3-small' },
    ],
    ['llm', true, { 'langfuse.observation.type': 'span', 'langfuse.observation.model.name': 'gpt-4o' }],
    ['other', false, { 'langfuse.observation.type': 'span' }],
    ['other', false, { 'langfuse.observation.type': 'event' }],
    ['retrieval', false, { 'langfuse.observation.type': 'retriever', 'openinference.span.kind': 'LLM' }],
    ['guardrail', false, { 'openinference.span.kind': 'GUARDRAIL', 'llm.model_name': 'gpt-4o' }],
    ['chain', false, { 'openinference.span.kind': 'CHAIN', 'gen_ai.operation.name': 'chat' }],
    ['rerank', true, { 'openinference.span.kind': 'RERANKER', 'reranker.model_name': 'rerank-v3.5' }],
    ['rerank', false, { 'openinference.span.kind': 'RERANKER' }],
    ['evaluator', false, { 'openinference.span.kind': 'EVALUATOR' }],
    ['retrieval', false, { 'langsmith.span.kind': 'retriever', 'gen_ai.operation.name': 'embeddings' }],
    ['llm', true, { 'gen_ai.operation.name': 'chat' }],
    ['llm', true, { 'gen_ai.operation.name': 'generate_content' }],
    ['embedding', true, { 'gen_ai.operation.name': 'embeddings' }],
    ['agent', false, { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-4o' }],
    ['tool', false, { 'gen_ai.operation.name': 'execute_tool' }],
    ['retrieval', false, { 'gen_ai.operation.name': 'retrieval' }],
    ['chain', false, { 'gen_ai.operation.name': 'invoke_workflow' }],
    ['chain', false, { 'gen_ai.operation.name': 'agent_step' }],
    ['llm', true, { 'genkit:metadata:subtype': 'model', 'genkit:name': 'openai/gpt-5-mini' }],
    ['llm', true, { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.model.id': 'gpt-4o' }],
    ['chain', false, { 'ai.operationId': 'ai.generateText', 'ai.model.id': 'gpt-4o' }],
    ['chain', false, { 'operation.name': 'ai.streamText my-function', 'ai.model.id': 'gpt-4o' }],
    ['embedding', true, { 'ai.operationId': 'ai.embedMany.doEmbed', 'ai.model.id': 'e' }],
    ['tool', false, { 'ai.operationId': 'ai.toolCall' }],
    ['tool', false, { 'gen_ai.tool.name': 'search', model: '' }],
    ['llm', true, { 'llm.request.type': 'completion', 'llm.request.model': 'davinci-002' }],
    ['rerank', true, { 'llm.request.type': 'rerank', 'gen_ai.request.model': 'rerank-3' }],
    ['chain', false, { 'traceloop.span.kind': 'workflow' }],
    ['agent', false, { 'traceloop.span.kind': 'agent' }],
    ['llm', true, { 'gen_ai.request.model': 'gpt-4o' }],
    ['other', false, { 'gen_ai.request.model': '', 'ai.model.id': '' }],
    ['other', false, { 'logfire.span_type': 'pending_span' }],
    ['other', false, {}],
  ])('%s (call: %s) from %j', (kind, is_call, values) => {
    expect(rowOf(values)).toMatchObject({ kind, is_call })
  })

  it('counts a failed call, with unknown tokens', () => {
    const row = rowOf({ 'gen_ai.operation.name': 'chat', 'error.type': 'timeout' }, { status_code: 2 })
    expect(row).toMatchObject({
      is_call: true,
      status: 'error',
      input_tokens: null,
      output_tokens: null,
      cost_usd: null,
    })
  })

  it('counts no placeholder of an open span', () => {
    const row = rowOf({ 'gen_ai.request.model': 'gpt-4o', 'logfire.span_type': 'pending_span' })
    expect(row.is_call).toBe(false)
    expect(row.version >> 48n).toBe(0n)
  })
})

describe('OpenTelemetry GenAI', () => {
  it('reads 1.37 and later, structured or as JSON text', () => {
    const messages = [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }]
    const output = [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finish_reason: 'stop' }]
    const common = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'priced-model',
      'gen_ai.usage.input_tokens': 19,
      'gen_ai.usage.output_tokens': 10,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.usage.reasoning.output_tokens': 2,
      'gen_ai.response.time_to_first_chunk': 0.25,
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.conversation.id': 'c1',
    }
    const structured = rowOf({
      ...common,
      'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
      'gen_ai.input.messages': messages,
      'gen_ai.output.messages': output,
    })
    const text = rowOf({
      ...common,
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'Be brief.' }]),
      'gen_ai.input.messages': JSON.stringify(messages),
      'gen_ai.output.messages': JSON.stringify(output),
    })
    expect(structured).toEqual(text)
    expect(text).toMatchObject({
      system_instructions: 'Be brief.',
      finish_reasons: ['stop'],
      input_tokens: 19,
      cache_read_input_tokens: 4,
      reasoning_output_tokens: 2,
      time_to_first_token_ms: 250,
      session_id: 'c1',
      cost_usd: (15 * 2 + 4 * 1 + 10 * 8) / 1e6,
      price_version: '2026-01-01',
    })
    expect(text.parameters).toMatchObject({ temperature: 0.2, stop_sequences: ['END'] })
    expect(lines(text.input_messages)).toEqual(['user: Hi'])
    expect(lines(text.output_messages)).toEqual(['assistant: Hello'])
  })

  it.each([
    ['a bare string', 'Be brief.'],
    ['strings', '["Be brief."]'],
    ['parts', '[{"type":"text","content":"Be brief."}]'],
  ])('reads system instructions given as %s', (_, value) => {
    const row = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.system_instructions': value })
    expect(row.system_instructions).toBe('Be brief.')
    expect(row.input_captured).toBe(false)
  })

  it('reads 1.26: prompt and completion as span events', () => {
    const row = rowOf(
      {
        'gen_ai.system': 'openai',
        'gen_ai.request.model': 'gpt-4',
        'gen_ai.usage.prompt_tokens': 3,
        'gen_ai.usage.completion_tokens': 5,
      },
      {
        events: [
          anEvent('gen_ai.content.prompt', {
            'gen_ai.prompt': '[{"role":"system","content":"S"},{"role":"user","content":"Q"}]',
          }),
          anEvent('gen_ai.content.completion', { 'gen_ai.completion': '[{"role":"assistant","content":"A"}]' }),
        ],
      },
    )
    expect(row).toMatchObject({
      system_instructions: 'S',
      input_tokens: 3,
      output_tokens: 5,
      input_captured: true,
      output_captured: true,
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
  })

  it('reads 1.28 to 1.36: one event a message, as Strands and Semantic Kernel send them', () => {
    const row = rowOf(
      { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'strands-agents', 'gen_ai.request.model': 'claude-sonnet-4' },
      {
        events: [
          anEvent('gen_ai.system.message', { content: '[{"text":"S"}]' }),
          anEvent('gen_ai.user.message', { content: '[{"text":"Q"}]' }),
          anEvent('gen_ai.assistant.message', {
            content: '[{"toolUse":{"toolUseId":"t1","name":"add","input":{"a":1}}}]',
          }),
          anEvent('gen_ai.tool.message', { content: '[{"toolResult":{"toolUseId":"t1","content":[{"text":"2"}]}}]' }),
          anEvent('gen_ai.choice', {
            finish_reason: 'end_turn',
            index: '0',
            message: '{"role":"assistant","content":"A"}',
          }),
        ],
      },
    )
    expect(row).toMatchObject({ system_instructions: 'S', provider: 'anthropic', finish_reasons: ['end_turn'] })
    expect(lines(row.input_messages)).toEqual(['user: Q', 'assistant: call t1 add({"a":1})', 'tool: result t1 = 2'])
    expect(lines(row.output_messages)).toEqual(['assistant: A'])
  })

  it('merges several operation.details events', () => {
    const row = rowOf(
      { 'gen_ai.operation.name': 'chat' },
      {
        events: [
          anEvent('gen_ai.client.inference.operation.details', {
            'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Q"}]}]',
          }),
          anEvent('gen_ai.client.inference.operation.details', {
            'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":"A"}]}]',
          }),
        ],
      },
    )
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
  })

  it('says that nothing was captured where content is elsewhere or off, and that an empty text was', () => {
    const uncaptured = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages_ref': 'memory://x' })
    expect(uncaptured).toMatchObject({ input_captured: false, output_captured: false })
    const empty = rowOf({ 'gen_ai.operation.name': 'chat', 'gen_ai.completion': '' })
    expect(empty).toMatchObject({ input_captured: false, output_captured: true })
    expect(lines(empty.output_messages)).toEqual(['assistant: '])
  })

  it('reads retrievals with their scores', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.retrieval.query.text': 'capital?',
      'gen_ai.retrieval.documents': [
        { id: 'd1', score: 0.9, content: 'Paris' },
        { id: 'd2', score: '0.1' },
      ],
    })
    expect(row).toMatchObject({
      kind: 'retrieval',
      query: 'capital?',
      documents: [
        { id: 'd1', content: 'Paris', score: 0.9 },
        { id: 'd2', content: '', score: 0.1 },
      ],
    })
  })

  it('keeps what an agent says its children used apart from the sums', () => {
    const row = rowOf({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.usage.input_tokens': 38,
      'gen_ai.aggregated_usage.output_tokens': 20,
    })
    expect(row).toMatchObject({
      input_tokens: null,
      output_tokens: null,
      reported_input_tokens: 38,
      reported_output_tokens: 20,
    })
  })
})

describe('OpenInference', () => {
  it('reads flat indexed messages in numeric order, whatever the order of the attributes', () => {
    const values: Record<string, Plain> = { 'openinference.span.kind': 'LLM', 'input.value': '{"messages":[]}' }
    for (const index of [10, 2, 0]) {
      values[`llm.input_messages.${index}.message.role`] = 'user'
      values[`llm.input_messages.${index}.message.content`] = `m${index}`
    }
    expect(lines(rowOf(values).input_messages)).toEqual(['user: m0', 'user: m2', 'user: m10'])
  })

  it('reads tool calls, images and reasoning', () => {
    const row = rowOf({
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.contents.0.message_content.type': 'text',
      'llm.input_messages.0.message.contents.0.message_content.text': 'What?',
      'llm.input_messages.0.message.contents.1.message_content.type': 'image',
      'llm.input_messages.0.message.contents.1.message_content.image.image.url': 'https://example.com/a.png',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
      'llm.output_messages.0.message.contents.0.message_content.text': 'hm',
      'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'c1',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'add',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"a":1}',
    })
    expect(lines(row.input_messages)).toEqual(['user: What? | media image https://example.com/a.png'])
    expect(lines(row.output_messages)).toEqual(['assistant: reasoning hm | call c1 add({"a":1})'])
  })

  it("reads LangChain's score from the metadata", () => {
    const row = rowOf({
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'capital?',
      'retrieval.documents.0.document.content': 'Paris',
      'retrieval.documents.0.document.metadata': '{"source":"wiki","score":0.91}',
    })
    expect(row).toMatchObject({
      query: 'capital?',
      documents: [{ id: '', content: 'Paris', score: 0.91 }],
      output_captured: true,
    })
    expect(row.input_messages).toEqual([])
  })

  it.each([
    ['asked and answered', { 'llm.model_name': 'm-2024', 'llm.invocation_parameters': '{"model":"m"}' }, 'm', 'm-2024'],
    ['asked only', { 'llm.model_name': 'm', 'llm.invocation_parameters': '{"model":"m"}' }, 'm', ''],
    [
      'explicit names',
      { 'llm.request.model_name': 'a', 'llm.response.model_name': 'b', 'llm.model_name': 'c' },
      'a',
      'b',
    ],
  ])('tells the models apart: %s', (_, values, request_model, response_model) => {
    expect(rowOf({ 'openinference.span.kind': 'LLM', ...values })).toMatchObject({ request_model, response_model })
  })
})

describe('OpenLLMetry', () => {
  it('reads llm.prompts of the first generation', () => {
    const row = rowOf({
      'llm.request.type': 'completion',
      'llm.vendor': 'OpenAI',
      'llm.request.model': 'davinci-002',
      'llm.prompts.0.user': 'Tell me a joke',
      'llm.completions.0.content': 'No.',
      'llm.completions.0.finish_reason': 'length',
      'llm.usage.prompt_tokens': 8,
      'llm.usage.completion_tokens': 16,
      'llm.headers': 'None',
    })
    expect(row).toMatchObject({
      provider: 'openai',
      request_model: 'davinci-002',
      input_tokens: 8,
      output_tokens: 16,
      finish_reasons: ['length'],
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['user: Tell me a joke'],
      ['assistant: No.'],
    ])
    expect(row.attributes.size).toBe(0)
  })

  it('reads gen_ai.prompt.<i> of the second, with parts as JSON, tool calls and empty lists for unset values', () => {
    const row = rowOf({
      'llm.request.type': 'chat',
      'gen_ai.system': 'Anthropic',
      'gen_ai.request.model': 'claude',
      'llm.request.reasoning_effort': [],
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content':
        '[{"type":"text","text":"Look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGVsbG8="}}]',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.tool_calls.0.id': 't1',
      'gen_ai.completion.0.tool_calls.0.name': 'add',
      'gen_ai.completion.0.tool_calls.0.arguments': '{"a":1}',
      'gen_ai.completion.0.finish_reason': 'tool_calls',
      'gen_ai.usage.prompt_tokens': '7',
      'gen_ai.usage.completion_tokens': 3.0,
      'traceloop.association.properties.session_id': 456,
    })
    expect(row).toMatchObject({
      provider: 'anthropic',
      input_tokens: 7,
      output_tokens: 3,
      session_id: '456',
      finish_reasons: ['tool_calls'],
    })
    expect(lines(row.input_messages)).toEqual([
      'user: Look | media image/png sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    ])
    expect(lines(row.output_messages)).toEqual(['assistant: call t1 add({"a":1})'])
  })

  it('reads workflows, and names tools after their entity', () => {
    const row = rowOf({
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'get_weather',
      'traceloop.entity.input': '{"city":"Paris"}',
      'traceloop.entity.output': '{"temp_c":21}',
      'traceloop.workflow.name': 'chat',
      'traceloop.prompt.key': 'joke',
      'traceloop.prompt.version': '5',
    })
    expect(row).toMatchObject({
      kind: 'tool',
      tool_name: 'get_weather',
      workflow_name: 'chat',
      prompt_name: 'joke',
      prompt_version: '5',
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['assistant: call  ({"city":"Paris"})'],
      ['tool: result  = {"temp_c":21}'],
    ])
  })

  it('takes the time of the first chunk event', () => {
    const row = rowOf(
      { 'llm.request.type': 'chat', 'gen_ai.request.model': 'm' },
      {
        events: [
          anEvent('gen_ai.content.completion.chunk', {}, 40),
          anEvent('gen_ai.content.completion.chunk', {}, 90),
        ],
      },
    )
    expect(row.time_to_first_token_ms).toBe(40)
  })

  it('reads LangChain documents from the output', () => {
    const row = rowOf({
      'traceloop.span.kind': 'task',
      'gen_ai.operation.name': 'vector_db_retrieve',
      'gen_ai.provider.name': 'langchain',
      'traceloop.entity.input': '{"query":"capital?","tags":[],"kwargs":{}}',
      'traceloop.entity.output': '{"documents":[{"page_content":"Paris","metadata":{"score":0.9}}],"count":1}',
    })
    expect(row).toMatchObject({
      kind: 'retrieval',
      query: 'capital?',
      provider: '',
      documents: [{ id: '', content: 'Paris', score: 0.9 }],
    })
  })
})

describe('Vercel AI SDK', () => {
  const call = {
    'ai.operationId': 'ai.generateText.doGenerate',
    'ai.model.id': 'gpt-4o',
    'ai.model.provider': 'openai.responses',
  }

  it('reads text, tool calls and reasoning of one answer as one message', () => {
    const row = rowOf({
      ...call,
      'ai.prompt.messages': '[{"role":"user","content":[{"type":"text","text":"Q"}]}]',
      'ai.prompt.tools': ['{"type":"function","name":"add"}'],
      'ai.response.text': '',
      'ai.response.reasoning': 'hm',
      'ai.response.toolCalls': '[{"toolCallId":"c1","toolName":"add","input":{"a":1}}]',
      'ai.response.finishReason': 'tool-calls',
      'ai.telemetry.metadata.userId': 'u1',
      'ai.telemetry.metadata.langfusePrompt': '{"name":"joke","version":3}',
    })
    expect(row).toMatchObject({
      provider: 'openai',
      finish_reasons: ['tool-calls'],
      user_id: 'u1',
      prompt_name: 'joke',
      prompt_version: '3',
    })
    expect(row.tool_definitions).toBe('[{"type":"function","name":"add"}]')
    expect(lines(row.output_messages)).toEqual(['assistant: reasoning hm | call c1 add({"a":1})'])
  })

  it.each([
    [
      '3',
      { 'ai.result.text': 'A', 'ai.finishReason': 'stop', 'ai.usage.promptTokens': 3, 'ai.usage.completionTokens': 10 },
    ],
    [
      '4',
      {
        'ai.response.text': 'A',
        'ai.response.finishReason': 'stop',
        'ai.usage.promptTokens': 3,
        'gen_ai.usage.output_tokens': 10,
      },
    ],
    [
      '5',
      {
        'ai.response.text': 'A',
        'gen_ai.response.finish_reasons': ['stop'],
        'ai.usage.inputTokens': 3,
        'ai.usage.outputTokens': 10,
      },
    ],
  ])('reads version %s', (_, values) => {
    const row = rowOf({ ...call, ...values })
    expect(row).toMatchObject({ input_tokens: 3, output_tokens: 10, finish_reasons: ['stop'] })
    expect(lines(row.output_messages)).toEqual(['assistant: A'])
  })

  it('leaves generated JSON as the text it is, and reads the outer prompt', () => {
    expect(lines(rowOf({ ...call, 'ai.response.object': '{"content":"Hello"}' }).output_messages)).toEqual([
      'assistant: {"content":"Hello"}',
    ])
    const outer = rowOf({
      'ai.operationId': 'ai.generateText',
      'ai.prompt': '{"system":"S","prompt":"Q"}',
      'ai.usage.inputTokens': 9,
    })
    expect(outer).toMatchObject({
      kind: 'chain',
      system_instructions: 'S',
      input_tokens: null,
      reported_input_tokens: 9,
    })
    expect(lines(outer.input_messages)).toEqual(['user: Q'])
  })

  it('takes cache counts from providerMetadata', () => {
    const row = rowOf({
      ...call,
      'ai.usage.inputTokens': 18495,
      'ai.usage.cachedInputTokens': '16399',
      'ai.response.providerMetadata':
        '{"anthropic":{"usage":{"cache_read_input_tokens":16399},"cacheCreationInputTokens":2089}}',
    })
    expect(row).toMatchObject({ input_tokens: 18495, cache_read_input_tokens: 16399, cache_write_input_tokens: 2089 })
  })

  it('leaves vectors out', () => {
    const row = rowOf({
      'ai.operationId': 'ai.embed.doEmbed',
      'ai.model.id': 'e',
      'ai.value': '"sunny"',
      'ai.embedding': '[0.1]',
      'ai.usage.tokens': 10,
    })
    expect(row).toMatchObject({ kind: 'embedding', input_tokens: 10, output_captured: false })
    expect(lines(row.input_messages)).toEqual(['user: sunny'])
    expect(row.attributes.has('ai.embedding')).toBe(false)
  })
})

describe('Langfuse', () => {
  const generation = { 'langfuse.observation.type': 'generation', 'langfuse.observation.model.name': 'gpt-4o' }

  it.each([
    [
      'exclusive',
      { input: 15, output: 8, total: 29, input_cached_tokens: 4, output_reasoning_tokens: 2 },
      [19, 10, 4, null, 2],
    ],
    [
      'exclusive, Anthropic',
      { input_tokens: 15, output_tokens: 10, cache_read_input_tokens: 4, cache_creation_input_tokens: 6 },
      [25, 10, 4, 6, null],
    ],
    [
      'split cache writes',
      { input: 1, output: 1, input_cache_creation_5m: 2, input_cache_creation_1h: 3 },
      [6, 1, null, 5, null],
    ],
    ['inclusive by its total', { input: 19, output: 10, total: 29, input_cached_tokens: 4 }, [19, 10, 4, null, null]],
    [
      'OpenAI',
      {
        prompt_tokens: 19,
        completion_tokens: 10,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
      [19, 10, 4, null, 2],
    ],
    [
      'OpenAI responses',
      { input_tokens: 19, output_tokens: 10, input_tokens_details: { cached_tokens: 4 } },
      [19, 10, 4, null, null],
    ],
    ['nothing', {}, [null, null, null, null, null]],
    ['nonsense', { input: 'many', output: -3 }, [null, null, null, null, null]],
  ])('makes %s counts inclusive', (_, details, [input, output, read, written, reasoning]) => {
    expect(rowOf({ ...generation, 'langfuse.observation.usage_details': JSON.stringify(details) })).toMatchObject({
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: read,
      cache_write_input_tokens: written,
      reasoning_output_tokens: reasoning,
    })
  })

  it('reads level, costs, first token, prompt, session, tags and parameters', () => {
    const row = rowOf({
      ...generation,
      'langfuse.observation.input': '{"messages":[{"role":"user","content":"Q"}]}',
      'langfuse.observation.output': '{"role":"assistant","content":"A"}',
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'Rate limit',
      'langfuse.observation.cost_details': '{"input":0.01,"output":0.02}',
      'langfuse.observation.completion_start_time': '"2026-01-01T00:00:00.250Z"',
      'langfuse.observation.prompt.name': 'joke',
      'langfuse.observation.prompt.version': 3,
      'langfuse.observation.model.parameters': '{"temperature":"0.2","max_tokens":"Infinity"}',
      'langfuse.session.id': 's1',
      'session.id': 'other',
      'user.id': 'u1',
      'langfuse.trace.tags': '["a","b"]',
      'langfuse.environment': 'production',
      'langfuse.trace.metadata.plan': 'pro',
    })
    expect(row).toMatchObject({
      status: 'error',
      error_message: 'Rate limit',
      reported_cost_usd: 0.03,
      time_to_first_token_ms: 250,
      prompt_name: 'joke',
      prompt_version: '3',
      session_id: 's1',
      user_id: 'u1',
      tags: ['a', 'b'],
      environment: 'production',
    })
    expect(row.parameters).toMatchObject({ temperature: 0.2, max_tokens: null })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
    expect(row.attributes.get('langfuse.trace.metadata.plan')).toBe('pro')
  })

  it('fills gaps from gen_ai attributes on the same span', () => {
    const row = rowOf({
      'langfuse.observation.type': 'generation',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.prompt.0.content': 'Q',
    })
    expect(row).toMatchObject({ dialect: 'langfuse', request_model: 'gpt-4o', input_tokens: 5 })
    expect(lines(row.input_messages)).toEqual(['user: Q'])
  })
})

describe('others', () => {
  it('reads the bytes and the Python reprs of LangSmith', () => {
    const row = rowOf({
      'langsmith.span.kind': 'llm',
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': 'langchain',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.prompt': Buffer.from('{"messages":[{"role":"user","content":"Q"}]}'),
      'gen_ai.completion': Buffer.from(
        '{"choices":[{"message":{"role":"assistant","content":"A"},"finish_reason":"stop"}]}',
      ),
      'gen_ai.usage.input_tokens': 21,
      'gen_ai.usage.input_token_details': "{'cache_read': 4}",
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.usage.output_token_details': "{'reasoning': 1}",
      'langsmith.metadata.session_id': 's1',
      'langsmith.span.tags': 'prod, v2',
    })
    expect(row).toMatchObject({
      provider: 'openai',
      cache_read_input_tokens: 4,
      reasoning_output_tokens: 1,
      session_id: 's1',
      tags: ['prod', 'v2'],
      finish_reasons: ['stop'],
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: Q'], ['assistant: A']])
  })

  it('keeps an unknown span readable', () => {
    const row = rowOf({
      input: '{"question":"why"}',
      output: 'because',
      'custom.key': 7,
      'custom.list': ['a', { b: 1 }],
    })
    expect(row).toMatchObject({ dialect: 'generic', kind: 'other', input_captured: true, output_captured: true })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['user: {"question":"why"}'],
      ['assistant: because'],
    ])
    expect([...row.attributes]).toEqual([
      ['custom.key', '7'],
      ['custom.list', '["a",{"b":1}]'],
    ])
  })

  it('does not take bare names for content on spans of a known dialect', () => {
    const row = rowOf({ 'gen_ai.operation.name': 'chat', input: 'something of the app', output: 'else' })
    expect(row).toMatchObject({ input_captured: false, output_captured: false })
    expect(row.attributes.get('input')).toBe('something of the app')
  })
})
