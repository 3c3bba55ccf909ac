import { CodedError } from '../../core/errors.ts'
import type { ProcessHealth } from './role.ts'

type Append<Records> = (topic: string, records: Records) => Promise<unknown>

/**
 * Remembers whether the log took the last append, so that readiness says what senders are told: a full disk or a full
 * log is a 503 for them. One append that succeeds makes it well again.
 */
export function watchAppends<Records>(append: Append<Records>): { append: Append<Records>; health(): ProcessHealth } {
  let reason = ''
  return {
    async append(topic, records) {
      try {
        const result = await append(topic, records)
        reason = ''
        return result
      } catch (error) {
        // Too much at once is the sender's trouble and passes by itself.
        if (!(error instanceof CodedError) || error.code === 'TOO_MANY_REQUESTS') throw error
        reason = `the log takes nothing: ${error.message} (${error.code})`
        throw error
      }
    },
    health: () => ({ healthy: reason === '', reason }),
  }
}
