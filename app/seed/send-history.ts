import type { Clock } from '../../core/clock.ts'
import { CodedError } from '../../core/errors.ts'
import { isRetryableAnswer, type OtlpSender } from '../otlp-sender.ts'
import type { History, HistoryRequest } from './history.ts'

export interface SendOptions {
  readonly sender: OtlpSender
  readonly clock: Clock
  readonly connections: number
  /** Called now and then with how many spans were acknowledged so far. */
  readonly progress: (spans: number) => void
}

export interface HistorySent {
  readonly seconds: number
  readonly requests: number
  readonly bytes: number
  /** Requests that were sent again because the door said "not now". */
  readonly retries: number
}

const PATIENCE_MS = 300_000
/** A door that has never taken anything is the wrong one rather than a busy one. */
const FIRST_PATIENCE_MS = 15_000
const MAX_WAIT_MS = 30_000
const PROGRESS_MS = 1_000

/**
 * Sends a history through the door, a few requests at a time and never more than that in memory. What is answered "not
 * now" is sent again when the answer says; throws when something is refused, or nothing was taken for five minutes.
 */
export async function sendHistory(history: History, options: SendOptions): Promise<HistorySent> {
  const { sender, clock, connections, progress } = options
  const requests = history.requests()
  const began = clock.monotonic()
  const done = { requests: 0, bytes: 0, retries: 0, spans: 0 }
  let told_at = began
  let taken_at = began

  async function sendOne({ signal, body, items }: HistoryRequest): Promise<void> {
    for (;;) {
      const answer = await sender.send(signal, body)
      if (answer.status === '200') {
        taken_at = clock.monotonic()
        done.requests++
        done.bytes += body.length
        if (signal === 'traces') done.spans += items
        return
      }
      if (!isRetryableAnswer(answer)) throw refused(answer.status, answer.message)
      if (clock.monotonic() - taken_at > (done.requests === 0 ? FIRST_PATIENCE_MS : PATIENCE_MS))
        throw new CodedError('STORE_UNAVAILABLE', `The door takes nothing: ${answer.status} ${answer.message}`)
      done.retries++
      await clock.sleep(Math.min(MAX_WAIT_MS, answer.retry_after_ms))
    }
  }

  async function work(): Promise<void> {
    for (let next = requests.next(); !next.done; next = requests.next()) {
      await sendOne(next.value)
      if (clock.monotonic() - told_at < PROGRESS_MS) continue
      told_at = clock.monotonic()
      progress(done.spans)
    }
  }

  await Promise.all(Array.from({ length: connections }, work))
  return {
    seconds: (clock.monotonic() - began) / 1000,
    requests: done.requests,
    bytes: done.bytes,
    retries: done.retries,
  }
}

function refused(status: string, message: string): CodedError {
  if (status === '401' || status === '403')
    return new CodedError('UNAUTHENTICATED', 'The instance wants an API key: give one with --key, or in EVALFORGE_KEY.')
  return new CodedError('REQUEST_INVALID', `The made-up history was not taken in full: ${status} ${message}`)
}
