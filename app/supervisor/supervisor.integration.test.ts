import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { parseConfig } from '../config.ts'
import { originOf } from '../config-control.ts'
import { createLogger } from '../logger.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'

const directory = mkdtempSync(join(tmpdir(), 'evalforge-supervisor-'))
let supervisor: Supervisor

beforeAll(async () => {
  const config = parseConfig({
    data_dir: directory,
    log_level: 'silent',
    ingest: { otlp_http: { port: 0 }, otlp_grpc: { port: 0 } },
    store: { http: { port: 0 } },
  })
  supervisor = createSupervisor({
    config,
    origin: originOf(config),
    log: createLogger('supervisor', 'silent'),
    clock: systemClock,
  })
  await supervisor.start()
})

afterAll(async () => {
  await supervisor.stop()
  rmSync(directory, { recursive: true, force: true })
})

it('answers at once what is asked of the store while it starts again', async () => {
  const restarts = () => supervisor.states().find(({ role }) => role === 'store')!.restarts
  const pid = supervisor.states().find(({ role }) => role === 'store')!.pid!
  process.kill(pid, 'SIGKILL')
  let slowest = 0
  for (let well = false; !well; await systemClock.sleep(50)) {
    const asked = systemClock.monotonic()
    const answered = await supervisor.call('process', 'ledger', { full: false }).then(
      () => true,
      () => false,
    )
    slowest = Math.max(slowest, systemClock.monotonic() - asked)
    well = answered && restarts() === 1
  }
  // A question that gets lost on its way is answered only by its own limit of 30 s.
  expect(slowest).toBeLessThan(20_000)
})
