import { describe, expect, it } from 'vitest'
import { quantile } from './statistics.ts'

describe('quantile', () => {
  it('interpolates between closest ranks, as numpy.quantile does', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85, 12)
    expect([0, 1].map((q) => quantile([3, 7, 9], q))).toEqual([3, 9])
    expect(quantile([5], 0.99)).toBe(5)
  })
  it('is not a number for no values', () => {
    expect(quantile([], 0.5)).toBeNaN()
  })
})
