import { expect, it } from 'vitest'
import { untilCaughtUp } from '../../app/bench/started-pipeline.ts'
import type { ConfigOutcome } from '../../app/config-control.ts'
import { operateAt } from '../../app/operate.ts'
import { systemClock } from '../../core/clock.ts'
import { aPipeline, ask, temporaryDirectory, until } from '../e2e/a-pipeline.ts'
import { nothingLost, pidOf, send, settle } from './load.ts'

const CHANGES = 12
const KILL_AFTER: ReadonlySet<number> = new Set([4, 9])

it('twelve changes of the configuration under load, process killed after two of them: nothing lost, nothing double', async () => {
  using directory = temporaryDirectory()
  await using pipeline = await aPipeline(directory)
  const sending = send(pipeline, { seconds: 20, spans_per_second: 1_000 })
  await systemClock.sleep(2_000)
  const versions: string[] = []
  for (let change = 0; change < CHANGES; change++) {
    const values = { log_level: 'warn', judges: { pii: { allow: [`value ${change}`] } } }
    await until(
      `change ${change} is in force`,
      async () => {
        const outcome = await operateAt<ConfigOutcome>(pipeline.admin, 'config_apply', { values }).catch(() => null)
        if (outcome !== null) versions.push(outcome.config_version)
        return outcome !== null
      },
      60_000,
    )
    if (KILL_AFTER.has(change)) process.kill(await pidOf(pipeline, 'process'), 'SIGKILL')
    await systemClock.sleep(1_000)
  }
  const report = await sending
  expect(await settle(pipeline, report)).toEqual(nothingLost(report))
  await untilCaughtUp(pipeline)
  expect(new Set(versions).size).toBe(CHANGES)
  const judged = await ask<{ version: string }>(
    pipeline,
    'SELECT DISTINCT toString(config_version) AS version FROM spans ORDER BY config_version',
  )
  // The first version judged too, and the last one what came at the end.
  expect(judged.map(({ version }) => version)).toEqual(expect.arrayContaining(versions.slice(-1)))
  expect(judged.length).toBeGreaterThan(CHANGES / 2)
  const ranges = await ask<{ version: string }>(
    pipeline,
    'SELECT DISTINCT toString(config_version) AS version FROM ledger ORDER BY config_version',
  )
  expect(ranges).toEqual(judged)
})
