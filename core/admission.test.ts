import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAdmission } from './admission.ts'

const limits = {
  max_requests_in_flight: 4,
  max_bytes_in_flight: 100,
  max_project_share: 0.5,
  max_project_time_share: 0.5,
}
const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} }
const refused = expect.objectContaining({ code: 'TOO_MANY_REQUESTS', retry: 'later' })

describe('admission', () => {
  it('refuses the request beyond the limit of a project and leaves room for another', () => {
    const admission = createAdmission(limits, clock)
    admission.enter('a')
    admission.enter('a')
    expect(() => admission.enter('a')).toThrow(refused)
    admission.enter('b')
    admission.enter('b')
    expect(() => admission.enter('c')).toThrow(refused)
  })

  it('refuses bytes beyond the limit of a project and of all, and reserves nothing then', () => {
    const admission = createAdmission(limits, clock)
    const a = admission.enter('a')
    const b = admission.enter('b')
    a.reserve(50)
    expect(() => a.reserve(1)).toThrow(refused)
    b.reserve(50)
    expect(() => admission.enter('c').reserve(1)).toThrow(refused)
    expect(admission.inFlight().bytes).toBe(100)
    a.free(10)
    a.reserve(10)
  })

  it('takes nothing on a ticket that was given back', () => {
    const ticket = createAdmission(limits, clock).enter('a')
    ticket.release()
    expect(() => ticket.reserve(1)).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }))
  })

  it('is empty again after any sequence of reservations, however tickets are given back', () => {
    const step = fc.record({
      project: fc.constantFrom('a', 'b'),
      bytes: fc.nat(80),
      free: fc.nat(100),
      twice: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const admission = createAdmission(limits, clock)
        const open = []
        for (const { project, bytes, free, twice } of steps) {
          try {
            const ticket = admission.enter(project)
            open.push(ticket)
            ticket.reserve(bytes)
            ticket.free(free)
            if (twice) ticket.release()
          } catch (error) {
            expect(error).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
          }
          const { requests, bytes: held } = admission.inFlight()
          expect(requests).toBeLessThanOrEqual(4)
          expect(held).toBeGreaterThanOrEqual(0)
          expect(held).toBeLessThanOrEqual(100)
        }
        for (const ticket of open) ticket.release()
        expect(admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
      }),
    )
  })
})
