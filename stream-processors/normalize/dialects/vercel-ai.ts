import type { Dialect } from '../field-table.ts'

/**
 * Vercel AI SDK 3 to 6, and 7 with LegacyOpenTelemetry. Version 7's `OpenTelemetry` emits the OpenTelemetry conventions
 * under the scope `gen_ai` and is recognised by that scope. The outer span (`ai.generateText`) repeats what its inner
 * `.doGenerate` reports.
 */
export const VERCEL_AI: Dialect = {
  name: 'vercel_ai',
  summary: 'Vercel AI SDK 3 to 7',
  matches: ({ attributes }, { scope_name }) =>
    scope_name === 'ai' ||
    attributes.has('ai.operationId') ||
    attributes.has('ai.model.id') ||
    (scope_name === 'gen_ai' && attributes.has('gen_ai.operation.name')),
  fields: {
    vercel_operation: ['ai.operationId', 'operation.name'],
    operation: ['gen_ai.operation.name', 'ai.operationId'],
    provider: [
      ['vercel_provider', 'gen_ai.provider.name'],
      ['vercel_provider', 'gen_ai.system'],
      ['vercel_provider', 'ai.model.provider'],
    ],
    request_model: ['gen_ai.request.model', 'ai.model.id'],
    response_model: ['ai.response.model', 'gen_ai.response.model'],
    response_id: ['ai.response.id', 'gen_ai.response.id'],
    input: [
      'ai.prompt.messages',
      'gen_ai.input.messages',
      ['envelope', 'ai.prompt'],
      ['texts', 'ai.values'],
      ['texts', 'ai.value'],
    ],
    output: [
      ['plain_text', 'ai.response.text'],
      ['plain_text', 'ai.response.object'],
      ['plain_text', 'ai.result.text'],
      ['plain_text', 'ai.result.object'],
      'gen_ai.output.messages',
    ],
    output_tool_calls: [
      ['tool_calls', 'ai.response.toolCalls'],
      ['tool_calls', 'ai.result.toolCalls'],
    ],
    output_reasoning: [['reasoning', 'ai.response.reasoning']],
    documents: ['ai.documents'],
    ranking: ['ai.ranking'],
    tool_definitions: ['ai.prompt.tools'],
    tool_name: ['ai.toolCall.name'],
    tool_call_id: ['ai.toolCall.id'],
    tool_arguments: ['ai.toolCall.args', 'ai.toolCall.input'],
    tool_result: ['ai.toolCall.result', 'ai.toolCall.output'],
    input_tokens: ['ai.usage.inputTokens', 'ai.usage.promptTokens', 'gen_ai.usage.input_tokens', 'ai.usage.tokens'],
    output_tokens: ['ai.usage.outputTokens', 'ai.usage.completionTokens', 'gen_ai.usage.output_tokens'],
    cache_read_input_tokens: [
      'ai.usage.inputTokenDetails.cacheReadTokens',
      'ai.usage.cachedInputTokens',
      'gen_ai.usage.cache_read.input_tokens',
    ],
    cache_write_input_tokens: [
      'ai.usage.inputTokenDetails.cacheWriteTokens',
      'gen_ai.usage.cache_creation.input_tokens',
    ],
    reasoning_output_tokens: ['ai.usage.outputTokenDetails.reasoningTokens', 'ai.usage.reasoningTokens'],
    provider_metadata: ['ai.response.providerMetadata'],
    finish_reasons: [
      'ai.response.finishReason',
      'ai.finishReason',
      'gen_ai.response.finish_reasons',
      'gen_ai.finishReason',
    ],
    temperature: ['gen_ai.request.temperature', 'ai.settings.temperature'],
    top_p: ['gen_ai.request.top_p', 'ai.settings.topP'],
    top_k: ['gen_ai.request.top_k', 'ai.settings.topK'],
    max_tokens: ['gen_ai.request.max_tokens', 'ai.settings.maxOutputTokens', 'ai.settings.maxTokens'],
    seed: ['ai.settings.seed'],
    frequency_penalty: ['gen_ai.request.frequency_penalty', 'ai.settings.frequencyPenalty'],
    presence_penalty: ['gen_ai.request.presence_penalty', 'ai.settings.presencePenalty'],
    stop_sequences: ['gen_ai.request.stop_sequences', 'ai.settings.stopSequences'],
    output_type: ['ai.settings.output'],
    time_to_first_token_ms: ['ai.response.msToFirstChunk', 'ai.stream.msToFirstChunk'],
    session_id: ['ai.telemetry.metadata.sessionId', 'ai.telemetry.metadata.threadId'],
    user_id: ['ai.telemetry.metadata.userId', 'ai.settings.context.userId'],
    workflow_name: ['ai.telemetry.functionId', 'resource.name'],
    prompt_name: [['name_in_json', 'ai.telemetry.metadata.langfusePrompt']],
    prompt_version: [['version_in_json', 'ai.telemetry.metadata.langfusePrompt']],
    tags: ['ai.telemetry.metadata.tags'],
    drop: ['ai.usage.totalTokens', 'ai.embedding', 'ai.embeddings', 'ai.usage.inputTokenDetails.noCacheTokens'],
  },
}
