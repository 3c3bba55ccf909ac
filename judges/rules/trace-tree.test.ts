import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aSpan } from '../../schemas/a-span.ts'
import { traceTree } from './trace-tree.ts'

const tree = (parents: Readonly<Record<string, string>>, calls: readonly string[] = []) =>
  traceTree(
    Object.entries(parents).map(([span_id, parent_span_id]) =>
      aSpan({ span_id, parent_span_id, is_call: calls.includes(span_id) }),
    ),
  )
const ids = (spans: readonly { readonly span_id: string }[]) => spans.map(({ span_id }) => span_id).sort()

describe('traceTree', () => {
  it('counts levels, whatever the order of the spans', () => {
    expect(tree({}).depth).toBe(0)
    expect(tree({ a: '', b: 'a', c: 'b' }).depth).toBe(3)
    expect(tree({ c: 'b', b: 'a', a: '' }).depth).toBe(3)
    expect(tree({ a: 'gone', b: 'a' }).depth).toBe(2)
  })

  it('names the members of rounds and not what hangs below them', () => {
    expect(ids(tree({ a: 'a' }).cyclic)).toEqual(['a'])
    expect(ids(tree({ x: 'a', a: 'b', b: 'c', c: 'a', ok: '' }).cyclic)).toEqual(['a', 'b', 'c'])
  })

  it('counts a call without the calls around it', () => {
    expect(
      ids(tree({ outer: '', step: 'outer', inner: 'step', other: '' }, ['outer', 'inner', 'other']).calls),
    ).toEqual(['inner', 'other'])
  })

  it('finds the same rounds as following every parent alone', () => {
    const parents = fc.array(fc.integer({ min: -1, max: 11 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(parents, (chosen) => {
        const record = Object.fromEntries(chosen.map((parent, at) => [`s${at}`, parent < 0 ? '' : `s${parent}`]))
        const returns = chosen.flatMap((_, start) => {
          let at = chosen[start]!
          for (let step = 0; step < 12 && at >= 0 && at !== start; step++) at = chosen[at]!
          return at === start ? [`s${start}`] : []
        })
        expect(ids(tree(record).cyclic)).toEqual(returns.sort())
      }),
    )
  })
})
