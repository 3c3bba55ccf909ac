import { describe, expect, it } from 'vitest'
import { areaUnderRoc, bootstrapInterval, quantile, wilsonInterval } from './statistics.ts'

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

describe('wilsonInterval', () => {
  it('agrees with statsmodels.stats.proportion.proportion_confint(method="wilson")', () => {
    const { low, high } = wilsonInterval(8, 10)
    expect(low).toBeCloseTo(0.490162, 5)
    expect(high).toBeCloseTo(0.943318, 5)
  })
  it('keeps to [0, 1] at both ends, and says nothing of nothing', () => {
    expect(wilsonInterval(0, 20).low).toBe(0)
    expect(wilsonInterval(0, 20).high).toBeCloseTo(0.161125, 5)
    expect(wilsonInterval(20, 20).high).toBe(1)
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('bootstrapInterval', () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const values = Array.from({ length: 200 }, (_, i) => (i % 10 < 3 ? 1 : 0))

  it('holds the statistic and is about as wide as the normal interval of a mean', () => {
    const { low, high } = bootstrapInterval(values, mean, { resamples: 2000, seed: 1 })
    const spread = 1.96 * Math.sqrt((0.3 * 0.7) / 200)
    expect(low).toBeCloseTo(0.3 - spread, 1.5)
    expect(high).toBeCloseTo(0.3 + spread, 1.5)
  })
  it('repeats with its seed and leaves out what is not a number', () => {
    const draw = () => bootstrapInterval(values, mean, { resamples: 50, seed: 7 })
    expect(draw()).toEqual(draw())
    expect(bootstrapInterval(values, () => Number.NaN, { resamples: 10, seed: 1 }).low).toBeNaN()
  })
})

describe('areaUnderRoc', () => {
  const scored = (...pairs: readonly (readonly [number, boolean])[]) =>
    areaUnderRoc(pairs.map(([score, positive]) => ({ score, positive })))

  it('counts the pairs in the right order, ties half', () => {
    expect(scored([0.1, false], [0.4, false], [0.35, true], [0.8, true])).toBe(0.75)
    expect(scored([0.5, false], [0.5, true])).toBe(0.5)
    expect(scored([0.5, true])).toBeNaN()
  })
})
