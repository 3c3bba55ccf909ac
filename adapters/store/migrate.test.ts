import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createChdbStore } from './chdb/chdb-store.ts'
import { type ForkedStore, forkStore, temporaryDirectory } from './chdb/forked-store.fixture.ts'
import { checksum, type Migration, migrate, readMigrations, splitStatements } from './migrate.ts'
import type { Store } from './store.ts'

const first: Migration = {
  version: 1,
  file: '0001-first.sql',
  sql:
    "-- a note;\nCREATE TABLE IF NOT EXISTS one (id UInt32, s String DEFAULT 'a;b') ENGINE = MergeTree ORDER BY id;\n" +
    'CREATE VIEW IF NOT EXISTS ones AS SELECT id FROM one;\n',
}
const second: Migration = {
  version: 2,
  file: '0002-second.sql',
  sql: 'ALTER TABLE one ADD COLUMN IF NOT EXISTS n UInt8;',
}

describe('splitStatements', () => {
  it.each([
    ['two statements', 'A;\nB;\n', ['A', 'B']],
    ['no semicolon at the end', 'A;\nB', ['A', 'B']],
    ['a semicolon inside a line', "SELECT ';', 1;\n", ["SELECT ';', 1"]],
    ['comments', '-- x;\nA; -- y\n-- only a comment\n', ['A']],
    ['Windows line ends', 'A;\r\nB;\r\n', ['A', 'B']],
    ['several lines', 'A\n  B;\nC;', ['A\n  B', 'C']],
    ['nothing', ' \n-- only\n', []],
  ])('%s', (_what, sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements)
  })
})

describe('readMigrations', () => {
  it('reads a folder in order and refuses other names', async () => {
    await using directory = temporaryDirectory()
    await writeFile(join(directory.path, '0002-b.sql'), 'B;')
    await writeFile(join(directory.path, '0001-a.sql'), 'A;')
    await writeFile(join(directory.path, 'notes.md'), '')
    expect(await readMigrations(directory.path)).toEqual([
      { version: 1, file: '0001-a.sql', sql: 'A;' },
      { version: 2, file: '0002-b.sql', sql: 'B;' },
    ])
    await mkdir(join(directory.path, 'x'))
    await writeFile(join(directory.path, '3-c.sql'), '')
    await expect(readMigrations(directory.path)).rejects.toMatchObject({
      code: 'MIGRATIONS_MISMATCH',
      message: expect.stringContaining('3-c.sql'),
    })
  })

  it('gives equal checksums whatever the line ends', () => {
    expect(checksum({ ...first, sql: 'A;\r\nB;' })).toBe(checksum({ ...first, sql: 'A;\nB;' }))
  })
})

describe('migrate', () => {
  const directory = temporaryDirectory()
  let forked: ForkedStore
  let store: Store

  beforeAll(async () => {
    forked = await forkStore(directory.path)
    store = createChdbStore({ connect: () => forked.channel, spool_directory: `${directory.path}/spool` })
  })
  afterAll(async () => {
    await store.close()
    await forked.stop()
    await directory[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    for (const name of ['schema_migrations', 'schema_migrations_lock', 'one'])
      await store.execute(`DROP TABLE IF EXISTS ${name} SYNC`)
    await store.execute('DROP VIEW IF EXISTS ones')
  })

  it('applies what is missing, once', async () => {
    expect(await migrate(store, [first])).toEqual({ applied: ['0001-first.sql'], present: [] })
    expect(await migrate(store, [first])).toEqual({ applied: [], present: ['0001-first.sql'] })
    expect(await migrate(store, [first, second])).toEqual({ applied: ['0002-second.sql'], present: ['0001-first.sql'] })
    expect(await store.query('SELECT version, file, checksum FROM schema_migrations ORDER BY version')).toEqual([
      { version: 1, file: '0001-first.sql', checksum: checksum(first) },
      { version: 2, file: '0002-second.sql', checksum: checksum(second) },
    ])
    expect(await store.query('SELECT s, n FROM one')).toEqual([])
  })

  it('goes on after a statement failed in the middle', async () => {
    const broken = { ...first, sql: `${first.sql}CREATE TABLE two (id Nope) ENGINE = Memory;\n` }
    await expect(migrate(store, [broken])).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining('0001-first.sql'),
    })
    expect(await migrate(store, [first])).toMatchObject({ applied: ['0001-first.sql'] })
  })

  it.each([
    ['a changed file', [{ ...first, sql: `${first.sql} ` }, second], /0001-first\.sql was changed/],
    ['a newer store', [first], /0002-second\.sql, which this version does not know/],
    [
      'a gap in the files',
      [first, { ...second, version: 3, file: '0003-third.sql' }],
      /0003-third\.sql stands where number 2/,
    ],
    [
      'two files of one number',
      [first, { ...first, file: '0001-again.sql' }, second],
      /0001-again\.sql stands where number 2/,
    ],
  ])('refuses %s and changes nothing', async (_what, files, message) => {
    await migrate(store, [first, second])
    await expect(migrate(store, files)).rejects.toMatchObject({
      code: 'MIGRATIONS_MISMATCH',
      message: expect.stringMatching(message),
    })
    expect(await store.query('SELECT count() AS n FROM schema_migrations')).toEqual([{ n: '2' }])
  })

  it('lets one of several run, and none while another holds the lock', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => migrate(store, [first, second])))
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.code)
    expect(failures.every((code) => code === 'MIGRATIONS_RUNNING')).toBe(true)
    expect(failures.length).toBeLessThan(3)
    expect(await store.query('SELECT count() AS n FROM schema_migrations')).toEqual([{ n: '2' }])
    await store.execute(
      "CREATE TABLE schema_migrations_lock (owner String) ENGINE = MergeTree ORDER BY owner COMMENT 'other'",
    )
    expect(await migrate(store, [first, second])).toMatchObject({ applied: [] })
    const third = { version: 3, file: '0003-third.sql', sql: 'SELECT 1;' }
    await expect(migrate(store, [first, second, third])).rejects.toMatchObject({
      code: 'MIGRATIONS_RUNNING',
      retry: 'later',
    })
    await store.execute('DROP TABLE schema_migrations_lock SYNC')
    expect(await migrate(store, [first, second, third])).toMatchObject({ applied: ['0003-third.sql'] })
  })
})
