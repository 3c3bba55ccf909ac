import type { Clock } from './clock.ts'
import { type CodedError, isRetryable } from './errors.ts'

export interface Backoff {
  readonly first_ms: number
  readonly max_ms: number
}

export const DEFAULT_BACKOFF: Backoff = { first_ms: 50, max_ms: 5_000 }

export interface RetryOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly backoff?: Backoff
  /** Told of every failed attempt that will be repeated. */
  readonly onRetry?: (error: CodedError, attempt: number) => void
}

/**
 * Repeats `attempt` while it fails with retry `later`, waiting twice as long each time, until it succeeds, fails for good
 * or `signal` aborts (then the last error is thrown). A store that is down shows as lag, never as loss.
 */
export async function retryLater<Result>(attempt: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  const { clock, signal, backoff = DEFAULT_BACKOFF } = options
  let wait = backoff.first_ms
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isRetryable(error) || signal.aborted) throw error
      options.onRetry?.(error as CodedError, count)
      await clock.sleep(wait, signal).catch(() => {
        throw error
      })
      wait = Math.min(wait * 2, backoff.max_ms)
    }
  }
}
