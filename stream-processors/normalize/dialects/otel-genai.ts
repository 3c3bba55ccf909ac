import type { Dialect } from '../field-table.ts'

const EVENTS = /^gen_ai\./

/**
 * OpenTelemetry GenAI semantic conventions, 1.26 to 1.41 and the unreleased ones after, in any mixture: instrumentations
 * are told not to change what they emit by default.
 */
export const OTEL_GENAI: Dialect = {
  name: 'otel_genai',
  summary: 'OpenTelemetry GenAI conventions 1.26 to 1.41 and later',
  matches: (span) => {
    const { attributes } = span
    return (
      attributes.has('gen_ai.operation.name') ||
      attributes.has('gen_ai.provider.name') ||
      attributes.has('gen_ai.system') ||
      attributes.has('gen_ai.request.model') ||
      attributes.has('gen_ai.response.model') ||
      attributes.has('gen_ai.tool.name') ||
      attributes.has('gen_ai.usage.input_tokens') ||
      attributes.has('gen_ai.input.messages') ||
      (span.events.length > 0 && span.events.some((event) => EVENTS.test(event.name)))
    )
  },
  fields: {
    operation: ['gen_ai.operation.name'],
    provider: ['gen_ai.provider.name', 'gen_ai.system'],
    request_model: ['gen_ai.request.model', 'gen_ai.request_model'],
    response_model: ['gen_ai.response.model'],
    response_id: ['gen_ai.response.id'],
    system_instructions: ['gen_ai.system_instructions', 'system_prompt'],
    input: ['gen_ai.input.messages', 'gen_ai.prompt', 'gen_ai.prompt.content'],
    output: ['gen_ai.output.messages', 'gen_ai.completion', 'gen_ai.completion.content'],
    tool_arguments: ['gen_ai.tool.call.arguments'],
    tool_result: ['gen_ai.tool.call.result'],
    query: ['gen_ai.retrieval.query.text'],
    documents: ['gen_ai.retrieval.documents'],
    tool_definitions: ['gen_ai.tool.definitions', 'gen_ai.agent.tools'],
    input_tokens: [
      'gen_ai.usage.input_tokens',
      'gen_ai.usage.prompt_tokens',
      'gen_ai.usage.partial.input_tokens',
      // Semantic Kernel before 1.37.
      'gen_ai.response.prompt_tokens',
    ],
    output_tokens: [
      'gen_ai.usage.output_tokens',
      'gen_ai.usage.completion_tokens',
      'gen_ai.usage.partial.output_tokens',
      'gen_ai.response.completion_tokens',
    ],
    cache_read_input_tokens: [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'gen_ai.usage.cached_input_tokens',
      'gen_ai.usage.input_cached_tokens',
      'gen_ai.usage.details.cache_read_tokens',
      'gen_ai.usage.partial.cache_read.input_tokens',
      ['detail_cache_read', 'gen_ai.usage.input_token_details'],
    ],
    cache_write_5m_tokens: [
      'gen_ai.usage.cache_creation_5m.input_tokens',
      'gen_ai.usage.cache_creation.5m.input_tokens',
      'gen_ai.usage.cache_creation_5m_input_tokens',
    ],
    cache_write_1h_tokens: [
      'gen_ai.usage.cache_creation_1h.input_tokens',
      'gen_ai.usage.cache_creation.1h.input_tokens',
      'gen_ai.usage.cache_creation_1h_input_tokens',
    ],
    cache_write_input_tokens: [
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
      'gen_ai.usage.input_cache_creation',
      'gen_ai.usage.details.cache_write_tokens',
      'gen_ai.usage.partial.cache_creation.input_tokens',
      ['detail_cache_creation', 'gen_ai.usage.input_token_details'],
    ],
    reasoning_output_tokens: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.details.reasoning_tokens',
      ['detail_reasoning', 'gen_ai.usage.output_token_details'],
    ],
    // Google's ADK: beside the output, as Gemini counts.
    extra_reasoning_tokens: ['gen_ai.usage.experimental.reasoning_tokens'],
    reported_input_tokens: ['gen_ai.aggregated_usage.input_tokens'],
    reported_output_tokens: ['gen_ai.aggregated_usage.output_tokens'],
    reported_cost_usd: ['gen_ai.usage.cost', 'gen_ai.cost.total_cost', 'operation.cost', 'gen_ai.usage.total_cost'],
    finish_reasons: [
      'gen_ai.response.finish_reasons',
      'gen_ai.response.finish_reason',
      'gen_ai.response.stop_reason',
      'anthropic.message.stop_reason',
    ],
    temperature: ['gen_ai.request.temperature'],
    top_p: ['gen_ai.request.top_p'],
    top_k: ['gen_ai.request.top_k', 'gen_ai.retrieval.top_k'],
    max_tokens: ['gen_ai.request.max_tokens', 'gen_ai.request.max_completion_tokens'],
    seed: ['gen_ai.request.seed', 'gen_ai.openai.request.seed'],
    frequency_penalty: ['gen_ai.request.frequency_penalty'],
    presence_penalty: ['gen_ai.request.presence_penalty'],
    choice_count: ['gen_ai.request.choice.count'],
    stop_sequences: ['gen_ai.request.stop_sequences'],
    stream: ['gen_ai.request.stream', 'gen_ai.request.is_stream'],
    output_type: ['gen_ai.output.type', 'gen_ai.openai.request.response_format'],
    time_to_first_token_ms: [
      ['seconds', 'gen_ai.response.time_to_first_chunk'],
      ['seconds', 'gen_ai.client.operation.time_to_first_chunk'],
      // Strands counts whole milliseconds; the conventions' metric of this name counts seconds.
      ['whole_milliseconds', 'gen_ai.server.time_to_first_token'],
      ['seconds', 'gen_ai.response.time_to_first_token'],
    ],
    error_type: ['error.type', 'exception.type'],
    error_message: ['error.message', 'span.error.message', 'exception.message'],
    session_id: ['gen_ai.conversation.id', 'session.id'],
    user_id: ['user.id', 'enduser.id', 'gen_ai.request.user', 'gen_ai.user.id', 'enduser.pseudo.id'],
    agent_name: ['gen_ai.agent.name'],
    workflow_name: ['gen_ai.workflow.name'],
    tool_name: ['gen_ai.tool.name'],
    tool_call_id: ['gen_ai.tool.call.id'],
    prompt_name: ['gen_ai.prompt.name'],
    prompt_version: ['gen_ai.prompt.version'],
    tool_status: ['gen_ai.tool.status'],
    http_status: ['http.response.status_code', 'http.status_code'],
    drop: ['gen_ai.usage.total_tokens'],
  },
}
