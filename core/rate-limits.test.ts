import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CodedError } from './errors.ts'
import { rateLimitSettings } from './rate-limit-settings.ts'
import { createRateLimiter, type RateLimits, type RateRefusal, rateLimits, type Sender } from './rate-limits.ts'

const SHA = 'ab'.repeat(32)
const shop: Sender = { project: 'shop', key_id: 'abababababab' }
const blog: Sender = { project: 'blog', key_id: 'cdcdcdcdcdcd' }

interface Given {
  readonly common?: RateLimits
  readonly shop?: RateLimits
  readonly key?: RateLimits
}

function settingsOf(given: Given) {
  return rateLimitSettings({
    common: given.common ?? {},
    projects: { shop: { rate_limits: given.shop }, other: {} },
    keys: [{ sha256: SHA, rate_limits: given.key }, { sha256: 'cd'.repeat(32) }],
  })
}

function aLimiter(given: Given) {
  const refused: RateRefusal[] = []
  let now = 0
  const clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
  const limiter = createRateLimiter({
    clock,
    settings: settingsOf(given),
    onRefused: (refusal) => void refused.push(refusal),
  })
  return {
    limiter,
    refused,
    pass: (ms: number) => {
      now += ms
    },
    /** How many of `requests` at this moment are let in. */
    enter: (sender: Sender, requests = 1) =>
      Array.from({ length: requests }, () => attempt(() => limiter.enter(sender))).filter((error) => error === null)
        .length,
    refusal: (sender: Sender) => attempt(() => limiter.enter(sender)),
  }
}

function attempt(enter: () => void): CodedError | null {
  try {
    enter()
    return null
  } catch (error) {
    return error as CodedError
  }
}

describe('createRateLimiter', () => {
  it('lets a burst in, then the rate, and nobody else pays for it', () => {
    const { enter, pass, refused } = aLimiter({ common: { requests_per_second: 5, burst_seconds: 2 } })
    expect(enter(shop, 20)).toBe(10)
    expect(enter(blog, 20)).toBe(10)
    pass(1000)
    expect(enter(shop, 20)).toBe(5)
    expect(refused[0]).toEqual({ project: 'shop', scope: 'project', limit: 'requests' })
  })

  it('keeps ten seconds where no burst is given, and lets one request in however low the rate is', () => {
    expect(aLimiter({ common: { requests_per_second: 3 } }).enter(shop, 99)).toBe(30)
    expect(aLimiter({ common: { requests_per_second: 0.01 } }).enter(shop, 9)).toBe(1)
  })

  it('says which limit it was, where it is set, and when there is room again', () => {
    const { limiter, refusal, pass, enter } = aLimiter({ common: { spans_per_second: 100, burst_seconds: 1 } })
    limiter.enter(shop)
    limiter.charge(shop, 'spans', 350)
    expect(refusal(shop)).toMatchObject({
      code: 'RATE_LIMITED',
      retry: 'later',
      retry_after_s: 3,
      message: expect.stringMatching(
        /^Project shop .* 100 spans .*\(ingest\.rate_limits\.spans_per_second\)\. Wait 3 s/,
      ),
    })
    pass(2500)
    expect(enter(shop)).toBe(0)
    pass(500)
    expect(enter(shop)).toBe(1)
  })

  it.each<[string, Given, string, number]>([
    ['a project', { shop: { requests_per_second: 2 } }, 'projects.shop.rate_limits.requests_per_second', 20],
    [
      'a project, laid over what is common',
      { common: { requests_per_second: 9, burst_seconds: 1 }, shop: { requests_per_second: 2 } },
      'projects.shop.rate_limits.requests_per_second',
      2,
    ],
    [
      'a key, within its project',
      { common: { requests_per_second: 9 }, key: { requests_per_second: 1 } },
      'keys[].rate_limits.requests_per_second',
      10,
    ],
    [
      'a project, whatever its key may',
      { common: { requests_per_second: 1 }, key: { requests_per_second: 9 } },
      'ingest.rate_limits.requests_per_second',
      10,
    ],
  ])('holds the limit of %s', (_, given, path, allowed) => {
    const { enter, refusal } = aLimiter(given)
    expect(enter(shop, 100)).toBe(allowed)
    expect(refusal(shop)?.message).toContain(`(${path})`)
  })

  it('asks nobody to wait longer than a day, however low the rate is', () => {
    for (const requests_per_second of [1e-9, 5e-324]) {
      const { enter, refusal } = aLimiter({ common: { requests_per_second } })
      enter(shop)
      expect(refusal(shop)).toMatchObject({ code: 'RATE_LIMITED', retry_after_s: 86_400 })
    }
  })

  it('takes nothing from a project whose key is refused', () => {
    const { enter } = aLimiter({ common: { requests_per_second: 1 }, key: { requests_per_second: 0.5 } })
    expect(enter(shop, 50)).toBe(5)
    expect(enter({ project: 'shop', key_id: 'another' }, 50)).toBe(5)
  })

  it('lifts a limit of everyone for a project by null', () => {
    const { enter } = aLimiter({ common: { requests_per_second: 1 }, shop: { requests_per_second: null } })
    expect(enter(shop, 100)).toBe(100)
    expect(enter(blog, 100)).toBe(10)
  })

  it('takes other limits while it runs, and forgives no debt', () => {
    const { limiter, enter, pass } = aLimiter({ common: { spans_per_second: 10 } })
    limiter.charge(shop, 'spans', 200)
    expect(enter(shop)).toBe(0)
    limiter.replace(settingsOf({ common: { spans_per_second: 100 } }))
    expect(enter(shop)).toBe(0)
    pass(1100)
    expect(enter(shop)).toBe(1)
    limiter.replace(settingsOf({}))
    expect([enter(shop, 1000), limiter.size()]).toEqual([1000, 0])
  })

  it('forgets buckets that are full again, and no other', () => {
    const { limiter, enter, pass } = aLimiter({ common: { requests_per_second: 10, spans_per_second: 10 } })
    for (let n = 0; n < 1000; n++) limiter.enter({ project: `p${n}`, key_id: '' })
    limiter.charge(shop, 'spans', 5000)
    pass(60_000)
    enter(blog)
    expect(limiter.size()).toBe(2)
    expect(enter(shop)).toBe(0)
  })

  it('never lets in more than burst and rate allow, and never refuses who keeps its rate', () => {
    const step = fc.record({ wait_ms: fc.nat(3000), requests: fc.nat(40) })
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 20 }), (steps, rate) => {
        const noisy = aLimiter({ common: { requests_per_second: rate, burst_seconds: 2 } })
        let [elapsed_ms, taken] = [0, 0]
        for (const { wait_ms, requests } of steps) {
          noisy.pass(wait_ms)
          elapsed_ms += wait_ms
          taken += noisy.enter(shop, requests)
          expect(taken).toBeLessThanOrEqual(rate * 2 + (rate * elapsed_ms) / 1000 + 1e-6)
        }
        const fair = aLimiter({ common: { requests_per_second: rate, burst_seconds: 1 } })
        for (let n = 0; n < 50; n++) {
          expect(fair.enter(shop)).toBe(1)
          fair.pass(1000 / rate + 0.001)
        }
      }),
    )
  })
})

describe('rateLimits', () => {
  it.each([{ requests_per_second: 0 }, { spans_per_second: -1 }, { burst_seconds: 0 }, { bytes_per_second: 1 }])(
    'refuses %j',
    (value) => {
      expect(rateLimits.safeParse(value).success).toBe(false)
    },
  )
})
