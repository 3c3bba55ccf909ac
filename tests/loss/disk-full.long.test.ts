import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { aPipeline, temporaryDirectory, until } from '../e2e/a-pipeline.ts'
import { nothingLost, send, settle } from './load.ts'

/** Runs what follows with a file system of its own, in memory, at the first argument. */
const MOUNTED = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=400m,mode=700 tmpfs "$0" && exec "$@"']
const canMount = spawnSync(MOUNTED[0]!, [...MOUNTED.slice(1), '/mnt', 'true']).status === 0

/** Takes all the space that is left. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  for (let bytes = 1 << 20; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(descriptor)
}

it.skipIf(!canMount)('a full disk stops acknowledging, says so, and goes on when space returns', async () => {
  using directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  mkdirSync(data)
  await using pipeline = await aPipeline(directory, { within: [...MOUNTED, data] })
  const ready = async () => (await fetch(`${pipeline.admin}/ready`)).status
  const sending = send(pipeline, { seconds: 12, spans_per_second: 500 })
  await systemClock.sleep(3_000)
  // The file system as that process sees it.
  const filler = join(`/proc/${pipeline.pid}/root`, data, 'filler')
  fill(filler)
  await until('readiness says that the disk is full', async () => (await ready()) === 503)
  await systemClock.sleep(3_000)
  rmSync(filler)
  await until('it is ready again', async () => (await ready()) === 200, 30_000)
  const report = await sending
  expect(Object.keys(report.errors).join()).toContain('503')
  expect(await settle(pipeline, report)).toEqual(nothingLost(report))
  expect(report.acknowledged.length).toBe(120)
  for (const { role, restarts } of await pipeline.processes()) expect(restarts, role).toBe(0)
})
