import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPriceList } from '../../core/prices.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { createNormalize } from './normalize.ts'
import { summaryOf } from './testing/summary.ts'

const FIXTURES = join(import.meta.dirname, '../../schemas/fixtures')
const CAPTURES = join(FIXTURES, 'live-captures')
const normalize = createNormalize({ prices: createPriceList({ version: '2026-01-01', vendors: [] }) })

function capture(folder: string, isWanted: (file: string) => boolean): readonly LlmSpan[] {
  const files = readdirSync(join(CAPTURES, folder)).filter((file) => isWanted(file) && !file.endsWith('.meta.json'))
  return files.sort().flatMap((file) => {
    const bytes = readFileSync(join(CAPTURES, folder, file))
    const body = file.endsWith('.json') ? encodeTracesJson(JSON.parse(bytes.toString())) : bytes
    const { spans, failures } = normalize(readTraces(body), { project: 'default', received_at: 1_795_000_000_000 })
    expect(failures).toEqual([])
    return spans
  })
}

const isProtobuf = (file: string) => file.includes('traces') && file.endsWith('.pb')
const isJson = (file: string) => file.includes('traces') && file.endsWith('.json')
const isGrpc = (file: string) => file.startsWith('grpc-')

const folders = readdirSync(CAPTURES)

describe.each(folders)('%s', (folder) => {
  const spans = [isProtobuf, isJson].map((wanted) => capture(folder, wanted)).find((found) => found.length > 0) ?? []

  it('reads as reviewed', async () => {
    expect(spans.length).toBeGreaterThan(0)
    await expect(summaryOf(spans)).toMatchFileSnapshot(join(FIXTURES, 'golden', `${folder}.json`))
  })

  it.skipIf(!readdirSync(join(CAPTURES, folder)).some(isGrpc))('is the same as protobuf, JSON and gRPC', () => {
    expect(capture(folder, isJson)).toEqual(spans)
    expect(capture(folder, isGrpc)).toEqual(spans)
  })
})

describe('the truth of the recorded server', () => {
  const calls = (folder: string) => {
    const spans = [isProtobuf, isJson].map((wanted) => capture(folder, wanted)).find((found) => found.length > 0) ?? []
    const parents = new Set(spans.filter((span) => span.is_call).map((span) => span.parent_span_id))
    return spans.filter((span) => span.is_call && !parents.has(span.span_id))
  }
  const sum = (spans: readonly LlmSpan[], field: 'input_tokens' | 'output_tokens') =>
    spans.reduce((total, span) => total + (span[field] ?? 0), 0)

  it('counts 3 calls, 1 failed, 40 input and 20 output tokens where the SDK reports inside the instrumentation', () => {
    const innermost = calls('openinference-instrumentation-anthropic-0.2.8')
    expect(innermost).toHaveLength(3)
    expect(innermost.filter((span) => span.status === 'error')).toHaveLength(1)
    expect(sum(innermost, 'input_tokens')).toBe(40)
    expect(sum(innermost, 'output_tokens')).toBe(20)
  })

  it.each([
    ['openinference-langchain-4.1.1_langgraph-1.2.9', 4],
    ['vercel-ai-7.0.173_LegacyOpenTelemetry', 5],
    ['langfuse-otel-5.11.1', 7],
  ])('%s: %i completions of 19 (4 cached) and 10 (2 reasoning)', (folder, completions) => {
    const complete = calls(folder).filter((span) => span.kind === 'llm' && span.status !== 'error')
    expect(complete).toHaveLength(completions)
    for (const span of complete) {
      expect(span).toMatchObject({
        input_tokens: 19,
        output_tokens: 10,
        cache_read_input_tokens: 4,
        reasoning_output_tokens: 2,
      })
    }
  })

  it('counts each call of the Vercel SDK once, whichever of its two exporters reports', () => {
    const legacy = calls('vercel-ai-7.0.173_LegacyOpenTelemetry')
    const current = calls('vercel-ai-7.0.173_ai-sdk-otel-1.0.173')
    expect(current.length).toBe(legacy.length)
    expect(sum(current, 'input_tokens')).toBe(sum(legacy, 'input_tokens'))
    expect(sum(current, 'output_tokens')).toBe(sum(legacy, 'output_tokens'))
  })
})
