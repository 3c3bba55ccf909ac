import { CodedError } from '../../../core/errors.ts'
import type { BrokerHealth } from '../broker.ts'

/** Whether a broker still works: it stops for good at the first failed flush or damaged segment, and when it closes. */
export interface HealthState {
  /** Records the first failure and tells of it; returns it. */
  fail(error: unknown, doing: string): CodedError
  /** Throws BROKER_CLOSED or BROKER_FAILED. */
  guard(): void
  isFailed(): boolean
  close(): void
  report(): BrokerHealth
}

export function createHealthState(onFatal: (error: CodedError) => void): HealthState {
  let failure: CodedError | null = null
  let closed = false
  return {
    fail(error, doing) {
      if (failure !== null) return failure
      const known = error instanceof CodedError && (error.code === 'BROKER_FAILED' || error.code === 'LOG_CORRUPT')
      const message = `${doing} failed; the log of this process stops.`
      failure = known ? error : new CodedError('BROKER_FAILED', message, { cause: error })
      onFatal(failure)
      return failure
    },
    guard() {
      if (closed) throw new CodedError('BROKER_CLOSED')
      if (failure !== null) throw new CodedError('BROKER_FAILED', failure.message, { cause: failure })
    },
    isFailed: () => failure !== null,
    close() {
      closed = true
    },
    report() {
      if (closed) return { healthy: false, reason: 'The log is closed.' }
      return { healthy: failure === null, reason: failure?.message ?? '' }
    },
  }
}
