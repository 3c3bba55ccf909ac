import { expect, it } from 'vitest'
import { CodedError, type ErrorCode } from '../../core/errors.ts'
import { watchAppends } from './append-health.ts'

function setUp() {
  let failure: ErrorCode | undefined
  const watched = watchAppends(async () => {
    if (failure) throw new CodedError(failure)
  })
  return {
    health: watched.health,
    async append(code?: ErrorCode) {
      failure = code
      await watched.append('otlp_spans', []).catch(() => {})
    },
  }
}

it('is not ready while the log takes nothing, and ready again once it does', async () => {
  const { append, health } = setUp()
  expect(health().healthy).toBe(true)
  await append('LOG_WRITE_FAILED')
  expect(health()).toMatchObject({ healthy: false, reason: expect.stringContaining('LOG_WRITE_FAILED') })
  await append()
  expect(health()).toEqual({ healthy: true, reason: '' })
})

it('does not mind a sender that sends too much at once', async () => {
  const { append, health } = setUp()
  await append('TOO_MANY_REQUESTS')
  expect(health().healthy).toBe(true)
})
