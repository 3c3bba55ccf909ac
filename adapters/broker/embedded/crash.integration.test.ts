import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import type { AssignedPartition, Broker, LogRecord } from '../broker.ts'
import { fetchAll } from '../contract-bench.ts'
import { contentOf } from './crash-writer.ts'
import { createTestLog, type TestLog } from './test-log.ts'

const WRITER = fileURLToPath(new URL('./crash-writer.ts', import.meta.url))
/** How long each writer lives after its first acknowledgement. */
const LIVES_MS = [50, 400, 120, 800, 10, 300, 200, 600]

describe('kill -9 of the writer', () => {
  let log: TestLog
  beforeEach(() => {
    log = createTestLog()
  })
  afterEach(() => log.remove())

  /** Runs a writer until it is killed; returns what it was promised. */
  async function writeAndKill(first: number, life_ms: number): Promise<Map<number, string>> {
    const child = spawn(process.execPath, [WRITER, log.directory, String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (data: Buffer) => {
      output += data
    })
    await once(child.stdout, 'data')
    await systemClock.sleep(life_ms)
    child.kill('SIGKILL')
    await once(child, 'close')
    const lines = output.slice(0, output.lastIndexOf('\n')).split('\n')
    return new Map(
      lines.map((line) => {
        const [number, partition, offset] = line.split(' ')
        return [Number(number), `${partition}:${offset}`]
      }),
    )
  }

  async function everything(broker: Broker): Promise<LogRecord[]> {
    return [...(await fetchAll(broker, 'crash', 0)), ...(await fetchAll(broker, 'crash', 1))]
  }

  it('loses, changes or moves nothing acknowledged, and what another process read stays', {
    timeout: 60_000,
  }, async () => {
    const reader = await log.open({ writes: ['commits'] })
    await reader.ensureTopics([{ name: 'crash', partitions: 2, cleanup: 'delete', summary: 'A test.' }])
    const seen = new Map<string, string>()
    const stop = new AbortController()
    const following: Promise<void>[] = []
    await reader.subscribe({
      group: 'follower',
      topics: ['crash'],
      assigned: (partition) => following.push(follow(partition, { seen, signal: stop.signal })),
      revoked: async () => {},
    })
    const acknowledged = new Map<number, string>()
    for (const [round, life_ms] of LIVES_MS.entries()) {
      for (const [number, place] of await writeAndKill(round * 1_000_000, life_ms)) acknowledged.set(number, place)
    }
    stop.abort()
    await Promise.all(following)

    const records = await everything(await log.open({ writes: ['crash'] }))
    const places = new Map(records.map((record) => [`${record.partition}:${record.offset}`, record]))
    expect(acknowledged.size).toBeGreaterThan(LIVES_MS.length * 16)
    for (const [number, place] of acknowledged) {
      const record = places.get(place)
      expect(record?.headers.n, place).toBe(String(number))
      expect(record?.value?.equals(contentOf(number)), place).toBe(true)
    }
    expect(seen.size).toBeGreaterThan(0)
    for (const [place, number] of seen) expect(places.get(place)?.headers.n, place).toBe(number)
    expect(places.size).toBe(records.length)
  })
})

async function follow(
  partition: AssignedPartition,
  { seen, signal }: { seen: Map<string, string>; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    for (const record of await partition.poll({ max_bytes: 1 << 20, max_wait_ms: 50 })) {
      seen.set(`${record.partition}:${record.offset}`, record.headers.n!)
    }
  }
}
