import { expect, it } from 'vitest'
import { freePorts } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { createRandom } from '../../core/random.ts'
import { aPipeline, ask, type TestPipeline, temporaryDirectory, until } from '../e2e/a-pipeline.ts'
import { nothingLost, send, settle } from './load.ts'
import { nextRelease } from './next-release.ts'

const SEED = Number(process.env.EVALFORGE_TEST_SEED ?? 20_261_120)
const KILLS = 20
const LONGEST_WAIT_MS = 2_500
/** Everything dies at once, as when the machine loses power but keeps its disk. */
const ALL = 'all'
const VICTIMS = ['store', 'process', 'ingest', 'store', 'process', 'ingest', ALL] as const
const NEXT = '99.0.0'

type Victim = (typeof VICTIMS)[number]

it(`kill -9 at ${KILLS} random moments, with another version and another configuration in between (seed ${SEED})`, async () => {
  using directory = temporaryDirectory()
  const random = createRandom(SEED)
  const ports = await freePorts()
  const releases = [undefined, nextRelease(directory.path, NEXT)]
  const configs = [{}, { judges: { refusal: { threshold: 0.4 } } }]
  let starts = 0
  const start = () => {
    const root = releases[starts % 2]
    const config = configs[(starts++ >> 1) % 2]!
    return aPipeline(directory, { ports, config, ...(root !== undefined && { root }) })
  }
  let pipeline = await start()
  try {
    const sending = send(pipeline, { seconds: 75, spans_per_second: 600 })
    const killed: string[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      await systemClock.sleep(random(LONGEST_WAIT_MS))
      // The first four of ALL are spread evenly, so that every version meets every configuration.
      const victim: Victim = kill % 5 === 4 ? ALL : VICTIMS[random(VICTIMS.length)]!
      killed.push(victim)
      if (victim === ALL) pipeline = await restartAll(pipeline, start)
      else await killOne(pipeline, victim)
    }
    const report = await sending
    expect(await settle(pipeline, report), killed.join(' ')).toEqual(nothingLost(report))
    expect(report.acknowledged.length).toBe((75 * 600) / 50)
    const versions = await ask<{ version: string }>(
      pipeline,
      'SELECT DISTINCT pipeline_version AS version, config_version FROM spans ORDER BY ALL',
    )
    expect(versions.length).toBeGreaterThan(2)
    expect(new Set(versions.map(({ version }) => version)).size).toBe(2)
  } finally {
    await pipeline.stop()
  }
})

async function restartAll(pipeline: TestPipeline, start: () => Promise<TestPipeline>): Promise<TestPipeline> {
  const pids = (await pipeline.processes()).flatMap(({ pid }) => (pid === null ? [] : [pid]))
  for (const pid of [pipeline.pid, ...pids]) kill(pid)
  await pipeline.exited
  return start()
}

/** Kills it and goes on at once: the next kill may find it still starting. */
async function killOne(pipeline: TestPipeline, role: Exclude<Victim, typeof ALL>): Promise<void> {
  let pid: number | null = null
  await until(`${role} has a process`, async () => {
    pid = (await pipeline.processes()).find((process) => process.role === role)?.pid ?? null
    return pid !== null
  })
  kill(pid!)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
