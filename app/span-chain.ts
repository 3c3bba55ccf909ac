import type { Clock } from '../core/clock.ts'
import type { Chain, Reject, SourceRecord } from '../core/component.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Metrics } from '../core/metrics.ts'
import { createPriceList } from '../core/prices.ts'
import type { JudgedSpan } from '../schemas/judged-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import { OtlpSyntaxError } from '../schemas/otlp/errors.ts'
import type { OtlpResourceSpans } from '../schemas/otlp/otlp.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import { HEADER_PROJECT } from '../schemas/topics.ts'
import { createNormalize } from '../stream-processors/normalize/normalize.ts'
import type { Config } from './config.ts'
import { createJudgeSets, type Judging } from './judge-sets.ts'
import { readPrices } from './prices.ts'
import type { JudgesOfProjects } from './project-settings.ts'
import { type FailedSpan, spanLetters } from './span-letters.ts'

const DAY_MS = 86_400_000
const NS_PER_MS = 1_000_000n
const NS_PER_HOUR = 3_600_000_000_000n
const OUT_OF_RANGE = 'the span starts before the retention or more than a day after it was received'
const REPEATED = 'an earlier span of the same request has its id, and starts in another hour'

/** How old a span may be: what is older has no place in the tables any more. */
interface Retention {
  readonly store: Pick<Config['store'], 'retention_days'>
}

/** Reads a record of otlp_spans into canonical spans; what cannot become a row is rejected with its bytes. */
export type SpanReader = (record: SourceRecord) => {
  readonly spans: readonly LlmSpan[]
  readonly rejects: readonly Reject[]
}

export function createSpanReader(config: Retention): SpanReader {
  const normalize = createNormalize({ prices: createPriceList(readPrices()) })
  const retention_ms = config.store.retention_days * DAY_MS

  return function readSpans(record) {
    const project = record.headers[HEADER_PROJECT]
    const body = record.value
    if (!body || !project)
      return { spans: [], rejects: [wholeRecord(record, 'the record has no body or no project header')] }
    let resourceSpans: readonly OtlpResourceSpans[]
    try {
      resourceSpans = readTraces(body)
    } catch (error) {
      if (!(error instanceof OtlpSyntaxError)) throw error
      return { spans: [], rejects: [wholeRecord(record, error.message)] }
    }
    const { spans, failures } = normalize(resourceSpans, { project, received_at: record.timestamp_ms })
    const failed: FailedSpan[] = failures.map(({ code, byte_start, cause }) => ({
      code,
      byte_start,
      message: describe(code, cause),
    }))
    const earliest = BigInt(record.timestamp_ms - retention_ms) * NS_PER_MS
    const latest = BigInt(record.timestamp_ms + DAY_MS) * NS_PER_MS
    const inRange = (span: LlmSpan) => span.start_time >= earliest && span.start_time <= latest
    const isRepeat = repeatsOf(spans)
    const isKept = (span: LlmSpan) => inRange(span) && !isRepeat.has(span)
    if (spans.every(isKept)) return { spans, rejects: spanLetters(body, failed) }
    const places = placesOf(resourceSpans)
    for (const span of spans) {
      // In the order in which they stand in the request.
      const byte_start = places.get(idOf(span))?.shift() ?? 0
      if (!inRange(span)) failed.push({ code: 'TIMESTAMP_OUT_OF_RANGE', byte_start, message: OUT_OF_RANGE })
      else if (isRepeat.has(span)) failed.push({ code: 'SPAN_ID_REPEATED', byte_start, message: REPEATED })
    }
    return { spans: spans.filter(isKept), rejects: spanLetters(body, failed) }
  }
}

export interface SpanChainOptions {
  readonly config: JudgesOfProjects & Retention
  readonly metrics: Metrics
  readonly clock: Clock
  /** Compiled before; without it the judges are compiled here, which takes a tenth of a second and more. */
  readonly judging?: Judging
}

/** The first chain: normalize, judge-rules. Pure in the record, its append time and the configuration. */
export function createSpanChain({ config, metrics, clock, judging }: SpanChainOptions): Chain<JudgedSpan> {
  const readSpans = createSpanReader(config)
  const judgeRulesOf = judging ?? createJudgeSets({ metrics, clock }).compile(config)
  return {
    name: 'normalize',
    process(record) {
      const { spans, rejects } = readSpans(record)
      for (const { dialect, kind } of spans) metrics.spansProcessed.inc({ dialect, kind })
      return { items: judgeRulesOf(record.headers[HEADER_PROJECT] ?? '')(spans), rejects }
    },
  }
}

function wholeRecord(record: SourceRecord, message: string): Reject {
  const value = record.value ?? new Uint8Array(0)
  return { code: 'UNREADABLE_RECORD', message, component: 'normalize', value, index: 0 }
}

/** Names the kind of error only: its message may quote the text. */
function describe(code: ErrorCode, cause: unknown): string {
  if (code === 'TIMESTAMP_MISSING') return 'neither the span nor its request has any time'
  return `reading the span failed with ${cause instanceof Error ? cause.name : 'a value that is no error'}`
}

const idOf = ({ trace_id, span_id }: { trace_id: string; span_id: string }) => trace_id + span_id

/** The same id a second time and at another hour, which is another key in the tables: it would be there twice. */
function repeatsOf(spans: readonly LlmSpan[]): ReadonlySet<LlmSpan> {
  const repeats = new Set<LlmSpan>()
  if (spans.length < 2) return repeats
  const hours = new Map<string, bigint>()
  for (const span of spans) {
    const hour = span.start_time / NS_PER_HOUR
    const first = hours.get(idOf(span))
    if (first === undefined) hours.set(idOf(span), hour)
    else if (first !== hour) repeats.add(span)
  }
  return repeats
}

function placesOf(resourceSpans: readonly OtlpResourceSpans[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const { scope_spans } of resourceSpans)
    for (const { spans } of scope_spans)
      for (const span of spans) {
        const known = places.get(idOf(span))
        if (known === undefined) places.set(idOf(span), [span.byte_start])
        else known.push(span.byte_start)
      }
  return places
}
