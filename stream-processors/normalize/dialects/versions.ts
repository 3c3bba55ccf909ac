type Versions = Readonly<Record<string, string>>

const of = (version: string, names: readonly string[]): Versions =>
  Object.fromEntries(names.map((name) => [name, version]))

const usage = (...names: readonly string[]) => names.map((name) => `gen_ai.usage.${name}`)

/**
 * Which releases of an SDK or of the conventions write a name, where that is known; for the documentation alone, since names
 * of all generations are read on every span. Sources: the changelogs of open-telemetry/semantic-conventions, openllmetry,
 * openinference and vercel/ai.
 */
export const VERSIONS: Readonly<Record<string, Versions>> = {
  otel_genai: {
    ...of('1.26-1.27', ['gen_ai.prompt', 'gen_ai.completion']),
    ...of('1.26', usage('prompt_tokens', 'completion_tokens')),
    ...of('1.26-1.36', ['gen_ai.system']),
    ...of('1.26+', [
      'gen_ai.request.model',
      'gen_ai.request.max_tokens',
      'gen_ai.request.temperature',
      'gen_ai.request.top_p',
      'gen_ai.response.model',
      'gen_ai.response.id',
      'gen_ai.response.finish_reasons',
    ]),
    ...of('1.27+', [
      'gen_ai.operation.name',
      ...usage('input_tokens', 'output_tokens'),
      'gen_ai.request.top_k',
      'gen_ai.request.frequency_penalty',
      'gen_ai.request.presence_penalty',
      'gen_ai.request.stop_sequences',
    ]),
    ...of('1.28-1.29', ['gen_ai.openai.request.seed']),
    ...of('1.28-1.30', ['gen_ai.openai.request.response_format']),
    ...of('1.30+', ['gen_ai.request.seed']),
    ...of('1.31+', [
      'gen_ai.agent.name',
      'gen_ai.tool.name',
      'gen_ai.tool.call.id',
      'gen_ai.output.type',
      'gen_ai.request.choice.count',
    ]),
    ...of('1.34+', ['gen_ai.conversation.id']),
    ...of('1.37+', [
      'gen_ai.provider.name',
      'gen_ai.system_instructions',
      'gen_ai.input.messages',
      'gen_ai.output.messages',
    ]),
    ...of('1.38+', ['gen_ai.tool.definitions', 'gen_ai.tool.call.arguments', 'gen_ai.tool.call.result']),
    ...of('1.39+', ['gen_ai.prompt.name']),
    ...of('1.40+', [
      'gen_ai.retrieval.query.text',
      'gen_ai.retrieval.documents',
      ...usage('cache_read.input_tokens', 'cache_creation.input_tokens'),
    ]),
    ...of('1.41+', [
      ...usage('reasoning.output_tokens'),
      'gen_ai.request.stream',
      'gen_ai.response.time_to_first_chunk',
      'gen_ai.workflow.name',
    ]),
    ...of('unreleased', [...usage('cache_write.input_tokens'), 'gen_ai.retrieval.top_k']),
  },
  openllmetry: {
    ...of('to 0.16', [
      'llm.vendor',
      'llm.request.model',
      'llm.response.model',
      'llm.request.max_tokens',
      'llm.prompts.<i>',
      'llm.completions.<i>',
      'llm.usage.prompt_tokens',
      'llm.usage.completion_tokens',
    ]),
    ...of('0.17-0.47', usage('prompt_tokens', 'completion_tokens')),
    ...of('0.17-0.54', ['gen_ai.prompt.<i>', 'gen_ai.completion.<i>', 'llm.request.functions.<i>']),
    ...of('0.17-0.61', usage('cache_read_input_tokens', 'cache_creation_input_tokens')),
    ...of('0.17+', ['gen_ai.system', 'gen_ai.request.model', 'gen_ai.response.model', 'llm.request.type']),
    ...of('to 0.54', ['llm.is_streaming', 'llm.usage.reasoning_tokens']),
    ...of('0.48+', usage('input_tokens', 'output_tokens')),
    ...of('0.55+', [
      'gen_ai.provider.name',
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'gen_ai.tool.definitions',
      'gen_ai.is_streaming',
      ...usage('reasoning_tokens'),
    ]),
    ...of('0.62+', usage('cache_read.input_tokens', 'cache_creation.input_tokens')),
  },
  openinference: {
    ...of('2026-04', ['llm.finish_reason']),
    ...of('2026-07', ['evaluations.<i>', 'annotations.<i>', 'trace.evaluations.<i>', 'session.evaluations.<i>']),
    ...of('2026-08', ['llm.request.model_name', 'llm.response.model_name']),
  },
  vercel_ai: {
    ...of('3', ['ai.result.text', 'ai.result.object', 'ai.result.toolCalls', 'ai.finishReason']),
    ...of('3-4', [
      'ai.usage.promptTokens',
      'ai.usage.completionTokens',
      'ai.settings.maxTokens',
      'ai.toolCall.args',
      'ai.toolCall.result',
      'ai.stream.msToFirstChunk',
    ]),
    ...of('4+', [
      'ai.response.text',
      'ai.response.object',
      'ai.response.toolCalls',
      'ai.response.reasoning',
      'ai.response.finishReason',
      'ai.response.msToFirstChunk',
    ]),
    ...of('5+', [
      'ai.usage.inputTokens',
      'ai.usage.outputTokens',
      'ai.usage.cachedInputTokens',
      'ai.usage.reasoningTokens',
      'ai.settings.maxOutputTokens',
    ]),
    ...of('6+', [
      'ai.usage.inputTokenDetails.cacheReadTokens',
      'ai.usage.inputTokenDetails.cacheWriteTokens',
      'ai.usage.outputTokenDetails.reasoningTokens',
    ]),
    ...of('7', [
      'gen_ai.provider.name',
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'ai.documents',
      'ai.ranking',
      'ai.settings.context.userId',
    ]),
  },
  langfuse: of('before 3', ['langfuse.prompt.name', 'langfuse.prompt.version']),
}

/** Span events and log records that are read (span-events.ts), and who writes them. */
export const EVENT_VERSIONS: readonly (readonly [string, string])[] = [
  ['gen_ai.content.prompt, gen_ai.content.completion', 'OTel 1.26-1.27; OpenLIT, Spring AI'],
  ['gen_ai.{system,user,assistant,tool}.message, gen_ai.choice', 'OTel 1.28-1.36; Strands, Semantic Kernel'],
  ['gen_ai.client.inference.operation.details', 'OTel 1.37+'],
  ['gen_ai.evaluation.result', 'OTel 1.38+; pydantic-evals'],
  ['gen_ai.client.operation.exception, exception', 'OTel 1.41+; all'],
  ['gen_ai.content.completion.chunk, llm.content.completion.chunk', 'OpenLLMetry (the first is the first token)'],
  ['First Token Stream Event', 'OpenInference'],
  ['ai.stream.firstChunk', 'Vercel AI SDK 3-6'],
  ['db.query.result, db.search.result', 'OpenLLMetry, vector stores'],
  ['langwatch.evaluation.custom', 'LangWatch'],
  ['claude_code.user_prompt, codex.user_prompt, gemini_cli.user_prompt, gemini_cli.api_response', 'coding agents'],
  ['`Chat Model Prompt Content:` and `Chat Model Completion:` at the start of a log body', 'Spring AI 1.x'],
]
