import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { freePorts } from '../../app/bench/started-pipeline.ts'
import { systemClock } from '../../core/clock.ts'
import { OTLP_SPANS } from '../../schemas/topics.ts'
import { temporaryDirectory } from './a-pipeline.ts'

const MAIN = new URL('../../app/main.ts', import.meta.url).pathname

/** `heard: false`: who reads its output is gone before it says anything. */
async function run(argv: readonly string[], { heard }: { heard: boolean }): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  if (heard) child.stdout.resume()
  else child.stdout.destroy()
  const [code] = (await once(child, 'close')) as [number]
  return { code, stderr }
}

async function writeRecords(data_dir: string): Promise<void> {
  const writes = [OTLP_SPANS.name, 'commits']
  const directory = join(data_dir, 'log')
  const broker = await createEmbeddedBroker({ directory, writes, clock: systemClock, on_fatal: () => {} })
  await broker.ensureTopics([OTLP_SPANS])
  const record = { key: null, value: Buffer.from('no request'), headers: {} }
  await broker.produce(OTLP_SPANS.name, [record, record, record])
  await broker.close()
}

describe('the command line', () => {
  it('ends quietly where nobody reads on, as before `| head`', async () => {
    using directory = temporaryDirectory()
    await writeRecords(directory.path)
    const { admin } = await freePorts()
    const argv = ['topics', 'tail', OTLP_SPANS.name, '--data-dir', directory.path, '--admin-port', String(admin)]
    expect(await run(argv, { heard: false })).toEqual({ code: 0, stderr: '' })
  })

  it('takes a question that begins with its comment', async () => {
    // It comes as far as asking.
    const { clickhouse } = await freePorts()
    const argv = ['query', '-- how many\nSELECT count() FROM spans', '--clickhouse-port', String(clickhouse)]
    const { code, stderr } = await run(argv, { heard: true })
    expect([code, stderr]).toEqual([1, expect.stringContaining('(STORE_UNAVAILABLE)')])
  })
})
