import type { LlmSpan } from '../../schemas/llm-span.ts'

const NS_PER_SECOND = 1_000_000_000n

/** Start of the span's own hour, in seconds since 1970. */
export function hourOf(span: Pick<LlmSpan, 'start_time'>): number {
  const seconds = Number(span.start_time / NS_PER_SECOND)
  return seconds - (seconds % 3600)
}
