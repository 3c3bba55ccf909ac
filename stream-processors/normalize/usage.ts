import type { TokenUsage } from '../../schemas/llm-span.ts'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import type { Slots } from './collect.ts'
import { isObject, type JsonObject, toJson } from './json.ts'
import { MAX_COUNT, numberIn } from './readers.ts'
import { readUsageObject, usageWithin } from './usage-object.ts'

interface MutableUsage {
  input_tokens: number | null
  output_tokens: number | null
  cache_read_input_tokens: number | null
  cache_write_input_tokens: number | null
  reasoning_output_tokens: number | null
}

export const NO_USAGE: TokenUsage = {
  input_tokens: null,
  output_tokens: null,
  cache_read_input_tokens: null,
  cache_write_input_tokens: null,
  reasoning_output_tokens: null,
}

const CACHE_READ = [
  'input_cached_tokens',
  'input_cache_read',
  'input_cache_read_tokens',
  'cache_read_input_tokens',
  'cached_tokens',
  'cached_input',
]
const CACHE_WRITE = ['input_cache_creation', 'cache_creation_input_tokens', 'input_cache_write']
const CACHE_WRITE_SPLIT = ['input_cache_creation_5m', 'input_cache_creation_1h']
const REASONING = ['output_reasoning_tokens', 'output_reasoning', 'reasoning_tokens']

/** The span's own counts, inclusive, whatever the SDK's habit. */
export function usageOf(slots: Slots, is_call: boolean): TokenUsage {
  const usage: MutableUsage = slots.usage_details ? detailedUsage(slots.usage_details) : { ...NO_USAGE }
  usage.input_tokens ??= slots.input_tokens ?? null
  usage.output_tokens ??= slots.output_tokens ?? null
  usage.cache_read_input_tokens ??= slots.cache_read_input_tokens ?? null
  usage.cache_write_input_tokens ??= slots.cache_write_input_tokens ?? null
  usage.reasoning_output_tokens ??= slots.reasoning_output_tokens ?? null
  if (slots.provider_metadata) fillFromProvider(usage, slots.provider_metadata)
  if (usage.input_tokens === null && usage.output_tokens === null) fillFromObject(usage, slots, is_call)
  addExtras(usage, slots)
  return inclusive(usage)
}

/** The provider's own usage object, where no count had an attribute: beside the answer, or within it. */
function fillFromObject(usage: MutableUsage, slots: Slots, is_call: boolean): void {
  const said = slots.token_usage && readUsageObject(slots.token_usage)
  const read = said ?? (is_call ? usageInAnswer(slots.output?.value) : undefined)
  if (!read) return
  for (const key of Object.keys(usage) as (keyof MutableUsage)[]) usage[key] ??= read[key]
}

function usageInAnswer(answer: AttributeValue | undefined): TokenUsage | undefined {
  const isText = typeof answer === 'string'
  if (answer === undefined || (isText && !(answer.charCodeAt(0) === 0x7b && /usage|llm_output/i.test(answer))))
    return undefined
  const json = toJson(answer)
  return isObject(json) ? usageWithin(json) : undefined
}

/** Counts that stand beside others, and are parts of a sum. */
function addExtras(usage: MutableUsage, slots: Slots): void {
  const { extra_cache_read_tokens: read, extra_cache_write_tokens: written } = slots
  const split = [slots.cache_write_5m_tokens, slots.cache_write_1h_tokens].filter((count) => count !== undefined)
  if (split.length > 0) usage.cache_write_input_tokens ??= split.reduce((sum, count) => sum + count, 0)
  const { extra_reasoning_tokens: thought } = slots
  if (thought !== undefined && usage.reasoning_output_tokens === null) {
    if (usage.output_tokens !== null) usage.output_tokens += thought
    usage.reasoning_output_tokens = thought
  }
  if (read === undefined && written === undefined) return
  if (usage.input_tokens !== null) usage.input_tokens += (read ?? 0) + (written ?? 0)
  usage.cache_read_input_tokens ??= read ?? null
  usage.cache_write_input_tokens ??= written ?? null
}

/** A part cannot exceed its whole: where it does, the sender counted exclusively. */
function inclusive(usage: MutableUsage): TokenUsage {
  for (const key of Object.keys(usage) as (keyof MutableUsage)[]) usage[key] = whole(usage[key])
  const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_write_input_tokens ?? 0)
  if (usage.input_tokens !== null && cached > usage.input_tokens) usage.input_tokens += cached
  const reasoning = usage.reasoning_output_tokens ?? 0
  if (usage.output_tokens !== null && reasoning > usage.output_tokens) usage.output_tokens += reasoning
  return usage
}

function whole(value: number | null): number | null {
  return value === null || value < 0 || value > MAX_COUNT ? null : Math.round(value)
}

/**
 * Langfuse's usage_details: every `input*` key is a disjoint part of the input, every `output*` key of the output
 * (langfuse-js parseUsage). OpenAI's own usage object, which is inclusive, is sent under the same name; so are inclusive
 * counts by users, told apart by their total.
 */
function detailedUsage(details: JsonObject): MutableUsage {
  const openai = openaiUsage(details)
  if (openai) return openai
  const input = numberIn(details, ['input', 'input_tokens'])
  const output = numberIn(details, ['output', 'output_tokens'])
  const total = numberIn(details, ['total', 'total_tokens'])
  const isInclusive = total !== undefined && input !== undefined && output !== undefined && input + output === total
  const split = sum(details, (key) => CACHE_WRITE_SPLIT.includes(key))
  return {
    input_tokens: isInclusive ? input : sum(details, (key) => key.includes('input')),
    output_tokens: isInclusive ? output : sum(details, (key) => key.includes('output')),
    cache_read_input_tokens: numberIn(details, CACHE_READ) ?? null,
    cache_write_input_tokens: numberIn(details, CACHE_WRITE) ?? split,
    reasoning_output_tokens: numberIn(details, REASONING) ?? null,
  }
}

function sum(details: JsonObject, isPart: (key: string) => boolean): number | null {
  let total: number | null = null
  for (const [key, value] of Object.entries(details)) {
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0 && isPart(key)) total = (total ?? 0) + value
  }
  return total
}

/** `{prompt_tokens, completion_tokens, *_details}` or `{input_tokens, output_tokens, *_details}`. */
function openaiUsage(details: JsonObject): MutableUsage | undefined {
  const hasDetails = isObject(details.input_tokens_details) || isObject(details.output_tokens_details)
  if (details.prompt_tokens === undefined && !hasDetails) return undefined
  const inputDetails = firstObject(details.prompt_tokens_details, details.input_tokens_details)
  const outputDetails = firstObject(details.completion_tokens_details, details.output_tokens_details)
  return {
    input_tokens: numberIn(details, ['prompt_tokens', 'input_tokens']) ?? null,
    output_tokens: numberIn(details, ['completion_tokens', 'output_tokens']) ?? null,
    cache_read_input_tokens: numberIn(inputDetails, ['cached_tokens']) ?? null,
    cache_write_input_tokens: numberIn(inputDetails, ['cache_write_tokens', 'cache_creation_tokens']) ?? null,
    reasoning_output_tokens: numberIn(outputDetails, ['reasoning_tokens']) ?? null,
  }
}

function firstObject(...values: readonly JsonObject[string][]): JsonObject {
  return values.find(isObject) ?? {}
}

/** The Vercel SDK keeps what its own attributes have no name for in providerMetadata, one object per provider. */
function fillFromProvider(usage: MutableUsage, metadata: JsonObject): void {
  for (const provider of Object.values(metadata)) {
    if (!isObject(provider)) continue
    const nested = firstObject(provider.usage, provider)
    usage.cache_read_input_tokens ??=
      numberIn(nested, ['cache_read_input_tokens', 'cacheReadInputTokens', 'cachedPromptTokens']) ??
      numberIn(provider, ['cachedPromptTokens', 'cacheReadInputTokens']) ??
      null
    usage.cache_write_input_tokens ??=
      numberIn(nested, ['cache_creation_input_tokens', 'cacheWriteInputTokens']) ??
      numberIn(provider, ['cacheCreationInputTokens', 'cacheWriteInputTokens']) ??
      null
    usage.reasoning_output_tokens ??= numberIn(provider, ['reasoningTokens']) ?? null
  }
}
