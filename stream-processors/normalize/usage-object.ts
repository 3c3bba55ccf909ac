import type { TokenUsage } from '../../schemas/llm-span.ts'
import { firstOf, isList, isObject, type JsonObject } from './json.ts'
import { countIn } from './readers.ts'

const INPUT = [
  'prompt_tokens',
  'input_tokens',
  'promptTokens',
  'inputTokens',
  'prompt_token_count',
  'promptTokenCount',
  'inputTokenCount',
  'prompt_eval_count',
]
const OUTPUT = [
  'completion_tokens',
  'output_tokens',
  'completionTokens',
  'outputTokens',
  'candidates_token_count',
  'candidatesTokenCount',
  'outputTokenCount',
  'eval_count',
]
/** Parts of the input, in OpenAI's, LangChain's and the AI SDK's `*_details`. */
const INPUT_DETAILS = ['prompt_tokens_details', 'input_tokens_details', 'input_token_details', 'inputTokenDetails']
const OUTPUT_DETAILS = [
  'completion_tokens_details',
  'output_tokens_details',
  'output_token_details',
  'outputTokenDetails',
]
const CACHED = ['cached_tokens', 'cache_read', 'cache_read_tokens', 'cacheReadTokens', 'cached_input_tokens']
const CACHE_WRITTEN = ['cache_creation', 'cache_write_tokens', 'cache_creation_tokens', 'cacheWriteTokens']
const REASONING = ['reasoning_tokens', 'reasoning', 'reasoningTokens']

/** Parts that stand beside the counts: within the input for Gemini, Genkit and the AI SDK. */
const INNER_CACHED = [
  'cached_content_token_count',
  'cachedContentTokenCount',
  'cachedContentTokens',
  'cachedInputTokens',
  'cached_input_tokens',
  'prompt_cached_tokens',
]
const INNER_WRITTEN = ['prompt_cache_creation_tokens']
/** Anthropic's and Bedrock's own counts, which stand beside the input. */
const OUTER_CACHED = ['cache_read_input_tokens', 'cacheReadInputTokens']
const OUTER_WRITTEN = ['cache_creation_input_tokens', 'cacheWriteInputTokens', 'cacheCreationInputTokens']
/** Gemini counts thoughts beside the candidates. */
const OUTER_THOUGHTS = ['thoughts_token_count', 'thoughtsTokenCount']
const INNER_THOUGHTS = [
  'thoughtsTokens',
  'reasoningTokens',
  'reasoning_tokens',
  'reasoning_output_tokens',
  'completion_reasoning_tokens',
]

/** A provider's usage object, in the words of any of them, as inclusive counts; undefined where it counts nothing. */
export function readUsageObject(usage: JsonObject): TokenUsage | undefined {
  const input = countIn(usage, INPUT)
  const output = countIn(usage, OUTPUT)
  if (input === undefined && output === undefined) return undefined
  const inputDetails = detailsOf(usage, INPUT_DETAILS)
  const outputDetails = detailsOf(usage, OUTPUT_DETAILS)
  const cached = countIn(inputDetails, CACHED) ?? countIn(usage, INNER_CACHED)
  const written = countIn(inputDetails, CACHE_WRITTEN) ?? countIn(usage, INNER_WRITTEN)
  const outerCached = cached === undefined ? countIn(usage, OUTER_CACHED) : undefined
  const outerWritten = written === undefined ? countIn(usage, OUTER_WRITTEN) : undefined
  const thoughts = countIn(usage, OUTER_THOUGHTS)
  const inner = countIn(outputDetails, REASONING) ?? countIn(usage, INNER_THOUGHTS)
  return {
    input_tokens: plus(input, (outerCached ?? 0) + (outerWritten ?? 0)),
    output_tokens: plus(output, inner === undefined ? (thoughts ?? 0) : 0),
    cache_read_input_tokens: cached ?? outerCached ?? null,
    cache_write_input_tokens: written ?? outerWritten ?? null,
    reasoning_output_tokens: inner ?? thoughts ?? null,
  }
}

function plus(count: number | undefined, more: number): number | null {
  return count === undefined ? null : count + more
}

function detailsOf(usage: JsonObject, keys: readonly string[]): JsonObject {
  const details = firstOf(usage, keys)
  return isObject(details) ? details : {}
}

const HOLDERS = ['usage', 'usage_metadata', 'usageMetadata', 'token_usage', 'tokenUsage', 'llm_output']

/** The usage within an answer that was sent whole: `{usage: {...}}`, `{response_metadata: {token_usage}}`, at most three deep. */
export function usageWithin(answer: JsonObject, depth = 0): TokenUsage | undefined {
  for (const key of HOLDERS) {
    const held = answer[key]
    if (!isObject(held)) continue
    const usage = readUsageObject(held) ?? (depth < 3 ? usageWithin(held, depth + 1) : undefined)
    if (usage) return usage
  }
  if (depth >= 3) return undefined
  const inner = firstOf(answer, [
    'response',
    'output',
    'message',
    'kwargs',
    'response_metadata',
    'generation',
    'result',
    'replies',
    'meta',
  ])
  // Haystack lists its replies.
  const first = isList(inner) ? inner[0] : inner
  return isObject(first) ? usageWithin(first, depth + 1) : undefined
}
