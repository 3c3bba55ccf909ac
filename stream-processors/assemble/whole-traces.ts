import type { Store } from '../../adapters/store/store.ts'
import { readStoredSpans } from '../../adapters/store/stored-spans.ts'
import { MAX_TRACE_SPANS } from '../../judges/judge.ts'
import { isWanted, type TraceWants } from '../../judges/trace-wants.ts'
import type { JudgeRequest } from '../../schemas/judge-request.ts'
import { type LlmSpan, type Message, REVISION_FINISHED, spanVersion } from '../../schemas/llm-span.ts'
import { type KnownTrace, knownTraces, type SilentTrace } from './candidates.ts'
import { enclosingCalls, silences } from './trace-tree.ts'

const SECONDS_PER_HOUR = 3_600
/** How long before the hours in which something came in a trace may have begun. */
const LONGEST_TRACE_S = 24 * SECONDS_PER_HOUR
const TRACES_PER_PAGE = 200
const MAX_REVISION = 0xffff
const REVISION_SHIFT = 48n
const TIME_MASK = (1n << REVISION_SHIFT) - 1n
/** Texts of one trace, in UTF-16 units: with the rest of its spans a request stays within a few megabytes. */
export const MAX_TRACE_TEXT = 1 << 20
/** Of one text, from both of its ends: what is repeated is told by them. */
const MAX_SPAN_TEXT = 4_096

export interface WholeTracesOptions {
  readonly store: Pick<Store, 'query'>
  readonly idle_ms: number
  /** What the judges of a project want to see. */
  readonly wantsOf: (project: string) => readonly TraceWants[]
}

/** The traces as requests to judge them as a whole; without those of which there is nothing to say. A page at a time. */
export async function* wholeTraces(
  options: WholeTracesOptions,
  traces: readonly SilentTrace[],
): AsyncGenerator<readonly JudgeRequest[]> {
  const { store, idle_ms, wantsOf } = options
  for (let from = 0; from < traces.length; from += TRACES_PER_PAGE) {
    const page = traces.slice(from, from + TRACES_PER_PAGE)
    const spans = Map.groupBy(await readSpans(store, page), keyOf)
    const counts = await spanCounts(store, page)
    const resumed = page.filter((trace) => hasPause(spans.get(keyOf(trace)) ?? [], trace, idle_ms))
    const known = new Map((await knownTraces(store, resumed.map(widened))).map((trace) => [keyOf(trace), trace]))
    const requests: JudgeRequest[] = []
    for (const trace of page) {
      const own = spans.get(keyOf(trace)) ?? []
      const isJudged = wantsOf(trace.project).some((wants) => isWanted(wants, own))
      if (!isJudged && enclosingCalls(own).length === 0) continue
      const span_count = Math.max(counts.get(keyOf(trace)) ?? 0, own.length)
      requests.push(requestOf(own, { trace, idle_ms, span_count, known: known.get(keyOf(trace)) }))
    }
    yield requests
  }
}

const keyOf = ({ project, trace_id }: { project: string; trace_id: string }) => `${project}/${trace_id}`

const widened = <Trace extends SilentTrace>(trace: Trace): Trace => ({
  ...trace,
  first_hour: Math.max(0, trace.first_hour - LONGEST_TRACE_S),
  last_hour: trace.last_hour + SECONDS_PER_HOUR,
})

function hasPause(spans: readonly LlmSpan[], trace: SilentTrace, idle_ms: number): boolean {
  return spans.some(({ received_at }) => received_at < trace.last_append_time - idle_ms)
}

/** A young trace lies in its own hours; another one may have begun long before. */
async function readSpans(store: Pick<Store, 'query'>, page: readonly SilentTrace[]): Promise<readonly LlmSpan[]> {
  const spans: LlmSpan[] = []
  for (const traces of [
    page.filter(({ is_young }) => is_young),
    page.filter(({ is_young }) => !is_young).map(widened),
  ]) {
    if (traces.length === 0) continue
    spans.push(
      ...(await readStoredSpans(store, {
        ...selectionOf(traces),
        span_ids: [],
        texts_of: ['tool', 'llm'],
        max_per_trace: MAX_TRACE_SPANS,
      })),
    )
  }
  return spans
}

function selectionOf(traces: readonly SilentTrace[]) {
  return {
    projects: [...new Set(traces.map(({ project }) => project))],
    trace_ids: traces.map(({ trace_id }) => trace_id),
    first_hour: Math.min(...traces.map(({ first_hour }) => first_hour)),
    last_hour: Math.max(...traces.map(({ last_hour }) => last_hour)),
  }
}

/** Spans of the traces, those beyond the limit too. */
async function spanCounts(
  store: Pick<Store, 'query'>,
  page: readonly SilentTrace[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await store.query<{ project: string; trace_id: string; spans: string }>(
    `SELECT project, trace_id, toString(uniqExact(span_id)) AS spans FROM spans_rows
     WHERE project IN {projects:Array(String)} AND trace_id IN {trace_ids:Array(String)}
       AND hour >= toDateTime({first_hour:UInt32}, 'UTC') AND hour <= toDateTime({last_hour:UInt32}, 'UTC')
     GROUP BY project, trace_id`,
    { params: selectionOf(page.map((trace) => (trace.is_young ? trace : widened(trace)))) },
  )
  return new Map(rows.map((row) => [keyOf(row), Number(row.spans)]))
}

interface RequestParts {
  readonly trace: SilentTrace
  readonly idle_ms: number
  readonly span_count: number
  readonly known: KnownTrace | undefined
}

function requestOf(spans: readonly LlmSpan[], { trace, idle_ms, span_count, known }: RequestParts): JudgeRequest {
  const { project, trace_id, last_append_time } = trace
  const fitted = withinBudget(spans)
  return {
    project,
    unit: 'trace',
    reason: 'trace_complete',
    trace_id,
    span_id: '',
    // The key of the rows: a late span that starts earlier must not give the trace a second one.
    start_time: known?.start_time ?? spans[0]!.start_time,
    version: spanVersion(revisionOf(spans, { last_append_time, idle_ms, known }), last_append_time),
    spans: fitted.spans,
    span_count,
    cut: fitted.cut || span_count > spans.length,
  }
}

/**
 * One more than last time, where something came in since; the same again for the same spans, so that a replay gives an
 * equal version.
 */
function revisionOf(
  spans: readonly LlmSpan[],
  { last_append_time, idle_ms, known }: { last_append_time: number; idle_ms: number; known: KnownTrace | undefined },
): number {
  const counted = REVISION_FINISHED - 1 + silences(spans, idle_ms)
  if (known === undefined) return Math.min(counted, MAX_REVISION)
  const before = Number(known.version >> REVISION_SHIFT)
  const isSame = Number(known.version & TIME_MASK) >= last_append_time
  return Math.min(isSame ? before : Math.max(counted, before + 1), MAX_REVISION)
}

/** Long texts are cut, and where all together are still too long those of the last spans are left out. */
function withinBudget(spans: readonly LlmSpan[]): { spans: readonly LlmSpan[]; cut: boolean } {
  let left = MAX_TRACE_TEXT
  let cut = false
  const fitted = spans.map((span) => {
    const input_messages = shortened(span.input_messages)
    const output_messages = shortened(span.output_messages)
    const length = lengthOf(input_messages) + lengthOf(output_messages) + span.query.length
    left -= length
    const attributes = new Map([...span.attributes].filter(([name]) => KEPT_ATTRIBUTES.has(name)))
    if (left >= 0) return { ...span, ...NO_TEXTS, query: span.query, input_messages, output_messages, attributes }
    left += length
    cut ||= length > 0
    return { ...span, ...NO_TEXTS }
  })
  return { spans: fitted, cut }
}

/** What judges of traces read. */
const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set(['http.request.resend_count', 'http.resend_count'])

const NO_TEXTS = {
  system_instructions: '',
  input_messages: [],
  output_messages: [],
  tool_definitions: '',
  query: '',
  documents: [],
  attributes: new Map<string, string>(),
} as const satisfies Partial<LlmSpan>

function shortened(messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) =>
      part.content.length <= MAX_SPAN_TEXT ? part : { ...part, content: endsOf(part.content) },
    ),
  }))
}

/** Half a surrogate pair at the cut would not survive the record. */
function endsOf(text: string): string {
  return `${text.slice(0, MAX_SPAN_TEXT / 2)}${text.slice(-MAX_SPAN_TEXT / 2)}`.toWellFormed()
}

function lengthOf(messages: readonly Message[]): number {
  let length = 0
  for (const { parts } of messages) for (const { content } of parts) length += content.length
  return length
}
