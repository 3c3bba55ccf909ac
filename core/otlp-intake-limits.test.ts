import { describe, expect, it } from 'vitest'
import { createAdmission } from './admission.ts'
import { aManualClock } from './clock.samples.ts'
import { CodedError } from './errors.ts'
import { ingestLimits } from './ingest-limits.ts'
import { createOtlpIntake, type ExportCall } from './otlp-intake.ts'
import { aCollector, aTraces } from './source.samples.ts'

const one = aTraces([{}])

function aCall(rest: Partial<ExportCall> = {}): ExportCall {
  const read = async () => ({ bytes: one, encodings: [], declared: null })
  return { signal: 'traces', transport: 'http', keys: [], read, ...rest }
}

describe('createOtlpIntake and rate limits', () => {
  it('counts a body from its headers on, so that of several at once one is let in', async () => {
    const { deps, appended } = aCollector({ rate_limits: { inflated_bytes_per_second: 0.001 } })
    const intake = createOtlpIntake('otlp-http', deps)
    const body = Promise.withResolvers<Awaited<ReturnType<ExportCall['read']>>>()
    const first = intake.handle(aCall({ declared_bytes: one.length, read: () => body.promise }))
    const refused = { ok: false, code: 'RATE_LIMITED', retry_after_s: expect.any(Number) }
    expect(await intake.handle(aCall({ declared_bytes: one.length }))).toMatchObject(refused)
    body.resolve({ bytes: one, encodings: [], declared: null })
    expect(await first).toMatchObject({ ok: true })
    expect(appended).toHaveLength(1)
  })

  it('gives back what a body that never came was expected to hold', async () => {
    const { deps } = aCollector({ rate_limits: { inflated_bytes_per_second: 1000, burst_seconds: 1 } })
    const intake = createOtlpIntake('otlp-http', deps)
    const gone = () => Promise.reject(new CodedError('CLIENT_CLOSED'))
    expect(await intake.handle(aCall({ declared_bytes: 1e15, read: gone }))).toMatchObject({ code: 'CLIENT_CLOSED' })
    expect(await intake.handle(aCall({ declared_bytes: one.length }))).toMatchObject({ ok: true })
  })

  it('reads nothing of what it refuses', async () => {
    const { deps } = aCollector({ rate_limits: { requests_per_second: 0.001 } })
    const intake = createOtlpIntake('otlp-http', deps)
    expect(await intake.handle(aCall())).toMatchObject({ ok: true })
    const read = () => Promise.reject(new Error('was read'))
    expect(await intake.handle(aCall({ read }))).toMatchObject({ ok: false, code: 'RATE_LIMITED' })
  })

  it('answers a sender that does not wait later and later, until it stops', async () => {
    const { clock, pass } = aManualClock()
    const { deps } = aCollector({ rate_limits: { requests_per_second: 0.001 } })
    const admission = createAdmission(ingestLimits.parse({}), clock)
    const intake = createOtlpIntake('otlp-http', { ...deps, clock, admission })
    let answers = 0
    const calls = Array.from({ length: 121 }, () => intake.handle(aCall()).then(() => answers++))
    await pass(0)
    expect(answers).toBe(21)
    await pass(1000)
    expect(answers).toBe(71)
    await pass(1000)
    await Promise.all(calls)
    expect(admission.inFlight()).toEqual({ requests: 0, bytes: 0 })
  })
})
