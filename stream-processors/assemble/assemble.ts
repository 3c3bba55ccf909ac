import type { Store } from '../../adapters/store/store.ts'
import type { PriceList } from '../../core/prices.ts'
import type { JudgeRequest } from '../../schemas/judge-request.ts'
import {
  nextArrival,
  projectsWithFacts,
  type SilentTrace,
  silentTraces,
  type TraceKey,
  type TraceWish,
  tracesWithNewFacts,
  tracesWithNewSpans,
} from './candidates.ts'
import { lateContent } from './late-content.ts'
import { wholeTraces } from './whole-traces.ts'

export const summary =
  'Asks the store what is complete: joins content from log records with its spans, finds silent traces.'

const DAY_MS = 86_400_000
/** Traces looked at in one go. */
const TRACES_PER_PAGE = 500
/** Append time looked at in one go, when there is much to catch up with. */
const MAX_STEP_MS = 10_000

/** Traces that are remembered, and for how many times `trace_idle_ms` they may hold back what is kept. */
const MAX_REMEMBERED = 10_000
const MAX_HELD_BACK = 10

interface Remembered {
  readonly trace: SilentTrace
  /** Watermark from which it is found again. */
  readonly since: number
}

export interface AssembleOptions {
  readonly store: Pick<Store, 'query'>
  readonly prices: PriceList
  /** How long a log record waits for its span, and a span for its log records, before they are joined. */
  readonly content_wait_ms: number
  /** A trace for which nothing came in for so long is complete. */
  readonly trace_idle_ms: number
  /** Which whole traces the judges of these projects want to see. */
  readonly traceWishes: (projects: readonly string[]) => readonly TraceWish[]
  /** Durable when it resolves. A repeated request gives equal rows. */
  readonly send: (requests: readonly JudgeRequest[]) => Promise<void>
}

/** Append times, ms since 1970. */
export interface Progress {
  /** Where the next call goes on. */
  readonly reached: number
  /** Where another process has to go on: not behind what this one remembers. */
  readonly keep: number
}

export interface Assemble {
  /**
   * Looks at what was appended up to `frontier` (ms since 1970), of which all must be in the store, and sends what is due.
   * Goes on from `watermark`, where the last call ended or a kept one. Rejects as the store and `send` do, and then nothing
   * is lost: the same is found again.
   */
  advance(watermark: number, frontier: number): Promise<Progress>
  /** Where to begin when no watermark is known: before the first span of the last day. */
  begin(now: number): Promise<number>
}

/**
 * Joins what one record says about another (architecture.md, "More than one span"). Asks the store and remembers little:
 * which projects write log records, and traces whose turn is still to come. Any process can go on from what is to be kept.
 */
export function createAssemble(options: AssembleOptions): Assemble {
  const { store, prices, content_wait_ms, trace_idle_ms, traceWishes, send } = options
  let logging: Set<string> | undefined
  const remembered = new Map<string, Remembered>()

  async function joinContent(from: number, to: number): Promise<void> {
    logging ??= new Set(await projectsWithFacts(store, from - DAY_MS))
    const window = { from, to }
    const logged = await tracesWithNewFacts(store, window)
    // Before the spans are asked for: a project that begins to log is known from then on.
    for (const { project } of logged) logging.add(project)
    const keys = [...logged, ...(await tracesWithNewSpans(store, { ...window, projects: [...logging] }))]
    for (const page of pagesOf(keys)) {
      for await (const requests of lateContent({ store, prices }, page)) if (requests.length > 0) await send(requests)
    }
  }

  async function completeTraces(from: number, to: number): Promise<void> {
    const projects = await projectsBetween(from, to)
    for (const { trace } of remembered.values()) projects.add(trace.project)
    if (projects.size === 0) return
    const wishes = traceWishes([...projects])
    const { silent, repeated } = await silentTraces(store, { from, to, idle_ms: trace_idle_ms, wishes })
    const due = [...silent, ...overdue(silent, to)]
    const wantsOf = (project: string) => wishes.find(({ projects: names }) => names.includes(project))?.wants ?? []
    const found = wholeTraces({ store, idle_ms: trace_idle_ms, wantsOf }, due)
    for await (const requests of found) if (requests.length > 0) await send(requests)
    for (const trace of due) remembered.delete(keyOf(trace))
    for (const trace of repeated)
      if (remembered.size < MAX_REMEMBERED)
        remembered.set(keyOf(trace), { trace, since: remembered.get(keyOf(trace))?.since ?? from + trace_idle_ms })
  }

  /** Remembered traces whose turn it was and of which the table says nothing any more. */
  function overdue(silent: readonly SilentTrace[], to: number): readonly SilentTrace[] {
    const found = new Set(silent.map(keyOf))
    return [...remembered.values()].flatMap(({ trace }) =>
      trace.last_append_time <= to && !found.has(keyOf(trace)) ? [{ ...trace, is_young: false }] : [],
    )
  }

  function progress(reached: number): Progress {
    let keep = reached
    for (const { since } of remembered.values()) keep = Math.min(keep, since)
    return { reached, keep: Math.max(keep, reached - MAX_HELD_BACK * trace_idle_ms) }
  }

  async function projectsBetween(from: number, to: number): Promise<Set<string>> {
    const rows = await store.query<{ project: string }>(
      `SELECT DISTINCT project FROM spans_rows WHERE received_at > fromUnixTimestamp64Milli({from:Int64})
         AND received_at <= fromUnixTimestamp64Milli({to:Int64})`,
      { params: { from, to } },
    )
    return new Set(rows.map(({ project }) => project))
  }

  async function advance(watermark: number, frontier: number): Promise<Progress> {
    if (frontier <= watermark) return progress(watermark)
    // What became due: content that has waited, and traces that have been silent, since the last time.
    const earliest = watermark - Math.max(content_wait_ms, trace_idle_ms)
    const next = await nextArrival(store, earliest)
    if (next === null) return progress(frontier)
    // Nothing that came in before `next` is due before it has waited.
    const idle_until = Math.min(next + Math.min(content_wait_ms, trace_idle_ms) - 1, frontier)
    const from = Math.max(watermark, idle_until)
    const to = Math.min(from + MAX_STEP_MS, frontier)
    if (to <= from) return progress(from)
    await joinContent(from - content_wait_ms, to - content_wait_ms)
    await completeTraces(from - trace_idle_ms, to - trace_idle_ms)
    return progress(to)
  }

  return {
    advance,
    async begin(now) {
      const first = await nextArrival(store, now - DAY_MS)
      return first === null ? now : first - 1
    },
  }
}

const keyOf = ({ project, trace_id }: SilentTrace) => `${project}/${trace_id}`

function* pagesOf(keys: readonly TraceKey[]): Generator<readonly TraceKey[]> {
  for (let from = 0; from < keys.length; from += TRACES_PER_PAGE) yield keys.slice(from, from + TRACES_PER_PAGE)
}
