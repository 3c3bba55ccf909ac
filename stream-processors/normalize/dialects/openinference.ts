import type { Dialect } from '../field-table.ts'

/** Arize OpenInference: flat indexed attributes, inclusive counts, the whole request and answer in input and output.value. */
export const OPENINFERENCE: Dialect = {
  name: 'openinference',
  summary: 'OpenInference (Arize, Phoenix)',
  matches: ({ attributes }) =>
    attributes.has('openinference.span.kind') ||
    attributes.has('llm.model_name') ||
    attributes.has('llm.input_messages.0.message.role') ||
    attributes.has('llm.token_count.prompt'),
  fields: {
    openinference_kind: ['openinference.span.kind'],
    provider: ['llm.provider', 'llm.system'],
    request_model: ['llm.request.model_name', 'embedding.model_name', 'reranker.model_name'],
    response_model: ['llm.response.model_name'],
    model_name: ['llm.model_name'],
    input: [
      'llm.input_messages.<i>',
      ['texts', 'llm.prompts.<i>'],
      ['texts', 'embedding.embeddings.<i>'],
      'input.value',
    ],
    output: ['llm.output_messages.<i>', ['texts', 'llm.choices.<i>'], 'output.value'],
    query: ['reranker.query'],
    documents: ['reranker.output_documents.<i>', 'retrieval.documents.<i>'],
    tool_definitions: ['llm.tools.<i>', 'tool.json_schema', 'tool.parameters'],
    input_tokens: ['llm.token_count.prompt'],
    output_tokens: ['llm.token_count.completion'],
    cache_read_input_tokens: [
      'llm.token_count.prompt_details.cache_read',
      'llm.token_count.prompt_details.cache_input',
    ],
    cache_write_input_tokens: ['llm.token_count.prompt_details.cache_write'],
    reasoning_output_tokens: ['llm.token_count.completion_details.reasoning'],
    reported_cost_usd: ['llm.cost.total'],
    finish_reasons: ['llm.finish_reason'],
    parameters: ['llm.invocation_parameters', 'embedding.invocation_parameters'],
    temperature: ['llm.invocation_parameters.temperature'],
    top_p: ['llm.invocation_parameters.top_p'],
    max_tokens: ['llm.invocation_parameters.max_tokens', 'llm.invocation_parameters.max_completion_tokens'],
    session_id: ['session.id'],
    user_id: ['user.id'],
    agent_name: ['agent.name'],
    node_name: ['graph.node.name', 'graph.node.id'],
    tool_name: ['tool.name'],
    tool_call_id: ['tool.id', 'tool_call.id'],
    prompt_name: ['prompt.id'],
    prompt_version: ['llm.prompt_template.version'],
    tags: ['tag.tags'],
    metadata: ['metadata'],
    evaluations: ['evaluations.<i>', 'evaluations'],
    annotations: ['annotations.<i>', 'annotations'],
    trace_evaluations: ['trace.evaluations.<i>', 'trace.evaluations'],
    session_evaluations: ['session.evaluations.<i>', 'session.evaluations'],
    drop: ['llm.token_count.total', 'input.mime_type', 'output.mime_type'],
  },
}
