import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freePorts } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { aPipeline, temporaryDirectory } from '../e2e/a-pipeline.ts'
import { nothingLost, send, settle } from './load.ts'

/** The newest segment of every partition that has one. */
function activeSegments(log: string): string[] {
  const segments = readdirSync(log, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'))
  const newest = new Map<string, string>()
  for (const name of segments.sort()) newest.set(name.slice(0, name.lastIndexOf('/')), join(log, name))
  return [...newest.values()].filter((file) => statSync(file).size > 0)
}

it('segments torn by a loss of power are cut back to what was acknowledged', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  const first = await aPipeline(directory, { ports })
  const sending = send(first, { seconds: 5, spans_per_second: 1_000 })
  await systemClock.sleep(3_000)
  const pids = (await first.processes()).map(({ pid }) => pid!)
  for (const pid of [first.pid, ...pids]) process.kill(pid, 'SIGKILL')
  await first.exited
  const torn = activeSegments(join(directory.path, 'data/log'))
  expect(torn.filter((file) => file.includes('otlp_spans')).length).toBeGreaterThan(0)
  // A write that was under way: the beginning of a record like those before it, or a page that never came.
  for (const [index, file] of torn.entries()) {
    const half = readFileSync(file).subarray(0, 40 + index)
    appendFileSync(file, index % 2 === 0 ? half : Buffer.alloc(4096))
  }
  await using second = await aPipeline(directory, { ports })
  const report = await sending
  expect(await settle(second, report)).toEqual(nothingLost(report))
  expect(report.acknowledged.length).toBe(100)
})
