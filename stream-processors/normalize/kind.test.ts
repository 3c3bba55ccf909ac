import { describe, expect, it } from 'vitest'
import { type Plain, rowOf } from './testing/builders.ts'

type Values = Readonly<Record<string, Plain>>

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
