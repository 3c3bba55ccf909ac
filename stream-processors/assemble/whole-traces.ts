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
const SPANS_PER_PAGE = 2 * MAX_TRACE_SPANS
const MAX_REVISION = 0xffff
const REVISION_SHIFT = 48n
const TIME_MASK = (1n << REVISION_SHIFT) - 1n
/** Texts of one trace, in UTF-16 units: with the rest of its spans a request stays within a few megabytes. */
export const MAX_TRACE_TEXT = 1 << 20
/** All names, ids and other fields of its spans; the spans beyond are left out. */
const MAX_TRACE_FIELDS = 8 << 20
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
  for (const { page, counts } of await pagesOf(store, traces)) {
    const budget = createBudget()
    const spans = Map.groupBy(await readSpans(store, page, budget.shorten), keyOf)
    const resumed = page.filter((trace) => hasPause(spans.get(keyOf(trace)) ?? [], trace, idle_ms))
    const known = new Map((await knownTraces(store, resumed.map(widened))).map((trace) => [keyOf(trace), trace]))
    const requests: JudgeRequest[] = []
    for (const trace of page) {
      const own = spans.get(keyOf(trace)) ?? []
      const isJudged = wantsOf(trace.project).some((wants) => isWanted(wants, own))
      if (!isJudged && enclosingCalls(own).length === 0) continue
      const span_count = Math.max(counts.get(keyOf(trace)) ?? 0, own.length)
      requests.push(
        requestOf(own, { trace, idle_ms, span_count, known: known.get(keyOf(trace)), cut: budget.isCut(keyOf(trace)) }),
      )
    }
    yield requests
  }
}

interface Page {
  readonly page: readonly SilentTrace[]
  readonly counts: ReadonlyMap<string, number>
}

/** A trace of many spans has a page of its own. */
async function pagesOf(store: Pick<Store, 'query'>, traces: readonly SilentTrace[]): Promise<readonly Page[]> {
  const pages: { page: SilentTrace[]; counts: ReadonlyMap<string, number> }[] = []
  for (let from = 0; from < traces.length; from += TRACES_PER_PAGE) {
    const some = traces.slice(from, from + TRACES_PER_PAGE)
    const counts = await spanCounts(store, some)
    let spans = Number.POSITIVE_INFINITY
    for (const trace of some) {
      const own = counts.get(keyOf(trace)) ?? 0
      spans += own
      if (spans > SPANS_PER_PAGE) {
        pages.push({ page: [], counts })
        spans = own
      }
      pages.at(-1)!.page.push(trace)
    }
  }
  return pages
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
async function readSpans(
  store: Pick<Store, 'query'>,
  page: readonly SilentTrace[],
  shorten: (span: LlmSpan) => LlmSpan,
): Promise<readonly LlmSpan[]> {
  const spans: LlmSpan[] = []
  for (const traces of [
    page.filter(({ is_young }) => is_young),
    page.filter(({ is_young }) => !is_young).map(widened),
  ]) {
    if (traces.length === 0) continue
    spans.push(
      ...(await readStoredSpans(
        store,
        { ...selectionOf(traces), span_ids: [], texts_of: ['tool', 'llm'], max_per_trace: MAX_TRACE_SPANS },
        shorten,
      )),
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
  /** Texts were left out. */
  readonly cut: boolean
}

function requestOf(spans: readonly LlmSpan[], { trace, idle_ms, span_count, known, cut }: RequestParts): JudgeRequest {
  const { project, trace_id, last_append_time } = trace
  const fitting = firstThatFit(spans)
  return {
    project,
    unit: 'trace',
    reason: 'trace_complete',
    trace_id,
    span_id: '',
    // The key of the rows: a late span that starts earlier must not give the trace a second one.
    start_time: known?.start_time ?? spans[0]!.start_time,
    version: spanVersion(revisionOf(spans, { last_append_time, idle_ms, known }), last_append_time),
    spans: fitting,
    span_count,
    cut: cut || span_count > fitting.length,
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

/**
 * Cuts long texts, span by span in their order, so that no more than one page of a trace is in memory; where all of a trace
 * together are still too long those of its last spans are left out.
 */
function createBudget() {
  const left = new Map<string, number>()
  const cut = new Set<string>()
  return {
    isCut: (trace: string) => cut.has(trace),
    shorten(span: LlmSpan): LlmSpan {
      const trace = keyOf(span)
      const before = left.get(trace) ?? MAX_TRACE_TEXT
      const input_messages = shortened(span.input_messages)
      const output_messages = shortened(span.output_messages)
      const length = lengthOf(input_messages) + lengthOf(output_messages) + span.query.length
      if (length > before) {
        cut.add(trace)
        return { ...span, ...NO_TEXTS }
      }
      left.set(trace, before - length)
      const attributes = new Map([...span.attributes].filter(([name]) => KEPT_ATTRIBUTES.has(name)))
      return { ...span, ...NO_TEXTS, query: span.query, input_messages, output_messages, attributes }
    },
  }
}

/** Names and ids are short, unless somebody means harm: a request must find a place on the log. */
function firstThatFit(spans: readonly LlmSpan[]): readonly LlmSpan[] {
  let left = MAX_TRACE_FIELDS
  for (let i = 0; i < spans.length; i++) {
    for (const value of Object.values(spans[i]!)) left -= lengthOfField(value)
    if (left < 0) return spans.slice(0, Math.max(1, i))
  }
  return spans
}

/** Messages, documents and attributes have a bound of their own. */
function lengthOfField(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (!Array.isArray(value)) return 0
  return value.reduce((sum: number, one: unknown) => sum + (typeof one === 'string' ? one.length : 0), 0)
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
