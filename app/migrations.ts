import { fileURLToPath } from 'node:url'
import { migrate, readMigrations } from '../adapters/store/migrate.ts'
import type { Store } from '../adapters/store/store.ts'
import type { Config } from './config.ts'

const FOLDER = fileURLToPath(new URL('../schemas/clickhouse', import.meta.url))

/** Of this version, in order. */
export async function migrationNames(): Promise<readonly string[]> {
  return (await readMigrations(FOLDER)).map(({ file }) => file)
}

/** Brings the embedded store's tables up to date and returns the files applied. Safe to repeat. */
export async function migrateStore(store: Store, config: Config): Promise<readonly string[]> {
  // The data directory is ours alone: a lock found here was left by a process that died while migrating.
  await store.execute('DROP TABLE IF EXISTS schema_migrations_lock SYNC')
  const { applied } = await migrate(store, await readMigrations(FOLDER))
  await applyRetention(store, config.store.retention_days)
  await flushInserts(store)
  return applied
}

/**
 * An offset is committed after its rows were inserted: on a machine without replicas the rows must be on the disk by then,
 * or a loss of power takes what nobody reads again. Merges need no flush: they keep their parts for eight minutes.
 */
async function flushInserts(store: Store): Promise<void> {
  const tables = await store.query<{ name: string }>(
    `SELECT name FROM system.tables
     WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND engine_full NOT LIKE '%fsync_after_insert = 1%'`,
  )
  for (const { name } of tables)
    await store.execute(`ALTER TABLE ${name} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1`)
}

/** The DDL keeps rows for 90 days; another `store.retention_days` moves the TTL of every table that has one. */
async function applyRetention(store: Store, days: number): Promise<void> {
  const tables = await store.query<{ name: string; ttl: string }>(
    `SELECT name, extract(engine_full, 'TTL (.+ \\\\+ toIntervalDay\\\\(\\\\d+\\\\))') AS ttl FROM system.tables
     WHERE database = currentDatabase() AND engine_full LIKE '%toIntervalDay(%'`,
  )
  for (const { name, ttl } of tables) {
    const wanted = ttl.replace(/toIntervalDay\(\d+\)/, `toIntervalDay(${days})`)
    if (wanted !== ttl)
      await store.execute(`ALTER TABLE ${name} MODIFY TTL ${wanted} SETTINGS materialize_ttl_after_modify = 0`)
  }
}
