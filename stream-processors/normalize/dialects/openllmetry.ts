import type { Dialect } from '../field-table.ts'

/**
 * Traceloop OpenLLMetry, three generations: `llm.prompts.<i>` (until 0.16), `gen_ai.prompt.<i>` (until 0.54), and the
 * OpenTelemetry names since (told apart from others by the traceloop attributes beside them).
 */
export const OPENLLMETRY: Dialect = {
  name: 'openllmetry',
  summary: 'OpenLLMetry (Traceloop), three generations',
  matches: ({ attributes }, { scope_name }) =>
    scope_name.startsWith('@traceloop/') ||
    attributes.has('traceloop.span.kind') ||
    attributes.has('traceloop.workflow.name') ||
    attributes.has('traceloop.entity.name') ||
    attributes.has('llm.request.type') ||
    attributes.has('gen_ai.prompt.0.content') ||
    attributes.has('gen_ai.prompt.0.role') ||
    attributes.has('gen_ai.is_streaming') ||
    attributes.has('llm.prompts.0.content'),
  fields: {
    request_type: ['llm.request.type'],
    entity_name: ['traceloop.entity.name'],
    traceloop_kind: ['traceloop.span.kind'],
    provider: ['gen_ai.provider.name', 'gen_ai.system', 'llm.vendor'],
    request_model: ['gen_ai.request.model', 'llm.request.model'],
    response_model: ['gen_ai.response.model', 'llm.response.model'],
    input: [
      'gen_ai.input.messages',
      'gen_ai.prompt.<i>',
      'llm.prompts.<i>',
      'traceloop.entity.input',
      'gen_ai.task.input',
    ],
    output: [
      'gen_ai.output.messages',
      'gen_ai.completion.<i>',
      'llm.completions.<i>',
      'traceloop.entity.output',
      'gen_ai.task.output',
    ],
    tool_definitions: ['gen_ai.tool.definitions', 'llm.request.functions.<i>'],
    input_tokens: ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.usage.prompt_tokens'],
    output_tokens: ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.usage.completion_tokens'],
    cache_read_input_tokens: ['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens'],
    cache_write_input_tokens: ['gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_creation_input_tokens'],
    reasoning_output_tokens: ['gen_ai.usage.reasoning_tokens', 'llm.usage.reasoning_tokens'],
    response_id: ['gen_ai.response.id', 'gen_ai.response.0.id'],
    finish_reasons: ['gen_ai.response.finish_reasons', 'llm.response.finish_reason', 'llm.response.stop_reason'],
    temperature: ['gen_ai.request.temperature', 'llm.temperature'],
    top_p: ['gen_ai.request.top_p', 'llm.top_p'],
    top_k: ['gen_ai.request.top_k', 'llm.top_k'],
    frequency_penalty: ['gen_ai.request.frequency_penalty', 'llm.frequency_penalty'],
    presence_penalty: ['gen_ai.request.presence_penalty', 'llm.presence_penalty'],
    stop_sequences: ['gen_ai.request.stop_sequences', 'llm.chat.stop_sequences'],
    max_tokens: ['gen_ai.request.max_tokens', 'llm.request.max_tokens'],
    stream: ['gen_ai.is_streaming', 'llm.is_streaming'],
    session_id: ['traceloop.association.properties.session_id', 'traceloop.association.properties.thread_id'],
    user_id: ['traceloop.association.properties.user_id', 'llm.user', 'gen_ai.user'],
    agent_name: ['gen_ai.agent.name'],
    workflow_name: ['traceloop.workflow.name', 'gen_ai.workflow.name'],
    prompt_name: ['traceloop.prompt.key'],
    prompt_version: ['traceloop.prompt.version', 'traceloop.prompt.version_name', 'traceloop.prompt.version_hash'],
    drop: ['llm.usage.total_tokens', 'llm.headers', 'gen_ai.headers'],
  },
}
