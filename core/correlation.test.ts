import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correlationId, traceIdOf } from './correlation.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`
const idOf = (headers: Readonly<Record<string, string>>) => correlationId((name) => headers[name])

describe('the correlation id of a request', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['its own', { 'x-correlation-id': 'order-7:retry.1', 'x-request-id': 'other' }, 'order-7:retry.1'],
    ['its request id', { 'x-request-id': '0f7c' }, '0f7c'],
    ['its request id where its own is not safe', { 'x-correlation-id': 'a b', 'x-request-id': '0f7c' }, '0f7c'],
    ['its trace', { traceparent: TRACEPARENT }, TRACE],
    ['its trace where its own is too long', { 'x-correlation-id': 'a'.repeat(65), traceparent: TRACEPARENT }, TRACE],
    ['its own of 64 characters', { 'x-correlation-id': 'a'.repeat(64) }, 'a'.repeat(64)],
  ])('is %s', (_, headers, expected) => {
    expect(idOf(headers)).toBe(expected)
  })

  it('is made up where the sender gives none, and never twice', () => {
    const ids = Array.from({ length: 100 }, () => idOf({ traceparent: 'nonsense' }))
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(100)
  })

  it('is safe in logs, headers and SQL whatever the sender writes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (own, request) => {
        expect(idOf({ 'x-correlation-id': own, 'x-request-id': request })).toMatch(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/)
      }),
    )
  })
})

it.each([
  [TRACEPARENT, TRACE],
  [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, ''],
  ['00-xyz', ''],
  [undefined, ''],
])('reads the trace of %s', (traceparent, expected) => {
  expect(traceIdOf(traceparent)).toBe(expected)
})
