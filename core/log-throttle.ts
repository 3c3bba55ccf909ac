import type { Clock } from './clock.ts'

/** How many lines to leave out before the next one of this key; null: leave this one out as well. */
export type LogThrottle = (key: string) => number | null

/** One line per key and window, so that whoever sends bad requests cannot fill the disk. Keys must be a bounded set. */
export function createLogThrottle(clock: Clock, window_ms: number): LogThrottle {
  const windows = new Map<string, { until: number; suppressed: number }>()
  return (key) => {
    const now = clock.monotonic()
    const window = windows.get(key)
    if (window !== undefined && now < window.until) {
      window.suppressed++
      return null
    }
    windows.set(key, { until: now + window_ms, suppressed: 0 })
    return window?.suppressed ?? 0
  }
}
