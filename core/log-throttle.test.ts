import { expect, it } from 'vitest'
import { createLogThrottle } from './log-throttle.ts'

it('lets one line through per key and window, and says how many it left out', () => {
  let now = 0
  const throttle = createLogThrottle({ now: () => 0, monotonic: () => now, sleep: async () => {} }, 1000)
  expect([throttle('a'), throttle('a'), throttle('b'), throttle('a')]).toEqual([0, null, 0, null])
  now = 999
  expect(throttle('a')).toBeNull()
  now = 1000
  expect([throttle('a'), throttle('a'), throttle('b')]).toEqual([3, null, 0])
})
