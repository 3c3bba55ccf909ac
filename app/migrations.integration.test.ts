import { expect, it } from 'vitest'
import { createChdbStore } from '../adapters/store/chdb/chdb-store.ts'
import { forkStore, temporaryDirectory } from '../adapters/store/chdb/forked-store.fixture.ts'
import { parseConfig } from './config.ts'
import { migrateStore } from './migrations.ts'

it('has every table flush its inserts and keep rows as long as configured, however often it runs', async () => {
  await using directory = temporaryDirectory()
  const forked = await forkStore(directory.path)
  const store = createChdbStore({ connect: () => forked.channel, spool_directory: `${directory.path}/spool` })
  try {
    expect(await migrateStore(store, parseConfig({}))).not.toEqual([])
    expect(await migrateStore(store, parseConfig({ store: { retention_days: 7 } }))).toEqual([])
    const tables = await store.query<{ name: string; engine_full: string }>(
      `SELECT name, engine_full FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`,
    )
    expect(tables.map(({ name }) => name)).toContain('spans_rows')
    for (const { name, engine_full } of tables) {
      expect(engine_full).toContain('fsync_after_insert = 1, fsync_part_directory = 1')
      if (name !== 'schema_migrations') expect(engine_full).toContain('toIntervalDay(7)')
    }
  } finally {
    await store.close()
    await forked.stop()
  }
})
