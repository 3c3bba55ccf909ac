import { fileURLToPath } from 'node:url'
import { migrate, readMigrations } from '../migrate.ts'
import type { Store } from '../store.ts'
import { createChdbStore } from './chdb-store.ts'
import { forkStore, temporaryDirectory } from './forked-store.fixture.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../schemas/clickhouse', import.meta.url))

export interface MigratedStore {
  readonly store: Store
  close(): Promise<void>
}

/** An empty store with all tables. Rows of tests have fixed times, so nothing ages out. */
export async function openMigratedStore(): Promise<MigratedStore> {
  const directory = temporaryDirectory()
  const forked = await forkStore(directory.path)
  const store = createChdbStore({ connect: () => forked.channel, spool_directory: `${directory.path}/spool` })
  await migrate(store, await readMigrations(MIGRATIONS))
  const tables = await store.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '%TTL%'",
  )
  for (const { name } of tables) await store.execute(`ALTER TABLE ${name} REMOVE TTL`)
  return {
    store,
    async close() {
      await store.close()
      await forked.stop()
      await directory[Symbol.asyncDispose]()
    },
  }
}
