import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { createAdmission } from '../../core/admission.ts'
import { systemClock } from '../../core/clock.ts'
import { watchIncoming } from './incoming.ts'

const limits = { max_requests_in_flight: 9, max_bytes_in_flight: 1000, max_project_share: 1, max_project_time_share: 1 }
const bounds = { max_request_bytes: 300, max_inflated_bytes: 400, watchPace: () => ({ progress() {}, done() {} }) }

describe('watchIncoming', () => {
  it('reserves all that a call may take where it cannot look inside the call', () => {
    const admission = createAdmission(limits, systemClock)
    const call = {} as ServerInterceptingCallInterface
    const first = admission.enter('a')
    expect(watchIncoming(call, { ...bounds, ticket: first }, () => {}).done()).toEqual([])
    expect(admission.inFlight().bytes).toBe(700)
    const second = admission.enter('a')
    const tooMany = expect.objectContaining({ code: 'TOO_MANY_REQUESTS' })
    expect(() => watchIncoming(call, { ...bounds, ticket: second }, () => {})).toThrow(tooMany)
  })
})
