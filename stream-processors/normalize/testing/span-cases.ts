import { expect, it } from 'vitest'
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

export function itReads(cases: Readonly<Record<string, SpanCase>>): void {
  it.each(Object.entries(cases))('%s', (_, { values, scope, name, row: expected, input, output }) => {
    const row = rowOf(values, name ? { name } : {}, scope)
    if (expected) expect(row).toMatchObject(expected)
    if (input) expect(lines(row.input_messages)).toEqual(input)
    if (output) expect(lines(row.output_messages)).toEqual(output)
  })
}
