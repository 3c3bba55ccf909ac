import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identify, longestCycle, mostRepeated } from './call-sequence.ts'

const letters = (text: string) => text.split('').map((letter) => letter.charCodeAt(0) - 97)

describe('identify', () => {
  const calls = (...pairs: readonly (readonly [string, string])[]) =>
    identify(pairs.map(([input, result]) => ({ name: 'tool', input, result })))

  it('numbers calls by input and result, and takes an open call for the one before', () => {
    expect(calls(['a', 'x'], ['b', 'x'], ['a', 'x'], ['a', ''])).toEqual([0, 1, 0, 0])
    expect(calls(['a', '10 %'], ['a', '20 %'], ['a', '20 %'])).toEqual([0, 1, 1])
    expect(calls(['a', ''], ['a', 'x'], ['a', 'x'])).toEqual([0, 0, 0])
  })
})

describe('mostRepeated', () => {
  it('gives the count and both ends', () => {
    expect(mostRepeated([])).toBeNull()
    expect(mostRepeated([0, 1, 1, 2, 1])).toEqual({ count: 3, first: 1, last: 4 })
  })
})

describe('longestCycle', () => {
  it.each([
    ['ababab', 3, { first: 0, last: 5, period: 2, rounds: 3 }],
    ['xababay', 2, { first: 1, last: 4, period: 2, rounds: 2 }],
    ['abcabcabcabc', 4, { first: 0, last: 11, period: 3, rounds: 4 }],
    ['aaaaaaaa', 2, null],
    ['abab', 3, null],
    ['', 2, null],
  ])('in %s with %i rounds', (text, rounds, expected) => {
    expect(longestCycle(letters(text), rounds)).toEqual(expected)
  })

  it('finds what repeats, and nothing that does not', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 40 })
    fc.assert(
      fc.property(ids, fc.integer({ min: 2, max: 4 }), (sequence, min_rounds) => {
        const found = longestCycle(sequence, min_rounds)
        if (found === null) {
          for (let i = 0; i + 2 * min_rounds <= sequence.length; i++) {
            const stretch = sequence.slice(i, i + 2 * min_rounds)
            const repeats = stretch.every((id, at) => id === stretch[at % 2])
            expect(repeats && stretch[0] !== stretch[1]).toBe(false)
          }
          return
        }
        const { first, last, period, rounds } = found
        expect(rounds).toBeGreaterThanOrEqual(min_rounds)
        expect(last - first + 1).toBe(period * rounds)
        for (let i = first + period; i <= last; i++) expect(sequence[i]).toBe(sequence[i - period])
      }),
    )
  })
})
