import { describe, expect, it } from 'vitest'
import { anEvent, lines, type Plain, rowOf } from './testing/builders.ts'

/** Habits of senders that only real payloads showed, each with an invented example. */

const CALL = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
const AGENT = { 'gen_ai.operation.name': 'invoke_agent' }
const TOOL = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'add', 'gen_ai.tool.call.id': 'c1' }
const json = (value: unknown) => JSON.stringify(value)

const said = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] })

/** Attributes, and what the span then reads as. */
const INPUTS: readonly (readonly [string, Record<string, Plain>, readonly string[]])[] = [
  [
    'raw line breaks in glued JSON',
    { ...CALL, 'gen_ai.prompt': '[{"role": "user", "content": "a\nb"}]' },
    ['user: a\nb'],
  ],
  [
    'text that only looks like JSON',
    { ...CALL, 'gen_ai.prompt': '[INST] a\nb [/INST]' },
    ['user: [INST] a\nb [/INST]'],
  ],
  [
    'documents, serialized as LangChain does',
    {
      'traceloop.span.kind': 'task',
      'traceloop.entity.input': json({
        inputs: [{ lc: 1, type: 'constructor', id: ['langchain', 'Document'], kwargs: { page_content: 'p' } }],
        kwargs: {},
      }),
    },
    ['user: [{"lc":1,"type":"constructor","id":["langchain","Document"],"kwargs":{"page_content":"p"}}]'],
  ],
  [
    'a prompt, serialized as LangChain does',
    {
      'traceloop.span.kind': 'task',
      'traceloop.entity.input': json({
        inputs: {
          lc: 1,
          id: ['langchain', 'ChatPromptValue'],
          kwargs: { messages: [{ lc: 1, id: ['langchain', 'HumanMessage'], kwargs: { content: 'q' } }] },
        },
        kwargs: {},
      }),
    },
    ['user: q'],
  ],
  [
    'data with types of its own',
    { ...CALL, 'gen_ai.prompt': json([{ type: 'Row', v: 1 }]) },
    ['user: [{"type":"Row","v":1}]'],
  ],
  [
    'parts that Bedrock names by their key',
    { 'llm.request.type': 'chat', 'gen_ai.prompt.0.role': 'user', 'gen_ai.prompt.0.content': '[{"text": "q"}]' },
    ['user: q'],
  ],
  [
    'what a guardrail looks at',
    { 'llm.request.type': 'chat', 'gen_ai.prompt.0.content': '[{"guardContent": {"text": {"text": "q"}}}]' },
    ['user: q'],
  ],
  [
    'arguments beside the messages of a model call',
    { ...CALL, 'gen_ai.input.messages': json([said('user', 'q')]), tool_arguments: '{"a":1}' },
    ['user: q'],
  ],
  [
    'the wrapper around the arguments of a tool',
    { ...TOOL, 'gen_ai.tool.call.arguments': json({ input_str: "{'a': 1}", inputs: { a: 1 }, kwargs: {} }) },
    ['assistant: call c1 add({"a":1})'],
  ],
  ['a call without arguments', { ...TOOL, 'gen_ai.tool.call.arguments': '{}' }, ['assistant: call c1 add({})']],
  [
    'the wrapper around the one text that a tool takes',
    { ...TOOL, 'gen_ai.tool.call.arguments': json({ input_str: 'q', inputs: {}, kwargs: {} }) },
    ['assistant: call c1 add(q)'],
  ],
  [
    'a voice session',
    { ...CALL, 'lk.chat_ctx': json({ items: [{ type: 'message', role: 'user', content: ['hi'] }] }) },
    ['user: hi'],
  ],
]

const OUTPUTS: readonly (readonly [string, Record<string, Plain>, readonly string[]])[] = [
  [
    'the chunks of a stream, joined',
    { ...CALL, response_data: json({ combined_chunk_content: 'a', chunk_count: 2 }) },
    ['assistant: a'],
  ],
  [
    'a structured answer in place of text',
    { ...CALL, 'genkit:output': json({ message: { role: 'model', content: [{ text: { a: 1 } }] } }) },
    ['assistant: {"a":1}'],
  ],
  [
    'the wrapper around the result of a tool',
    { ...TOOL, 'gen_ai.tool.call.result': json({ output: 3, kwargs: {} }) },
    ['tool: result c1 = 3'],
  ],
]

describe('content', () => {
  it.each(INPUTS)('in: %s', (_, attributes, expected) => {
    expect(lines(rowOf(attributes).input_messages)).toEqual(expected)
  })

  it.each(OUTPUTS)('out: %s', (_, attributes, expected) => {
    expect(lines(rowOf(attributes).output_messages)).toEqual(expected)
  })

  it('is no instruction and no answer twice in a list of all messages', () => {
    const all = json([said('system', 's'), said('user', 'q'), said('assistant', '{"a": 1}')])
    const { input_messages, output_messages, system_instructions } = rowOf({
      ...AGENT,
      'pydantic_ai.all_messages': all,
      final_result: '{"a":1}',
    })
    expect([system_instructions, lines(input_messages), lines(output_messages)]).toEqual([
      's',
      ['user: q'],
      ['assistant: {"a":1}'],
    ])
    const alone = rowOf({ ...AGENT, 'pydantic_ai.all_messages': all })
    expect([lines(alone.input_messages), lines(alone.output_messages)]).toEqual([['user: q'], ['assistant: {"a": 1}']])
  })

  it('lists the answer as one more message of the assistant', () => {
    const events = json([
      { 'event.name': 'gen_ai.user.message', role: 'user', content: 'q' },
      { 'event.name': 'gen_ai.assistant.message', role: 'assistant', content: 'a' },
    ])
    const { input_messages, output_messages } = rowOf({ ...CALL, events })
    expect([lines(input_messages), lines(output_messages)]).toEqual([['user: q'], ['assistant: a']])
  })

  it('of a tool may stand in the events of a conversation', () => {
    const events = [
      anEvent('gen_ai.tool.message', { role: 'tool', content: '{"a":1}', id: 'c1' }),
      anEvent('gen_ai.choice', { message: '[{"text": "3"}]', id: 'c1' }),
    ]
    const row = rowOf(TOOL, { events })
    expect(lines(row.input_messages)).toEqual(['assistant: call c1 add({"a":1})'])
    expect(lines(row.output_messages)).toEqual(['tool: result c1 = 3'])
  })

  it('of an agent may be data where a message is expected', () => {
    const events = [anEvent('gen_ai.choice', { message: json({ name: 'Ann', age: 4 }), finish_reason: 'stop' })]
    expect(lines(rowOf(AGENT, { events }).output_messages)).toEqual(['assistant: {"name":"Ann","age":4}'])
  })

  it('of a step may hold the results of its tools beside the calls', () => {
    const call = json([{ toolUse: { toolUseId: 'c1', name: 'add', input: { a: 1 } } }])
    const result = json([{ toolResult: { toolUseId: 'c1', content: [{ text: '3' }] } }])
    const events = [anEvent('gen_ai.choice', { message: call, 'tool.result': result })]
    const { output_messages } = rowOf({ 'gen_ai.operation.name': 'execute_event_loop_cycle' }, { events })
    expect(lines(output_messages)).toEqual(['assistant: call c1 add({"a":1})', 'tool: result c1 = 3'])
  })

  it('of a tool may be told in parts of 1.37', () => {
    const events = [
      anEvent('gen_ai.client.inference.operation.details', {
        'gen_ai.input.messages': json([
          { role: 'tool', parts: [{ type: 'tool_call', id: 'c1', name: 'add', arguments: { a: 1 } }] },
        ]),
      }),
      anEvent('gen_ai.client.inference.operation.details', {
        'gen_ai.output.messages': json([
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '3' }] },
        ]),
      }),
    ]
    const row = rowOf(TOOL, { events })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['tool: call c1 add({"a":1})'],
      ['tool: result c1 = 3'],
    ])
  })

  it('of a tool behind MCP is its arguments and its result', () => {
    const row = rowOf(
      {
        'rpc.method': 'tools/call',
        request: json({ method: 'tools/call', params: { name: 'add', arguments: { a: 1 } } }),
        response: json({ content: [{ type: 'text', text: '3' }], isError: false }),
      },
      { name: 'MCP request: tools/call add' },
    )
    expect([row.kind, row.tool_name]).toEqual(['tool', 'add'])
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([
      ['assistant: call  add({"a":1})'],
      ['tool: result  = 3'],
    ])
  })

  it('of a step may pass through it unchanged', () => {
    const same = json({ role: 'assistant', content: 'a' })
    const row = rowOf({ 'openinference.span.kind': 'CHAIN', 'input.value': same, 'output.value': same })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['assistant: a'], ['assistant: a']])
  })

  it('links a call and its result by the id they share', () => {
    const raw_input = json([
      { role: 'user', content: 'q' },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'add', arguments: '{}' },
      { type: 'function_call_output', id: 'fo_1', call_id: 'c1', output: '3' },
    ])
    expect(lines(rowOf({ ...CALL, raw_input }).input_messages)).toEqual([
      'user: q',
      'assistant: call c1 add({})',
      'tool: result c1 = 3',
    ])
  })

  it('may name its tools within the request', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }]
    const input = json({ messages: [{ role: 'user', content: 'q' }], tools })
    expect(
      rowOf({ 'langfuse.observation.type': 'generation', 'langfuse.observation.input': input }).tool_definitions,
    ).toBe(json(tools))
    const parameters = json({ model: 'm', tools })
    expect(rowOf({ 'openinference.span.kind': 'LLM', 'llm.invocation_parameters': parameters }).tool_definitions).toBe(
      json(tools),
    )
  })
})

describe('a span of the OpenAI Agents, as Logfire prints it', () => {
  it('is a tool, with what it got and gave', () => {
    const row = rowOf({
      'logfire.msg_template': 'Function: {name}',
      name: 'add',
      input: '{"a":1}',
      output: '3',
      'gen_ai.system': 'openai',
    })
    expect([row.kind, row.tool_name]).toEqual(['tool', 'add'])
    expect(lines(row.input_messages)).toEqual(['assistant: call  add({"a":1})'])
    expect(lines(row.output_messages)).toEqual(['tool: result  = 3'])
  })

  it('is an agent, a guardrail or a step', () => {
    const kindOf = (values: Record<string, string>) => rowOf({ 'gen_ai.system': 'openai', ...values }).kind
    expect(rowOf({ 'logfire.msg_template': 'Agent run: {name!r}', name: 'helper' })).toMatchObject({
      kind: 'agent',
      agent_name: 'helper',
    })
    expect(kindOf({ 'logfire.msg_template': 'Guardrail {name!r} {triggered=}' })).toBe('guardrail')
    expect(kindOf({ 'logfire.msg_template': 'Turn {turn}', sdk_span_type: 'turn' })).toBe('chain')
  })

  it('has its answer once, though the request lists it', () => {
    const request_data = json({
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'a' },
      ],
    })
    const row = rowOf({
      ...CALL,
      request_data,
      input: json([{ role: 'user', content: 'q' }]),
      output: json([{ role: 'assistant', content: 'a' }]),
    })
    expect([lines(row.input_messages), lines(row.output_messages)]).toEqual([['user: q'], ['assistant: a']])
  })
})

describe('bare names', () => {
  it('fill the gap on a span of a known dialect', () => {
    const row = rowOf({ ...TOOL, input: '{"a":1}', output: '3', 'deployment.environment.name': 'test' })
    expect([lines(row.input_messages), lines(row.output_messages), row.environment]).toEqual([
      ['assistant: call c1 add({"a":1})'],
      ['tool: result c1 = 3'],
      'test',
    ])
  })

  it('of elided events are content', () => {
    const events = json([
      { role: 'user', content: 'q' },
      { index: 0, content: 'a', finish_reason: 'STOP' },
    ])
    const row = rowOf({ ...CALL, events })
    expect([lines(row.input_messages), lines(row.output_messages), row.finish_reasons]).toEqual([
      ['user: q'],
      ['assistant: a'],
      ['STOP'],
    ])
  })
})

describe('what was captured', () => {
  const NOTHING: readonly (readonly [string, Record<string, Plain>])[] = [
    ['an empty object as bytes', { ...CALL, 'gen_ai.prompt': new TextEncoder().encode('{}') }],
    ['parameters without a prompt', { ...CALL, request_data: json({ model: 'm', stream: true }) }],
    ['an answer that never came', { ...CALL, response_data: json({ message: null, usage: null }) }],
    ['an embedding without its text', { ...CALL, 'embedding.embeddings.0.embedding.vector': [0.5, 0.25] }],
    ['a function that returned nothing', { 'traceloop.span.kind': 'task', 'traceloop.entity.output': 'null' }],
    [
      'parts whose text was taken out',
      { ...CALL, 'gen_ai.input.messages': json([{ role: 'user', parts: [{ type: 'text' }] }]) },
    ],
  ]

  it.each(NOTHING)('is nothing: %s', (_, attributes) => {
    const { input_captured, output_captured } = rowOf(attributes)
    expect([input_captured, output_captured]).toEqual([false, false])
  })

  it('is an empty text', () => {
    const { input_captured } = rowOf({
      ...CALL,
      'gen_ai.input.messages': json([{ role: 'user', parts: [{ type: 'text', content: '' }] }]),
    })
    expect(input_captured).toBe(true)
  })
})

describe('parameters', () => {
  it('that Python left unset are none', () => {
    const parameters = json({ stop: '<groq.Omit object at 0x7ff114>', temperature: 0.5 })
    expect(rowOf({ ...CALL, 'llm.invocation_parameters': parameters }).parameters).toMatchObject({
      stop_sequences: [],
      temperature: 0.5,
    })
  })
})
