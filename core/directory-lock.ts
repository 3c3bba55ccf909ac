import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from './errors.ts'
import { makeDirectory } from './make-directory.ts'

export interface DirectoryLock {
  /** Safe to repeat. */
  release(): void
}

const SQLITE_BUSY = 5
/** Held connections; one that nobody refers to would be closed by the garbage collector, and its lock with it. */
const held = new Set<unknown>()

/**
 * Takes the write lock of a directory (created when missing) or throws at once: DATA_DIRECTORY_LOCKED when another
 * process or this one holds it, DATA_DIRECTORY_UNUSABLE when the directory cannot be written.
 *
 * The kernel keeps the lock (an fcntl lock that SQLite takes on the file `lock`), so it goes with its process however
 * that ends. Nothing else may open `lock`: closing any descriptor of it would release the lock. Hence the holder's pid
 * stands in a second file, which is only a hint.
 */
export function lockDirectory(path: string): DirectoryLock {
  const holder = join(path, 'lock.holder')
  const connection = acquire(path, holder)
  held.add(connection)
  writeFileSync(holder, String(process.pid))
  return {
    release() {
      if (!held.delete(connection)) return
      rmSync(holder, { force: true })
      connection.close()
    },
  }
}

function acquire(path: string, holder: string) {
  const { DatabaseSync } = loadSqlite()
  try {
    makeDirectory(path)
    const connection = new DatabaseSync(join(path, 'lock'), { timeout: 0 })
    try {
      connection.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      return connection
    } catch (cause) {
      connection.close()
      throw cause
    }
  } catch (cause) {
    if ((cause as { errcode?: unknown }).errcode === SQLITE_BUSY) {
      throw new CodedError('DATA_DIRECTORY_LOCKED', `${path} is written by another process${holderOf(holder)}.`)
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CodedError('DATA_DIRECTORY_UNUSABLE', `Cannot lock ${path} for writing: ${reason}.`, { cause })
  }
}

function holderOf(file: string): string {
  try {
    return ` (pid ${Number.parseInt(readFileSync(file, 'utf8'), 10)})`
  } catch {
    return ''
  }
}

/** Node 22 announces node:sqlite as experimental on stderr; a lock needs nothing that is still moving. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
