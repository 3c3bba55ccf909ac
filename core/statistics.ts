import { createRandom } from './random.ts'

/**
 * The `q`-quantile of ascending values by linear interpolation between closest ranks (type 7 of Hyndman and Fan, 1996:
 * the default of R and NumPy). NaN for no values.
 */
export function quantile(ascending: readonly number[], q: number): number {
  if (ascending.length === 0) return Number.NaN
  const rank = (ascending.length - 1) * q
  const low = Math.floor(rank)
  const below = ascending[low]!
  const above = ascending[Math.min(low + 1, ascending.length - 1)]!
  return below + (above - below) * (rank - low)
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Normal quantile of a two-sided 95 % interval. */
const Z_95 = 1.959964

/** 95 % interval of a proportion (Wilson 1927): sensible for few events and at 0 and 1. [0, 1] for no observations. */
export function wilsonInterval(part: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 }
  const p = part / n
  const z2 = Z_95 * Z_95
  const centre = p + z2 / (2 * n)
  const spread = Z_95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  const scale = 1 + z2 / n
  return { low: part === 0 ? 0 : (centre - spread) / scale, high: part === n ? 1 : (centre + spread) / scale }
}

/**
 * 95 % percentile interval of a statistic (Efron 1979) over resamples of `items`, which should be whole clusters where
 * observations hang together. Resamples in which the statistic is NaN are left out; NaN where none is left.
 */
export function bootstrapInterval<Item>(
  items: readonly Item[],
  statistic: (drawn: readonly Item[]) => number,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): Interval {
  const random = createRandom(seed)
  const values: number[] = []
  for (let i = 0; i < resamples; i++) {
    const value = statistic(items.map(() => items[random(items.length)]!))
    if (!Number.isNaN(value)) values.push(value)
  }
  values.sort((a, b) => a - b)
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) }
}

/** The chance that a positive scores higher than a negative, ties half (Mann and Whitney 1947). NaN without both. */
export function areaUnderRoc(scored: readonly { readonly score: number; readonly positive: boolean }[]): number {
  const sorted = [...scored].sort((a, b) => a.score - b.score)
  let wins = 0
  let below = 0
  for (let i = 0; i < sorted.length; ) {
    let end = i
    let positives = 0
    while (end < sorted.length && sorted[end]!.score === sorted[i]!.score) if (sorted[end++]!.positive) positives++
    const negatives = end - i - positives
    wins += positives * (below + negatives / 2)
    below += negatives
    i = end
  }
  return wins / ((sorted.length - below) * below)
}
