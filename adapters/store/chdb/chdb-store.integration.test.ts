import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import { isRetryable } from '../../../core/errors.ts'
import { string, uint32 } from '../row-binary.fixture.ts'
import type { Store } from '../store.ts'
import { createChdbStore } from './chdb-store.ts'
import { type ForkedStore, forkStore, temporaryDirectory } from './forked-store.fixture.ts'

const ROWS = 2_000
const KILLS = 6

describe('the store process is killed during inserts', () => {
  it(`loses no acknowledged row and doubles none, ${KILLS} times`, async () => {
    await using directory = temporaryDirectory()
    let current: ForkedStore | null = await forkStore(directory.path)
    const store = createChdbStore({
      connect: () => current?.channel ?? null,
      spool_directory: `${directory.path}/spool`,
    })
    await store.execute(
      'CREATE TABLE t (batch UInt32, id UInt32, s String) ENGINE = MergeTree PARTITION BY id % 3 ORDER BY (batch, id) ' +
        'SETTINGS non_replicated_deduplication_window = 10000',
    )
    const writing = new AbortController()
    let acknowledged = 0
    const writer = (async () => {
      while (!writing.signal.aborted) {
        await insertUntilTaken(store, acknowledged)
        acknowledged++
      }
    })()
    const reopened_ms: number[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const before = acknowledged
      while (acknowledged < before + 3) await systemClock.sleep(5)
      // A different moment of the insert every time.
      await systemClock.sleep(kill * 3)
      const died = current
      current = null
      await died?.kill()
      const started = performance.now()
      current = await forkStore(directory.path)
      expect(current.ready).toMatchObject({ ready: true })
      reopened_ms.push(performance.now() - started)
    }
    while (acknowledged < 30) await systemClock.sleep(5)
    writing.abort()
    await writer
    const batches = await store.query<{ batch: number; n: string; distinct: string }>(
      'SELECT batch, count() AS n, uniqExact(id) AS distinct FROM t GROUP BY batch ORDER BY batch',
    )
    expect(batches).toEqual(
      Array.from({ length: acknowledged }, (_, batch) => ({ batch, n: String(ROWS), distinct: String(ROWS) })),
    )
    expect(Math.max(...reopened_ms)).toBeLessThan(10_000)
    await store.close()
    await current?.stop()
  })
})

/** What the sink does: the same rows with the same token until they are acknowledged. */
async function insertUntilTaken(store: Store, batch: number): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, id) =>
    Buffer.concat([uint32(batch), uint32(id), string(`text ${batch} ${id} `.repeat(20))]),
  )
  for (;;) {
    try {
      return await store.insert({
        table: 't',
        columns: ['batch', 'id', 's'],
        rows,
        row_count: ROWS,
        token: `t:${batch}`,
      })
    } catch (error) {
      if (!isRetryable(error)) throw error
      await systemClock.sleep(20)
    }
  }
}
