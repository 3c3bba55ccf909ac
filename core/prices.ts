import type { TokenUsage } from '../schemas/llm-span.ts'
import type { ModelPrice, PriceFile, Rates } from '../schemas/prices/price-file.ts'

const MILLION = 1_000_000
/** Model names come from senders: what is remembered about them is bounded. */
const MAX_REMEMBERED = 4_096
const MAX_NAME = 200

export interface PriceList {
  readonly version: string
  /** The price of a model as a sender names it, undefined where it is not in the list. */
  priceOf(model: string): ModelPrice | undefined
}

/** Looks prices up by the rules of schemas/prices/README.md: exact name, then without prefixes, then without a date. */
export function createPriceList(file: PriceFile): PriceList {
  const byName = new Map<string, ModelPrice>()
  for (const vendor of file.vendors) {
    for (const model of vendor.models) {
      for (const name of [model.id, ...(model.aliases ?? [])]) byName.set(name, model)
    }
  }
  const remembered = new Map<string, ModelPrice | undefined>()

  function find(model: string): ModelPrice | undefined {
    for (const name of candidates(model)) {
      const price = byName.get(name)
      if (price) return price
    }
    return undefined
  }

  return {
    version: file.version,
    priceOf(model) {
      if (model === '' || model.length > MAX_NAME) return undefined
      if (remembered.has(model)) return remembered.get(model)
      const price = find(model)
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(model, price)
      return price
    },
  }
}

/** `openai/gpt-4o-2024-08-06`, `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `models/gemini-2.5-pro`, `claude-3-5@20240620`. */
function candidates(model: string): readonly string[] {
  const lower = model.toLowerCase()
  const bare = lower.slice(lower.lastIndexOf('/') + 1)
  const unversioned = bare.replace(/-v\d{1,2}(?::\d{1,3}k?)?$/, '').replace(/:\d{1,2}$/, '')
  const hosted = unversioned.replace(REGION, '').replace(HOSTED_VENDOR, '')
  return [lower, bare, undated(unversioned), hosted, undated(hosted)]
}

const REGION = /^(?:us|us-gov|eu|apac|jp|au|ca|sa|global)\.(?=[a-z0-9]+\.)/
const HOSTED_VENDOR = /^(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\./

function undated(name: string): string {
  return name.replace(/[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/, '')
}

/**
 * What the call cost, in USD. Counts are inclusive (schemas/llm-span.ts), so the parts with a price of their own are taken
 * out first. null where input or output tokens are unknown.
 */
export function costOf(price: ModelPrice, usage: TokenUsage): number | null {
  const { input_tokens, output_tokens } = usage
  if (input_tokens === null || (output_tokens === null && price.output > 0)) return null
  const rates = ratesFor(price, input_tokens)
  const read = usage.cache_read_input_tokens ?? 0
  const written = usage.cache_write_input_tokens ?? 0
  const output = output_tokens ?? 0
  const reasoning = Math.min(usage.reasoning_output_tokens ?? 0, output)
  const fresh = Math.max(0, input_tokens - read - written)
  const cost =
    fresh * rates.input +
    read * (rates.cached_input ?? rates.input) +
    written * (rates.cache_write ?? rates.input) +
    (output - reasoning) * rates.output +
    reasoning * (rates.reasoning ?? rates.output)
  // Rounded to 1e-12 USD: floating-point dust would differ with the order of the sum.
  return Math.round(cost * MILLION) / (MILLION * MILLION)
}

/** Vendors that charge more for long prompts charge the whole request at the higher rate. */
function ratesFor(price: ModelPrice, input_tokens: number): Rates {
  const long = price.long_context
  return long && input_tokens > long.above_input_tokens ? long : price
}
