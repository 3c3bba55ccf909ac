import { statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { type Channel, serveCalls } from '../../../core/channel.ts'
import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { insertFailure, queryFailure } from '../failures.ts'
import { insertSettings, insertTarget, quoteName, quoteString } from '../sql-text.ts'
import type { StoreHealth } from '../store.ts'
import { type Engine, type EngineConnection, openEngine } from './engine.ts'
import { DATABASE } from './guard/query-guard.ts'
import { canonicalStatement } from './guard/statement.ts'
import type { ExecuteMessage, InsertMessage, QueryAnswer, QueryMessage } from './messages.ts'
import { createReaders, DEFAULT_READ_LIMITS, type Read, type Readers, type ReadLimits } from './readers.ts'
import { createSlots } from './slots.ts'

export interface StoreHostOptions {
  /** The engine's own directory, inside the data directory. Created when missing. */
  readonly path: string
  /** The only directory inserts are read from. */
  readonly spool_directory: string
  /** Queries at once, 2 to 8. */
  readonly reader_count: number
  /** UV_THREADPOOL_SIZE as Node was started with: the engine blocks a thread per running statement. */
  readonly threadpool_size: number
  readonly limits?: ReadLimits
  readonly clock: Clock
  readonly log: { warn(fields: object, message: string): void }
  /** A query cannot be stopped; only a fresh process gets rid of it. */
  readonly onStuck: (error: Error) => void
}

/** The embedded ClickHouse of this process: one writing connection, several reading ones, database `evalforge`. */
export interface StoreHost {
  readonly database: string
  readonly readers: Readers
  readonly reader_count: number
  /** Answers insert, query, execute and health of another process (`createChdbStore`) over `channel`. */
  serve(channel: Channel): void
  /** Durable and visible when it resolves. Rejects with STORE_FAILED, or STORE_UNAVAILABLE when too many wait. */
  insert(message: InsertMessage): Promise<void>
  execute(sql: string): Promise<void>
  health(): Promise<StoreHealth>
  /** Finishes the inserts that run, stops the queries, then lets go of the directory. */
  close(): Promise<void>
}

const MAX_WAITING = 64
/** Threads that file and DNS calls of the process keep for themselves. */
const SPARE_THREADS = 4
const SPOOL_FILE = /^[A-Za-z0-9._-]+\.rowbinary$/

/** Opens the store and answers `channel`: the whole life of the forked `store` process. Errors as `openEngine`. */
export async function serveChdb(options: StoreHostOptions & { readonly channel: Channel }): Promise<StoreHost> {
  const host = await openStoreHost(options)
  host.serve(options.channel)
  return host
}

export async function openStoreHost(options: StoreHostOptions): Promise<StoreHost> {
  const { path, reader_count, threadpool_size, clock, log } = options
  const wanted = reader_count + 1 + SPARE_THREADS
  if (threadpool_size < wanted)
    log.warn(
      { threadpool_size, wanted },
      'UV_THREADPOOL_SIZE is too small: queries will block file access. Set it before Node starts.',
    )
  const engine = await openEngine(path)
  const writer = engine.connect()
  await writer.run(`CREATE DATABASE IF NOT EXISTS ${quoteName(DATABASE)} ENGINE = Atomic`)
  await writer.run(`USE ${quoteName(DATABASE)}`)
  const readers = createReaders({
    engine,
    database: DATABASE,
    count: reader_count,
    max_waiting: MAX_WAITING,
    clock,
    onStuck: options.onStuck,
  })
  return host(options, engine, writer, readers)
}

function host(options: StoreHostOptions, engine: Engine, writer: EngineConnection, readers: Readers): StoreHost {
  // One statement at a time, queued here: in the engine each waiting one would hold a thread.
  const writing = createSlots({ count: 1, max_waiting: MAX_WAITING, name: 'embedded writers' })
  let closing: Promise<void> | null = null

  function open(): void {
    if (closing) throw new CodedError('STORE_UNAVAILABLE', 'The store process is stopping.')
  }

  async function withConnection<T>(work: (connection: EngineConnection) => Promise<T>): Promise<T> {
    const connection = engine.connect()
    try {
      return await work(connection)
    } finally {
      connection.close()
    }
  }

  async function insert(message: InsertMessage): Promise<void> {
    open()
    const sql = insertSql(message, options.spool_directory)
    try {
      await writing.run(() => writer.run(sql))
    } catch (error) {
      throw insertFailure(message, error)
    }
  }

  async function execute(sql: string): Promise<void> {
    open()
    try {
      await withConnection((connection) => canonicalStatement(connection, sql))
      await writing.run(() => writer.run(sql))
    } catch (error) {
      throw queryFailure('Running a statement', error)
    }
  }

  async function query({ sql, params, timeout_ms }: QueryMessage): Promise<QueryAnswer> {
    open()
    const limits = {
      ...(options.limits ?? DEFAULT_READ_LIMITS),
      max_execution_ms: timeout_ms,
      max_query_bytes: 16 << 20,
    }
    try {
      const result = await readers.read({ sql, params, limits, format: 'JSONEachRow', ...singleStatement(sql) })
      return { json_lines: Buffer.from(result.bytes).toString('utf8') }
    } catch (error) {
      throw queryFailure('Querying the store', error)
    }
  }

  async function health(): Promise<StoreHealth> {
    if (closing) return { healthy: false, reason: 'The store process is stopping.', engine_version: '' }
    try {
      const version = await withConnection((connection) => connection.run('SELECT version()', 'TabSeparatedRaw'))
      return { healthy: true, reason: '', engine_version: Buffer.from(version.bytes).toString('utf8').trim() }
    } catch (error) {
      return { healthy: false, reason: (error as Error).message, engine_version: '' }
    }
  }

  async function close(): Promise<void> {
    await Promise.all([writing.idle(), readers.close()])
    writer.close()
    await engine.drain()
  }

  return {
    database: DATABASE,
    readers,
    reader_count: options.reader_count,
    serve: (channel) =>
      serveCalls(channel, { insert, query, execute: ({ sql }: ExecuteMessage) => execute(sql), health }),
    insert,
    execute,
    health,
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** The engine runs several statements in one call, a server refuses them. Without a semicolon there is only one. */
function singleStatement(sql: string): Partial<Pick<Read, 'inspect'>> {
  if (!sql.includes(';')) return {}
  return {
    async inspect(connection) {
      await canonicalStatement(connection, sql)
      return sql
    },
  }
}

/**
 * Rows reach the engine as a file, never as bytes behind the SQL: inline data ends at the first blank line and what
 * follows is parsed as SQL (datapath.md, 0.1). The clauses stand in the only order that parses.
 */
function insertSql(message: InsertMessage, spool_directory: string): string {
  const file = resolve(message.file)
  const name = relative(spool_directory, file)
  const inside = name !== '' && !name.startsWith('..') && dirname(dirname(file)) === resolve(spool_directory)
  // Globs and endings mean something to FROM INFILE, so only the plain names of our own spool pass.
  if (!inside || !SPOOL_FILE.test(file.slice(dirname(file).length + 1)))
    throw new CodedError('STORE_FAILED', `Inserting into ${message.table}: the row file is not in the spool directory.`)
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size !== message.bytes)
    throw new CodedError('STORE_FAILED', `Inserting into ${message.table}: the row file is incomplete or gone.`)
  if (message.format !== undefined && !/^[A-Za-z]{2,64}$/.test(message.format))
    throw new CodedError('STORE_FAILED', `Inserting into ${message.table}: the format is not a plain word.`)
  const target = insertTarget(message.table, message.columns)
  return `${target} FROM INFILE ${quoteString(file)} ${insertSettings(message.token)} FORMAT ${message.format ?? 'RowBinary'}`
}
