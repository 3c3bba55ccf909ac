import { InvalidArgumentError } from 'commander'

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }
const DURATION = /^(\d{1,6})(s|m|h|d|w)$/

/** Milliseconds of 90s, 15m, 2h, 3d or 4w; null for everything else. */
export function durationOf(text: string): number | null {
  const [, count, unit] = DURATION.exec(text) ?? []
  return count === undefined ? null : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
}

export function parseDuration(text: string): number {
  const duration_ms = durationOf(text)
  if (duration_ms === null) throw new InvalidArgumentError('Give a number and a unit: 90s, 15m, 24h, 90d, 2w.')
  return duration_ms
}
