import type { Dialect } from '../field-table.ts'

/**
 * Claude Code's traces: bare names beside a few of the conventions. They are read on its own spans only. Counts are those of
 * Anthropic's API: what was cached stands beside the input.
 */
export const CLAUDE_CODE: Dialect = {
  name: 'claude_code',
  summary: 'Claude Code',
  ownNamesOnly: true,
  matches: (span, { scope_name }) =>
    scope_name.startsWith('com.anthropic.claude_code') || span.name.startsWith('claude_code.'),
  fields: {
    other_kind: ['span.type'],
    request_model: ['gen_ai.request.model', 'model'],
    response_id: ['gen_ai.response.id', 'request_id'],
    system_instructions: ['gen_ai.system_instructions', 'system_prompt', 'system_prompt_preview'],
    input: ['gen_ai.input.messages', 'new_context', 'user_prompt'],
    output: ['gen_ai.output.messages', 'response.model_output'],
    tool_arguments: ['gen_ai.tool.call.arguments', 'tool_input', 'tool_parameters'],
    tool_result: ['gen_ai.tool.call.result', 'tool_output', 'tool_result'],
    tool_definitions: ['gen_ai.tool.definitions', 'tools'],
    input_tokens: ['gen_ai.usage.input_tokens', 'input_tokens'],
    output_tokens: ['gen_ai.usage.output_tokens', 'output_tokens'],
    extra_cache_read_tokens: ['cache_read_tokens'],
    extra_cache_write_tokens: ['cache_creation_tokens'],
    reported_cost_usd: ['cost_usd'],
    finish_reasons: ['gen_ai.response.finish_reasons', 'stop_reason'],
    time_to_first_token_ms: ['ttft_ms'],
    error_message: [['any_text', 'error']],
    succeeded: ['success'],
    session_id: ['session.id'],
    user_id: ['user.id'],
    tool_name: ['gen_ai.tool.name', 'tool_name'],
    tool_call_id: ['gen_ai.tool.call.id', 'tool_use_id'],
    agent_name: ['gen_ai.agent.name', 'agent_type'],
  },
}
