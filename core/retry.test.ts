import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import { CodedError } from './errors.ts'
import { retryLater } from './retry.ts'

function recordingClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: () => 0,
    monotonic: () => 0,
    async sleep(ms, signal) {
      waits.push(ms)
      signal?.throwIfAborted()
    },
  }
}

describe('retryLater', () => {
  it('waits twice as long each time, up to the most', async () => {
    const clock = recordingClock()
    let attempts = 0
    const result = await retryLater(
      async () => {
        attempts++
        if (attempts < 6) throw new CodedError('STORE_UNAVAILABLE')
        return 'done'
      },
      { clock, signal: new AbortController().signal, backoff: { first_ms: 10, max_ms: 50 } },
    )
    expect(result).toBe('done')
    expect(clock.waits).toEqual([10, 20, 40, 50, 50])
  })

  it('does not repeat what can never succeed, nor a bug', async () => {
    const clock = recordingClock()
    const options = { clock, signal: new AbortController().signal }
    await expect(retryLater(() => Promise.reject(new CodedError('QUERY_FAILED')), options)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
    })
    await expect(retryLater(() => Promise.reject(new TypeError('bug')), options)).rejects.toThrow('bug')
    expect(clock.waits).toEqual([])
  })

  it('gives up with the last error when it is told to stop', async () => {
    const stop = new AbortController()
    const clock = recordingClock()
    const failing = retryLater(
      async () => {
        stop.abort(new Error('stopping'))
        throw new CodedError('STORE_UNAVAILABLE', 'still down')
      },
      { clock, signal: stop.signal },
    )
    await expect(failing).rejects.toThrow('still down')
  })
})
