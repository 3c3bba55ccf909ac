import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TokenUsage } from '../schemas/llm-span.ts'
import type { PriceFile } from '../schemas/prices/price-file.ts'
import { costOf, createPriceList } from './prices.ts'

const FOLDER = join(import.meta.dirname, '../schemas/prices')
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as PriceFile
const list = createPriceList(read(files.sort().at(-1) as string))

const usage = (fields: Partial<TokenUsage>): TokenUsage => ({
  input_tokens: null,
  output_tokens: null,
  cache_read_input_tokens: null,
  cache_write_input_tokens: null,
  reasoning_output_tokens: null,
  ...fields,
})

describe.each(files)('price list %s', (name) => {
  const file = read(name)
  const models = file.vendors.flatMap((vendor) => vendor.models)

  it('is named after its version and names its sources', () => {
    expect(name).toBe(`${file.version}.json`)
    for (const vendor of file.vendors) expect(vendor.source).toMatch(/^https:\/\//)
  })

  it('knows each name once', () => {
    const names = models.flatMap((model) => [model.id, ...(model.aliases ?? [])])
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([])
  })

  it('has plausible rates: cache reads never dearer than input, long context never cheaper', () => {
    for (const model of models) {
      expect(model.input, model.id).toBeGreaterThan(0)
      expect(model.cached_input ?? 0, model.id).toBeLessThanOrEqual(model.input)
      expect(model.cache_write ?? model.input, model.id).toBeGreaterThanOrEqual(model.input)
      expect(model.output === 0 || model.output >= model.input, model.id).toBe(true)
      if (model.long_context) expect(model.long_context.input, model.id).toBeGreaterThan(model.input)
    }
  })
})

describe('priceOf', () => {
  it.each([
    ['gpt-4o-mini', 0.15],
    ['gpt-4o-mini-2024-07-18', 0.15],
    ['GPT-4o', 2.5],
    ['gpt-4o-2024-08-06', 2.5],
    ['gpt-4o-2024-05-13', 5],
    ['openai/gpt-4.1', 2],
    ['gpt-5.1-chat-latest', 1.25],
    ['models/gemini-2.5-pro', 1.25],
    ['claude-sonnet-4-5-20250929', 3],
    ['claude-sonnet-4-5@20250929', 3],
    ['anthropic/claude-sonnet-4.5', 3],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0', 3],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 3.3],
    ['eu.anthropic.claude-haiku-4-5-20251001-v1:0', 1.1],
    ['us.anthropic.claude-3-5-haiku-20241022-v1:0', 0.8],
    ['claude-3-5-haiku-latest', 0.8],
    ['amazon.nova-lite-v1:0', 0.06],
    ['nova-lite-v1:0', 0.06],
    ['us.meta.llama3-3-70b-instruct-v1:0', 0.72],
    ['text-embedding-3-small', 0.02],
  ])('%s costs %d for a million input tokens', (model, input) => {
    expect(list.priceOf(model)?.input).toBe(input)
  })

  it.each(['', 'bad-model', 'gpt-4o-mini-but-not-really', 'llama3', 'x'.repeat(1_000_000), '__proto__', 'constructor'])(
    'does not know %.40s',
    (model) => {
      expect(list.priceOf(model)).toBeUndefined()
    },
  )

  it('never throws, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (model) => {
        const price = list.priceOf(model)
        expect(price === undefined || price.input > 0).toBe(true)
      }),
    )
  })
})

describe('costOf', () => {
  const price = {
    id: 'm',
    input: 2,
    cached_input: 0.5,
    cache_write: 2.5,
    output: 8,
    reasoning: 10,
    long_context: { above_input_tokens: 1_000, input: 4, output: 16 },
  }

  it.each([
    [{ input_tokens: 1000, output_tokens: 0 }, 2000],
    [{ input_tokens: 1000, output_tokens: 100 }, 2000 + 800],
    [{ input_tokens: 1000, output_tokens: 100, cache_read_input_tokens: 400 }, 1200 + 200 + 800],
    [
      { input_tokens: 1000, output_tokens: 100, cache_read_input_tokens: 400, cache_write_input_tokens: 100 },
      1000 + 200 + 250 + 800,
    ],
    [{ input_tokens: 1000, output_tokens: 100, reasoning_output_tokens: 40 }, 2000 + 480 + 400],
    [{ input_tokens: 1001, output_tokens: 100 }, 4004 + 1600],
    [{ input_tokens: 1001, output_tokens: 0, cache_read_input_tokens: 1001 }, 4004],
    [{ input_tokens: 10, output_tokens: 5, reasoning_output_tokens: 9 }, 20 + 50],
  ])('%j costs %d millionths', (counts, millionths) => {
    expect(costOf(price, usage(counts))).toBeCloseTo(millionths / 1e6, 12)
  })

  it('is null where the counts are unknown, and needs no output tokens where output is free', () => {
    expect(costOf(price, usage({ input_tokens: 5 }))).toBeNull()
    expect(costOf(price, usage({ output_tokens: 5 }))).toBeNull()
    expect(costOf({ id: 'embedding', input: 1, output: 0 }, usage({ input_tokens: 8 }))).toBe(0.000008)
  })

  it('prices the recorded completion: 19 in (4 cached), 10 out (2 reasoning)', () => {
    const recorded = { input_tokens: 19, output_tokens: 10, cache_read_input_tokens: 4, reasoning_output_tokens: 2 }
    const model = list.priceOf('gpt-4o-mini-2024-07-18')
    expect(model && costOf(model, usage(recorded))).toBe(0.00000855)
  })
})
