import type { EnclosingCall } from '../../schemas/judged-unit.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'

type Node = Pick<LlmSpan, 'span_id' | 'parent_span_id' | 'is_call' | 'start_time'>

/**
 * Calls that hold another call deeper than directly: their direct calls speak for themselves (span_facts), farther ones can
 * only be seen in the whole trace. Parents that are missing or that go in a circle end the way up.
 */
export function enclosingCalls(spans: readonly Node[]): readonly EnclosingCall[] {
  const byId = new Map(spans.map((span) => [span.span_id, span]))
  const enclosing = new Map<string, EnclosingCall>()
  /** Spans above which everything was marked before: each is climbed over once. */
  const climbed = new Set<string>()
  for (const span of spans) {
    if (!span.is_call) continue
    let above = byId.get(span.parent_span_id)
    const isDirect = above
    while (above !== undefined && !climbed.has(above.span_id)) {
      climbed.add(above.span_id)
      if (above.is_call && above !== isDirect && above.span_id !== span.span_id)
        enclosing.set(above.span_id, calls(above))
      above = byId.get(above.parent_span_id)
    }
    if (above?.is_call && above !== isDirect) enclosing.set(above.span_id, calls(above))
  }
  return [...enclosing.values()]
}

const calls = ({ span_id, start_time }: Node): EnclosingCall => ({ span_id, start_time })

/** How often a trace had fallen silent, and then went on: 1 + the pauses between its spans of more than `idle_ms`. */
export function silences(spans: readonly Pick<LlmSpan, 'received_at'>[], idle_ms: number): number {
  const times = spans.map(({ received_at }) => received_at).sort((a, b) => a - b)
  let count = 1
  for (let index = 1; index < times.length; index++) if (times[index]! - times[index - 1]! > idle_ms) count++
  return count
}
