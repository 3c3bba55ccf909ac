import type { Answer, Door, HostileRequest } from './hostile-request.ts'

export interface Secrets {
  /** Texts that no answer may show: keys, what lies on the disk, what was in a payload. */
  readonly texts: readonly string[]
}

/** What is wrong with this answer to this request; null where nothing is. */
export function violationOf(door: Door, request: HostileRequest, answer: Answer, { texts }: Secrets): string | null {
  const shown = texts.findIndex((text) => answer.body.includes(text))
  if (shown >= 0) return `the answer shows secret ${shown}`
  const { status, retryable } = answer
  const busy = retryable && door.answers.has(`${status}+retry`)
  if (request.also?.includes(status)) return null
  if (request.expect !== undefined) return status === request.expect || busy ? null : `${request.expect} was due`
  if (status === 'closed') return mayClose(request) ? null : 'closed without an answer'
  if (status === 'open' || status === 'frames')
    return request.kind === 'raw' && request.may_stay_open ? null : 'not ended in time'
  if (status === 'timeout') return 'no answer in time'
  if (door.answers.has(status) || busy) return null
  return door.answers.has(`${status}+retry`) ? 'does not say when to try again' : 'not an answer of this door'
}

function mayClose(request: HostileRequest): boolean {
  if (request.kind === 'raw') return request.may_close === true
  return request.kind === 'grpc' && request.reset === true
}

/** Whether everything in the request is promised to be kept. */
export function isAcknowledged(request: HostileRequest, { status }: Answer): boolean {
  return request.kind !== 'raw' && /^(200|207|grpc 0)$/.test(status)
}

/** Whether it may or may not have been taken: nobody said. */
export function isAmbiguous(request: HostileRequest, { status, retryable }: Answer): boolean {
  return request.kind === 'raw' || retryable || !/^([234]\d\d|grpc (3|8|12|16))$/.test(status)
}
