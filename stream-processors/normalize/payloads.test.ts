import { describe, expect, it } from 'vitest'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import { hasPayloads, payloadSpans } from './testing/payload-files.ts'
import { goldenOf, goldenOfRecord, readGolden } from './testing/payload-golden.ts'
import { payloadRecords } from './testing/payload-records.ts'

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
  it.skipIf(!hasPayloads(folder))('become rows, with what the senders said in them', () => {
    const readings = payloadSpans(folder).flatMap(({ id, read }) => (id.startsWith('otlp/') ? [read] : []))
    const rows = readings.filter((read) => typeof read !== 'string')
    const calls = rows.filter((span) => span.is_call && span.status !== 'error')
    const percent = (has: (span: LlmSpan) => boolean) => Math.floor(100 * share(calls, has))
    const found: Floors = {
      spans: rows.length,
      calls: calls.length,
      content: percent((span) => span.input_captured || span.output_captured),
      model: percent((span) => span.request_model !== '' || span.response_model !== ''),
      tokens: percent((span) => span.input_tokens !== null),
    }
    expect(readings.filter((read) => typeof read === 'string' && read !== 'TIMESTAMP_MISSING')).toEqual([])
    for (const key of Object.keys(floors) as (keyof Floors)[])
      expect(found[key], key).toBeGreaterThanOrEqual(floors[key])
  })
})

describe('log records of all payloads', () => {
  it.skipIf(!hasPayloads('replay-openllmetry'))('read as a person approved', () => {
    const records = payloadRecords().map(({ id, read }) => [id, goldenOfRecord(read)])
    expect(JSON.parse(JSON.stringify(Object.fromEntries(records)))).toEqual(readGolden('log-records'))
  })
})

const FOLDERS = [...FLOORS.map(([folder]) => folder), 'agenta']

/** Written by testing/approve-payload.ts after a person compared each span with its reading (testing/show-payload.ts). */
describe('readings that a person approved', () => {
  it('are hundreds', () => {
    const approved = FOLDERS.reduce((sum, folder) => sum + Object.keys(readGolden(folder)).length, 0)
    expect(approved).toBeGreaterThanOrEqual(300)
  })

  describe.each(FOLDERS)('%s', (folder) => {
    it.skipIf(!hasPayloads(folder))('still hold', () => {
      const golden = readGolden(folder)
      const now = payloadSpans(folder).filter(({ id }) => Object.hasOwn(golden, id))
      // As JSON, which is how they were written.
      const readings = JSON.parse(JSON.stringify(Object.fromEntries(now.map(({ id, read }) => [id, goldenOf(read)]))))
      expect(readings).toEqual(golden)
    })
  })
})
