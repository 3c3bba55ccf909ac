import type { LlmSpan } from '../../../schemas/llm-span.ts'
import { lines, type Plain, rowOf } from './builders.ts'

export type Values = Readonly<Record<string, Plain>>

/** A span's attributes, and what the row must say at least. */
export interface SpanCase {
  readonly values: Values
  readonly scope?: string
  readonly name?: string
  readonly row?: Readonly<Record<string, unknown>>
  readonly input?: readonly string[]
  readonly output?: readonly string[]
}

/** What the row says, and what the case expects of it, in the same shape. */
export function readCase({ values, scope, name, row = {}, input, output }: SpanCase) {
  const read: LlmSpan = rowOf(values, name ? { name } : {}, scope)
  return {
    read: { ...read, input: lines(read.input_messages), output: lines(read.output_messages) },
    expected: { ...row, ...(input ? { input } : {}), ...(output ? { output } : {}) },
  }
}
