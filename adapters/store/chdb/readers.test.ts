import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../core/clock.ts'
import type { Engine, EngineResult } from './engine.ts'
import { createReaders, DEFAULT_READ_LIMITS } from './readers.ts'

const EMPTY: EngineResult = { bytes: new Uint8Array(), rows_read: 0, bytes_read: 0, elapsed_s: 0 }
const DEAF = 'SELECT hasAll(range(3000000), range(3000000))'

/** Time passes by sleeping only. */
function jumpingClock(): Clock {
  let now = 0
  return {
    now: () => now,
    monotonic: () => now,
    async sleep(ms, signal) {
      await new Promise(setImmediate)
      signal?.throwIfAborted()
      now += ms
    },
  }
}

/** An engine whose query ends at the `kills`th KILL, as one in the middle of a huge block does, or never. */
function deafEngine(kills: number): Engine {
  let heard = 0
  const query = Promise.withResolvers<EngineResult>()
  return {
    connect: () => ({
      async run(sql) {
        if (sql === DEAF) return query.promise
        if (sql.startsWith('KILL') && ++heard === kills) query.resolve(EMPTY)
        return EMPTY
      },
      close() {},
    }),
    drain: async () => {},
  }
}

async function ask(kills: number): Promise<string[]> {
  const stuck: string[] = []
  const readers = createReaders({
    engine: deafEngine(kills),
    database: 'evalforge',
    count: 1,
    max_waiting: 1,
    clock: jumpingClock(),
    onStuck: (error) => stuck.push(error.message),
  })
  const limits = { ...DEFAULT_READ_LIMITS, max_execution_ms: 1000 }
  await expect(readers.read({ sql: DEAF, format: 'TSV', limits })).rejects.toMatchObject({ clickhouse_code: 159 })
  for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate)
  return stuck
}

describe('createReaders', () => {
  it('reports a query that does not hear that it was killed, once, without its text', async () => {
    const [message, ...more] = await ask(Number.POSITIVE_INFINITY)
    expect(message).toMatch(/30 s/)
    expect(message).not.toContain('hasAll')
    expect(more).toEqual([])
  })

  it('is patient with one that ends later than it should', async () => {
    expect(await ask(50)).toEqual([])
  })
})
