import { expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { aPipeline, temporaryDirectory } from '../e2e/a-pipeline.ts'
import { nothingLost, pidOf, send, settle } from './load.ts'

it('a store that hangs for 10 s shows as lag, never as loss or as a refusal', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const store = await pidOf(pipeline, 'store')
  const sending = send(pipeline, { seconds: 12, spans_per_second: 500 })
  await systemClock.sleep(1_500)
  process.kill(store, 'SIGSTOP')
  try {
    await systemClock.sleep(8_000)
    expect(await pipeline.metric('evalforge_consumer_lag_records')).toBeGreaterThan(0)
    const ready = await fetch(`${pipeline.admin}/ready`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain('store does not answer')
    await systemClock.sleep(2_000)
  } finally {
    process.kill(store, 'SIGCONT')
  }
  const report = await sending
  expect(report.errors).toEqual({})
  expect(await settle(pipeline, report)).toEqual(nothingLost(report))
  expect(await pidOf(pipeline, 'store')).toBe(store)
})
