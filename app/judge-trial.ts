import { otlpRequest, placedSpans, resourceAttributes } from '../collectors/rest/to-otlp.ts'
import { traceSchema } from '../collectors/rest/trace-schema.ts'
import type { Clock } from '../core/clock.ts'
import { CodedError } from '../core/errors.ts'
import { createPriceList } from '../core/prices.ts'
import type { SpanInput, TextField, TraceInput, Verdicts } from '../judges/judge.ts'
import { createPatternSet } from '../judges/pattern-set.ts'
import { spanInput } from '../judges/span-texts.ts'
import { aMessage, aPart, aSpan } from '../schemas/a-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'
import { OtlpSyntaxError } from '../schemas/otlp/errors.ts'
import { encodeTracesJson } from '../schemas/otlp/json.ts'
import { readTraces } from '../schemas/otlp/reader.ts'
import { createNormalize } from '../stream-processors/normalize/normalize.ts'
import type { AnyJudge } from './judge-library.ts'
import { readPrices } from './prices.ts'

const TRACE_ID = 'e'.repeat(32)
/** A judge is asked again and again for so long, so that its time is that of a running instance. */
const TIMED_MS = 150
const MAX_ROUNDS = 200

/** A span with one text, in the place that `field` names. */
export function spanOfText(text: string, field: TextField): LlmSpan {
  const said = { finish_reasons: ['stop'], output_captured: true }
  switch (field) {
    case 'system':
      return aSpan({ ...said, system_instructions: text })
    case 'query':
      return aSpan({ ...said, kind: 'retrieval', query: text })
    case 'document':
      return aSpan({ ...said, documents: [{ id: '', content: text, score: null }] })
    case 'input':
      return aSpan({ ...said, input_messages: [aMessage('user', text)] })
    case 'tool_response':
      return aSpan({
        ...said,
        input_messages: [aMessage('tool', [aPart({ type: 'tool_call_response', content: text })])],
      })
    case 'output':
      return aSpan({ ...said, output_messages: [aMessage('assistant', text, 'stop')] })
    default:
      return aSpan({ ...said, output_messages: [aMessage('assistant', [aPart({ type: field, content: text })])] })
  }
}

/**
 * The spans of an OTLP export request (protobuf, JSON), of one OTLP span as JSON, or of the simple JSON of /api/v1/traces, read
 * as a running instance reads them. Throws REQUEST_INVALID.
 */
export function spansOfBytes(bytes: Buffer, now: number): readonly LlmSpan[] {
  const body = /^\s*[{[]/.test(bytes.subarray(0, 64).toString('latin1')) ? otlpOfJson(parseJson(bytes), now) : bytes
  const { spans, failures } = createNormalize({ prices: createPriceList(readPrices()) })(tracesOf(body), {
    project: 'default',
    received_at: now,
  })
  if (spans.length === 0)
    throw new CodedError(
      'REQUEST_INVALID',
      failures.length > 0 ? 'No span in it has any time.' : 'It is no OTLP request, or holds no span.',
    )
  return spans
}

function tracesOf(body: Uint8Array) {
  try {
    return readTraces(body)
  } catch (error) {
    if (!(error instanceof OtlpSyntaxError)) throw error
    throw new CodedError('REQUEST_INVALID', `It is no OTLP request: ${error.message}`)
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new CodedError('REQUEST_INVALID', 'It is no JSON.')
  }
}

function otlpOfJson(json: unknown, now: number): Uint8Array {
  const given = json as Readonly<Record<string, unknown>>
  const isRequest = 'resourceSpans' in given || 'resource_spans' in given
  const isSpan = 'traceId' in given || 'trace_id' in given || Array.isArray(given.attributes)
  const request = isRequest ? given : isSpan ? aRequestOf(given, now) : simpleOf(given, now)
  try {
    return encodeTracesJson(request)
  } catch (error) {
    if (!(error instanceof OtlpSyntaxError)) throw error
    throw new CodedError('REQUEST_INVALID', `It is no OTLP request: ${error.message}`)
  }
}

function aRequestOf(span: object, now: number): object {
  const times = { startTimeUnixNano: `${now}000000`, endTimeUnixNano: `${now}000000` }
  const ids = { traceId: TRACE_ID, spanId: TRACE_ID.slice(16) }
  return { resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids, ...times, ...span }] }] }] }
}

function simpleOf(given: object, now: number): object {
  const parsed = traceSchema.safeParse({ ...('start_time' in given ? {} : { start_time: now / 1000 }), ...given })
  if (parsed.success) {
    const spans = placedSpans(parsed.data, TRACE_ID).map(({ span }) => span)
    return otlpRequest(resourceAttributes(parsed.data), spans)
  }
  const [issue] = parsed.error.issues
  const where = (issue?.path ?? []).map(String).join('.')
  throw new CodedError(
    'REQUEST_INVALID',
    `It is neither OTLP nor the simple JSON of docs/rest.md: ${where} ${issue?.message}`,
  )
}

export interface Trial {
  readonly judge: string
  readonly judge_version: string
  readonly unit: 'span' | 'trace'
  /** Of the span, or of the trace's first one. */
  readonly span_id: string
  readonly trace_id: string
  readonly name: string
  /** Whether it has anything to say about this one. */
  readonly applies: boolean
  readonly verdicts: Verdicts
  /** Median of many times, patterns included; null where it does not apply. */
  readonly duration_us: number | null
  /** The texts that evidence points into. */
  readonly texts: SpanInput['texts']
}

/** What a judge says about these spans, one by one, or about the traces that they make. */
export function tryJudge(tried: AnyJudge, spans: readonly LlmSpan[], clock: Clock): readonly Trial[] {
  if (tried.unit === 'trace') return tracesIn(spans).map((trace) => tryOnTrace(tried.judge, trace, clock))
  const { judge } = tried
  const patterns = createPatternSet([judge])
  return spans.map((span) => {
    const input = spanInput(span)
    const ask = () => {
      const { hits, cut } = patterns.scan(input.texts, () => true)
      return answerIn(judge.evaluate([{ input, hits: hits[0]!, cut }], new AbortController().signal))
    }
    return { ...answered(judge.applies(input), ask, clock), ...about(judge, span), texts: input.texts }
  })
}

function tryOnTrace(judge: Extract<AnyJudge, { unit: 'trace' }>['judge'], input: TraceInput, clock: Clock): Trial {
  const ask = () => answerIn(judge.evaluate([{ input, hits: [], cut: input.cut }], new AbortController().signal))
  return { ...answered(judge.applies(input), ask, clock), ...about(judge, input.spans[0]!), texts: [] }
}

function about({ name, version, unit }: AnyJudge['judge'], span: LlmSpan) {
  const { span_id, trace_id } = span
  return {
    judge: name,
    judge_version: version,
    unit: unit === 'trace' ? unit : 'span',
    span_id,
    trace_id,
    name: span.name,
  } as const
}

function answerIn(answers: unknown): Verdicts {
  const [verdicts] = Array.isArray(answers) ? (answers as Verdicts[]) : []
  if (verdicts === undefined) throw new CodedError('INTERNAL', 'The judge did not answer at once.')
  return verdicts
}

function answered(applies: boolean, ask: () => Verdicts, clock: Clock) {
  const verdicts = applies ? ask() : []
  if (verdicts.length === 0) return { applies: false, verdicts, duration_us: null }
  const times: number[] = []
  // A judge that failed is not asked again: three times would disable it.
  const isFine = verdicts.every(({ error }) => error === '')
  for (const end = clock.monotonic() + TIMED_MS; isFine && clock.monotonic() < end && times.length < MAX_ROUNDS; ) {
    const since = clock.monotonic()
    ask()
    times.push(clock.monotonic() - since)
  }
  const median = times.toSorted((a, b) => a - b)[times.length >> 1]
  return { applies: true, verdicts, duration_us: median === undefined ? null : Math.round(median * 1e4) / 10 }
}

function tracesIn(spans: readonly LlmSpan[]): readonly TraceInput[] {
  const traces = Map.groupBy(spans, ({ trace_id }) => trace_id)
  return [...traces].map(([trace_id, members]) => ({
    project: members[0]!.project,
    trace_id,
    spans: members.toSorted((a, b) => (a.start_time < b.start_time ? -1 : a.start_time > b.start_time ? 1 : 0)),
    span_count: members.length,
    cut: false,
  }))
}
