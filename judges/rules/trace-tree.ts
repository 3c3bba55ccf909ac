import type { LlmSpan } from '../../schemas/llm-span.ts'

export interface TraceTree {
  /** Spans from the root to the deepest one; 1 for a trace of roots. Rounds of parents are left out. */
  readonly depth: number
  /** Spans whose parents lead back to themselves. */
  readonly cyclic: readonly LlmSpan[]
  /** Calls without another call anywhere inside them: the ones that count (architecture.md, "More than one span"). */
  readonly calls: readonly LlmSpan[]
}

/** The shape of a trace, in one pass over its spans whatever their parents say. */
export function traceTree(spans: readonly LlmSpan[]): TraceTree {
  const byId = new Map(spans.map((span) => [span.span_id, span]))
  const parentOf = ({ parent_span_id }: LlmSpan) => (parent_span_id === '' ? undefined : byId.get(parent_span_id))
  const depths = new Map<LlmSpan, number>()
  const cyclic: LlmSpan[] = []
  let depth = 0
  for (const span of spans) {
    const path: LlmSpan[] = []
    const onPath = new Map<LlmSpan, number>()
    let at: LlmSpan | undefined = span
    while (at !== undefined && !depths.has(at) && !onPath.has(at)) {
      onPath.set(at, path.length)
      path.push(at)
      at = parentOf(at)
    }
    let below = at === undefined ? 0 : (depths.get(at) ?? 0)
    const firstCyclic = at === undefined ? undefined : onPath.get(at)
    if (firstCyclic !== undefined) {
      for (const member of path.splice(firstCyclic)) {
        cyclic.push(member)
        depths.set(member, 0)
      }
    }
    for (const member of path.reverse()) {
      below++
      depths.set(member, below)
    }
    depth = Math.max(depth, below)
  }
  return { depth, cyclic, calls: countedCalls(spans, parentOf) }
}

function countedCalls(spans: readonly LlmSpan[], parentOf: (span: LlmSpan) => LlmSpan | undefined): readonly LlmSpan[] {
  const outer = new Set<LlmSpan>()
  for (const span of spans) {
    if (!span.is_call) continue
    // A marked ancestor has marked its own.
    for (let at = parentOf(span); at !== undefined && at !== span && !outer.has(at); at = parentOf(at)) outer.add(at)
  }
  return spans.filter((span) => span.is_call && !outer.has(span))
}
