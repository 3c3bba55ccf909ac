import { expect, it } from 'vitest'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { freePorts } from '../../app/bench/started-pipeline.ts'
import { CONSUMER_GROUP } from '../../app/consumer-group.ts'
import { systemClock } from '../../core/clock.ts'
import { type Intent, readIntent } from '../../core/intent.ts'
import { OTLP_SPANS } from '../../schemas/topics.ts'
import { aPipeline, ask, temporaryDirectory } from '../e2e/a-pipeline.ts'
import { nothingLost, pidOf, send, settle } from './load.ts'
import { nextRelease } from './next-release.ts'

const NEXT = '99.0.0'

/** Ranges that were begun and not committed, as the next owner will find them. */
async function openIntents(directory: string): Promise<Intent[]> {
  const broker = await createEmbeddedBroker({
    directory: `${directory}/data/log`,
    writes: [],
    clock: systemClock,
    on_fatal(error) {
      throw error
    },
  })
  const places = await broker.offsets(OTLP_SPANS.name)
  const commits = await Promise.all(
    places.map(({ partition }) => broker.committed(CONSUMER_GROUP, OTLP_SPANS.name, partition)),
  )
  await broker.close()
  return commits.flatMap((commit) => readIntent(commit?.metadata ?? '') ?? [])
}

it('a deploy of another version in the middle of a range: it is inserted anew and collapses', async () => {
  using directory = temporaryDirectory()
  const ports = await freePorts()
  const first = await aPipeline(directory, { ports })
  const sending = send(first, { seconds: 8, spans_per_second: 1_000 })
  await systemClock.sleep(3_000)
  // A range whose insert hangs is open for as long as it takes to pull the plug.
  process.kill(await pidOf(first, 'store'), 'SIGSTOP')
  await systemClock.sleep(1_500)
  const pids = (await first.processes()).map(({ pid }) => pid!)
  for (const pid of [first.pid, ...pids]) process.kill(pid, 'SIGKILL')
  await first.exited
  const intents = await openIntents(directory.path)
  expect(intents.length).toBeGreaterThan(0)

  await using second = await aPipeline(directory, { ports, root: nextRelease(directory.path, NEXT) })
  const report = await sending
  expect(await settle(second, report)).toEqual(nothingLost(report))
  expect(report.acknowledged.length).toBe(160)
  const versions = await ask<{ version: string; spans: string }>(
    second,
    'SELECT pipeline_version AS version, toString(count()) AS spans FROM spans GROUP BY version ORDER BY version',
  )
  expect(versions.map(({ version }) => version)).toEqual([intents[0]!.pipeline_version, expect.stringContaining(NEXT)])
})
