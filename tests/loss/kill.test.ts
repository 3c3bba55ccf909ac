import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { freePorts } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { createRandom } from '../../core/random.ts'
import { aPipeline, temporaryDirectory, until } from '../e2e/a-pipeline.ts'
import { nothingLost, pidOf, send, settle } from './load.ts'

const SEED = 20_261_120
const ROLES = ['store', 'process', 'ingest'] as const

it('kill -9 of store, process and ingest under load: every acknowledged span is there exactly once', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const sending = send(pipeline, { seconds: 14, spans_per_second: 1_000 })
  const random = createRandom(SEED)
  await systemClock.sleep(2_000)
  for (const role of ROLES) {
    await systemClock.sleep(random(2_000))
    const pid = await pidOf(pipeline, role)
    process.kill(pid, 'SIGKILL')
    await until(`${role} is started again`, async () =>
      (await pipeline.processes()).some(
        (other) => other.role === role && other.state === 'running' && other.pid !== pid,
      ),
    )
    await systemClock.sleep(1_000)
  }
  const report = await sending
  expect(await settle(pipeline, report)).toEqual(nothingLost(report))
  expect(report.acknowledged.length).toBe(280)
  for (const role of ROLES)
    expect(await pipeline.metric('evalforge_process_restarts_total', `process="${role}"`), role).toBe(1)
  expect(await pipeline.stop()).toBe(0)
})

it('kill -9 of the supervisor: its children end by themselves, and a new start goes on where they stopped', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  const first = await aPipeline(directory, { ports })
  const sending = send(first, { seconds: 8, spans_per_second: 1_000 })
  await systemClock.sleep(2_000 + createRandom(SEED)(2_000))
  const children = (await first.processes()).map(({ pid }) => pid!)
  expect(children).toHaveLength(3)
  await first.kill()
  await until('the children of a killed supervisor end', () => children.every((pid) => !isRunning(pid)), 15_000)
  await using second = await aPipeline(directory, { ports })
  const report = await sending
  expect(await settle(second, report)).toEqual(nothingLost(report))
  expect(report.acknowledged.length).toBe(160)
})

/** A zombie that nobody waits for has ended too. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
