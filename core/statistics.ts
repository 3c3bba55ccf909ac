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
