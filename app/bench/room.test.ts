import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { CodedError } from '../../core/errors.ts'
import { bytesNeeded, requireRoom } from './room.ts'

it('says how much disk a benchmark needs, and refuses where there is less', () => {
  const minute = { seconds: 60, rate: 5_000, span_bytes: 2_300 }
  expect(bytesNeeded(minute)).toBeGreaterThan(65 * 5_000 * 2_300)
  expect(bytesNeeded({ ...minute, seconds: 120 })).toBeGreaterThan(bytesNeeded(minute))
  expect(requireRoom(tmpdir(), { seconds: 1, rate: 1, span_bytes: 1 })).toBeGreaterThan(0)
  const endless = () => requireRoom(tmpdir(), { ...minute, seconds: 1e9 })
  expect(endless).toThrow(CodedError)
  expect(endless).toThrow(/--seconds/)
})
