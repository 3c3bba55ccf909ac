import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { enclosingCalls, silences } from './trace-tree.ts'

const node = (span_id: string, parent_span_id: string, is_call = true) => ({
  span_id,
  parent_span_id,
  is_call,
  start_time: 0n,
})

const idsOf = (...given: Parameters<typeof enclosingCalls>) =>
  enclosingCalls(...given)
    .map(({ span_id }) => span_id)
    .sort()

describe('calls that hold another call deeper than directly', () => {
  it.each([
    ['none', [node('a', ''), node('b', 'a')], []],
    ['a grandparent', [node('a', ''), node('b', 'a', false), node('c', 'b')], ['a']],
    ['two, at any depth', [node('a', ''), node('b', 'a'), node('c', 'b', false), node('d', 'c')], ['a', 'b']],
    ['missing parents', [node('b', 'gone', false), node('c', 'b')], []],
    ['a circle', [node('a', 'b', false), node('b', 'a', false), node('c', 'a')], []],
    ['its own parent', [node('a', 'a')], []],
  ])('%s', (_, spans, expected) => {
    expect(idsOf(spans)).toEqual(expected)
  })

  /** For each call the way up, as far as it goes. */
  function slowly(spans: readonly ReturnType<typeof node>[]): string[] {
    const byId = new Map(spans.map((span) => [span.span_id, span]))
    const found = new Set<string>()
    for (const span of byId.values()) {
      if (!span.is_call) continue
      const seen = new Set([span.span_id])
      let depth = 1
      for (let above = byId.get(span.parent_span_id); above && !seen.has(above.span_id); depth++) {
        seen.add(above.span_id)
        if (above.is_call && depth > 1) found.add(above.span_id)
        above = byId.get(above.parent_span_id)
      }
    }
    return [...found]
  }

  it('as a slow search finds them; directly enclosing ones may be among them', () => {
    const trees = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.boolean()), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(trees, (given) => {
        const spans = given.map(([parent, is_call], index) =>
          node(`s${index}`, parent < index ? `s${parent}` : '', is_call),
        )
        const found = new Set(idsOf(spans))
        const direct = new Set(spans.filter(({ is_call }) => is_call).map(({ parent_span_id }) => parent_span_id))
        for (const id of slowly(spans)) expect(found).toContain(id)
        for (const id of found) expect(slowly(spans).includes(id) || direct.has(id)).toBe(true)
      }),
    )
  })

  it('in a chain of 10,000 spans in one pass', () => {
    const chain = Array.from({ length: 10_000 }, (_, n) => node(`s${n}`, n === 0 ? '' : `s${n - 1}`))
    expect(enclosingCalls(chain)).toHaveLength(9_998)
  })
})

it('counts how often a trace fell silent', () => {
  const at = (...times: number[]) => times.map((received_at) => ({ received_at }))
  expect(silences(at(5), 10)).toBe(1)
  expect(silences(at(30, 5, 20, 11), 10)).toBe(1)
  expect(silences(at(5, 100, 16), 10)).toBe(3)
})
