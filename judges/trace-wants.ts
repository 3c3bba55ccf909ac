import type { LlmSpan } from '../schemas/llm-span.ts'

/** Which traces a judge has something to say about: reading one back costs, and the others are left alone. */
export interface TraceWants {
  /** `agents`: with agents or tools in them. */
  readonly traces: 'agents' | 'all'
  /** From so many of any of these on. */
  readonly from: Partial<TraceCounts>
}

export interface TraceCounts {
  readonly spans: number
  readonly tool_calls: number
  readonly model_calls: number
  readonly failed_spans: number
}

type Counted = Pick<LlmSpan, 'kind' | 'is_call' | 'status'>

/** stream-processors/assemble asks the store the same of a trace. */
export function isWanted({ traces, from }: TraceWants, spans: readonly Counted[]): boolean {
  if (traces === 'agents' && !spans.some(({ kind }) => kind === 'agent' || kind === 'tool')) return false
  const counts = countsOf(spans)
  return COUNTS.some((name) => from[name] !== undefined && counts[name] >= from[name])
}

export const COUNTS = ['spans', 'tool_calls', 'model_calls', 'failed_spans'] as const satisfies (keyof TraceCounts)[]

function countsOf(spans: readonly Counted[]): TraceCounts {
  let tool_calls = 0
  let model_calls = 0
  let failed_spans = 0
  for (const { kind, is_call, status } of spans) {
    if (kind === 'tool') tool_calls++
    if (is_call) model_calls++
    if (status === 'error') failed_spans++
  }
  return { spans: spans.length, tool_calls, model_calls, failed_spans }
}
