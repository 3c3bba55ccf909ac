import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createPriceList } from '../../core/prices.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import type { OtlpResourceSpans } from '../../schemas/otlp/otlp.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { createNormalize } from './normalize.ts'

/** Fixtures of other projects; they may lie beside the repository and are not part of it. */
const PAYLOADS = join(import.meta.dirname, '../../../shared/payloads')
const normalize = createNormalize({ prices: createPriceList({ version: '2026-01-01', vendors: [] }) })

interface Reading {
  readonly given: number
  readonly spans: readonly LlmSpan[]
  readonly failures: readonly string[]
}

/** Requests that the transport refuses (several files are broken on purpose) never reach normalize. */
function readFolder(folder: string): Reading {
  const files = globSync('otlp/**/*.json', { cwd: join(PAYLOADS, folder) }).sort()
  let given = 0
  const spans: LlmSpan[] = []
  const failures: string[] = []
  for (const file of files) {
    let request: readonly OtlpResourceSpans[]
    try {
      request = readTraces(encodeTracesJson(JSON.parse(readFileSync(join(PAYLOADS, folder, file), 'utf8'))))
    } catch {
      continue
    }
    given += request.flatMap((resource) => resource.scope_spans.flatMap((scope) => scope.spans)).length
    const result = normalize(request, { project: 'default', received_at: 1_795_000_000_000 })
    spans.push(...result.spans)
    failures.push(...result.failures.map(({ code }) => `${file}: ${code}`))
  }
  return { given, spans, failures }
}

const share = (spans: readonly LlmSpan[], has: (span: LlmSpan) => boolean) =>
  spans.length === 0 ? 1 : spans.filter(has).length / spans.length

/**
 * Shares in percent among calls that did not fail: any content, a model, input tokens. What is missing was not on the span:
 * capture off, content in logs, streams without usage, fixtures of two attributes. Floors found by looking at each gap.
 */
interface Floors {
  readonly spans: number
  readonly calls: number
  readonly content: number
  readonly model: number
  readonly tokens: number
}

const FLOORS: readonly (readonly [string, Floors])[] = [
  ['driver-langchain-rag', { spans: 36, calls: 4, content: 100, model: 50, tokens: 100 }],
  ['driver-langsmith', { spans: 5, calls: 1, content: 100, model: 100, tokens: 100 }],
  ['langfuse', { spans: 112, calls: 31, content: 58, model: 87, tokens: 35 }],
  ['logfire', { spans: 214, calls: 74, content: 93, model: 100, tokens: 63 }],
  ['openinference', { spans: 10, calls: 5, content: 100, model: 100, tokens: 100 }],
  ['pydantic-ai', { spans: 26, calls: 12, content: 66, model: 100, tokens: 91 }],
  ['replay-openinference', { spans: 127, calls: 35, content: 94, model: 88, tokens: 74 }],
  ['replay-openllmetry', { spans: 359, calls: 160, content: 73, model: 98, tokens: 89 }],
  ['replay-openllmetry-v0.16.9', { spans: 7, calls: 7, content: 100, model: 100, tokens: 71 }],
  ['replay-openllmetry-v0.53.0', { spans: 55, calls: 51, content: 64, model: 100, tokens: 84 }],
  ['replay-otel-python-contrib', { spans: 130, calls: 61, content: 39, model: 100, tokens: 78 }],
  ['replay-strands', { spans: 122, calls: 32, content: 100, model: 62, tokens: 100 }],
  ['vercel-ai', { spans: 266, calls: 122, content: 69, model: 100, tokens: 95 }],
]

describe.each(FLOORS)('payloads of %s', (folder, floors) => {
  it.skipIf(!existsSync(join(PAYLOADS, folder)))('become rows, with what the senders said in them', () => {
    const reading = readFolder(folder)
    const calls = reading.spans.filter((span) => span.is_call && span.status !== 'error')
    const percent = (has: (span: LlmSpan) => boolean) => Math.floor(100 * share(calls, has))
    const found: Floors = {
      spans: reading.spans.length,
      calls: calls.length,
      content: percent((span) => span.input_captured || span.output_captured),
      model: percent((span) => span.request_model !== '' || span.response_model !== ''),
      tokens: percent((span) => span.input_tokens !== null),
    }
    expect(reading.spans.length + reading.failures.length).toBe(reading.given)
    expect(reading.failures.filter((failure) => !failure.endsWith('TIMESTAMP_MISSING'))).toEqual([])
    for (const key of Object.keys(floors) as (keyof Floors)[])
      expect(found[key], key).toBeGreaterThanOrEqual(floors[key])
  })
})
