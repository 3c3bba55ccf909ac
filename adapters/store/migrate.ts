import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '../../core/errors.ts'
import { quoteString } from './sql-text.ts'
import type { Store } from './store.ts'

export interface Migration {
  /** 1, 2, 3, ... without gaps. */
  readonly version: number
  /** The file name, `0001-spans.sql`. */
  readonly file: string
  /** Statements, each ended by a semicolon at the end of a line; safe to repeat (IF NOT EXISTS, OR REPLACE). */
  readonly sql: string
}

export interface MigrationReport {
  /** Files applied now, in order. */
  readonly applied: readonly string[]
  /** Files that were applied before. */
  readonly present: readonly string[]
}

interface AppliedRow {
  readonly version: number
  readonly file: string
  readonly checksum: string
}

const FILE = /^(\d{4})-[a-z0-9-]+\.sql$/
/** Longer than any migration of ours; a lock this old belongs to a process that died. */
const LOCK_STALE_S = 900

/** The migrations of a folder in order. Throws MIGRATIONS_MISMATCH for a file name out of line. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file) => {
      const version = Number(FILE.exec(file)?.[1] ?? Number.NaN)
      if (Number.isNaN(version)) throw mismatch(`The file ${file} in ${folder} is not called NNNN-name.sql. Rename it.`)
      return { version, file, sql: await readFile(join(folder, file), 'utf8') }
    }),
  )
}

/**
 * Brings the schema to the last of `migrations`: applies what is missing, in order, and keeps file and checksum in
 * `schema_migrations`. Safe to repeat, also after a crash in the middle of a file: its statements run again. Rejects
 * with MIGRATIONS_MISMATCH (nothing was changed) or MIGRATIONS_RUNNING, or with the store's error.
 */
export async function migrate(store: Store, migrations: readonly Migration[]): Promise<MigrationReport> {
  checkOrder(migrations)
  await store.execute(
    'CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, file String, checksum String, ' +
      'applied_at DateTime64(3)) ENGINE = ReplacingMergeTree ORDER BY version',
  )
  // Read before the lock as well, so that a store that is up to date is never locked.
  if (missing(migrations, await readApplied(store)).length === 0) return report(migrations, [])
  return withLock(store, async () => {
    const todo = missing(migrations, await readApplied(store))
    for (const migration of todo) await apply(store, migration)
    return report(migrations, todo)
  })
}

export function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex')
}

/** Statements end with a semicolon at the end of a line; parts of comments only are left out. */
export function splitStatements(sql: string): readonly string[] {
  const parts = sql.replaceAll('\r\n', '\n').split(/;[ \t]*(?:--[^\n]*)?(?:\n|$)/)
  return parts.map((part) => part.trim()).filter((part) => part.replace(/--[^\n]*/g, '').trim() !== '')
}

function checkOrder(migrations: readonly Migration[]): void {
  migrations.forEach(({ version, file }, index) => {
    if (version !== index + 1)
      throw mismatch(`${file} stands where number ${index + 1} belongs: numbers must follow each other. Rename it.`)
  })
}

async function readApplied(store: Store): Promise<readonly AppliedRow[]> {
  return store.query<AppliedRow>('SELECT version, file, checksum FROM schema_migrations FINAL ORDER BY version')
}

/** What has to run; throws when the database is not a prefix of `migrations`. */
function missing(migrations: readonly Migration[], applied: readonly AppliedRow[]): readonly Migration[] {
  applied.forEach((row, index) => {
    if (row.version !== index + 1)
      throw mismatch(`schema_migrations holds ${row.file} but not number ${index + 1} before it. Restore the store.`)
    const known = migrations[index]
    if (!known)
      throw mismatch(`The store was migrated with ${row.file}, which this version does not know. Run a newer version.`)
    if (checksum(known) !== row.checksum)
      throw mismatch(`${known.file} was changed after it was applied. Restore the file and add a new one instead.`)
  })
  return migrations.slice(applied.length)
}

async function apply(store: Store, migration: Migration): Promise<void> {
  for (const statement of splitStatements(migration.sql)) {
    try {
      await store.execute(statement)
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause
      throw new CodedError(cause.code, `Applying ${migration.file}: ${cause.message}`, { cause })
    }
  }
  const row = [migration.version, quoteString(migration.file), quoteString(checksum(migration)), 'now64(3)']
  await store.execute(`INSERT INTO schema_migrations (version, file, checksum, applied_at) SELECT ${row.join(', ')}`)
}

/**
 * The lock is a table that carries its owner as comment: creating a table is the one thing of which ClickHouse lets only
 * one of two clients succeed.
 */
async function withLock<T>(store: Store, work: () => Promise<T>): Promise<T> {
  const owner = randomUUID()
  const create = `CREATE TABLE IF NOT EXISTS schema_migrations_lock (owner String) ENGINE = MergeTree ORDER BY owner COMMENT ${quoteString(owner)}`
  await store.execute(create)
  let lock = await readLock(store)
  if (lock && lock.owner !== owner && lock.age_s > LOCK_STALE_S) {
    await store.execute('DROP TABLE IF EXISTS schema_migrations_lock SYNC')
    await store.execute(create)
    lock = await readLock(store)
  }
  if (lock?.owner !== owner)
    throw new CodedError(
      'MIGRATIONS_RUNNING',
      `Another process is migrating this store since ${lock?.age_s ?? 0} s. Wait for it and try again.`,
    )
  try {
    return await work()
  } finally {
    await store.execute('DROP TABLE IF EXISTS schema_migrations_lock SYNC')
  }
}

async function readLock(store: Store): Promise<{ owner: string; age_s: number } | undefined> {
  const rows = await store.query<{ owner: string; age_s: number }>(
    'SELECT comment AS owner, toInt32(now() - metadata_modification_time) AS age_s FROM system.tables ' +
      "WHERE database = currentDatabase() AND name = 'schema_migrations_lock'",
  )
  return rows[0]
}

function report(migrations: readonly Migration[], applied: readonly Migration[]): MigrationReport {
  const now = applied.map(({ file }) => file)
  return { applied: now, present: migrations.map(({ file }) => file).filter((file) => !now.includes(file)) }
}

function mismatch(message: string): CodedError {
  return new CodedError('MIGRATIONS_MISMATCH', message)
}
