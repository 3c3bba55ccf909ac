import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from 'chdb'
import { CodedError } from '../../../core/errors.ts'
import { isProcessAlive } from './process-alive.ts'

/** What ClickHouse answered instead of a result. `clickhouse_code` decides; the text is for people. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly clickhouse_code: number

  constructor(clickhouse_code: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.clickhouse_code = clickhouse_code
  }
}

export interface EngineResult {
  readonly bytes: Uint8Array
  readonly rows_read: number
  readonly bytes_read: number
  readonly elapsed_s: number
}

/** One connection of the embedded engine: it runs one statement at a time, on a thread of libuv's pool. */
export interface EngineConnection {
  run(sql: string, format?: string): Promise<EngineResult>
  /** Safe while a statement still runs: the engine lets go of the connection behind it. */
  close(): void
}

export interface Engine {
  /** About 1 ms: cheap enough for one connection per query, so that no setting or parameter outlives its query. */
  connect(): EngineConnection
  /** Resolves when nothing runs any more; then the directory may be opened by another process. */
  drain(): Promise<void>
}

/** ClickHouse's LOGICAL_ERROR, for failures without a code of their own. */
const NO_CODE = 49

/**
 * Loads chdb and binds this process to the data directory at `path`. Only on the main thread of a process of its own: in
 * a worker the engine crashes or hangs the whole process (datapath.md, 0.3). Throws DATA_DIRECTORY_LOCKED when another
 * process has the directory open.
 */
export async function openEngine(path: string): Promise<Engine> {
  const { isMainThread } = await import('node:worker_threads')
  if (!isMainThread) throw new CodedError('INTERNAL', 'The embedded store runs on the main thread of a process only.')
  // Loaded here and not on import: every other process of EvalForge stays free of the 500 MB library.
  const chdb = await import('chdb')
  const connect = () => connection(openSession(chdb.Session, path))
  connect().close()
  return { connect, drain: () => chdb.drainPending() }
}

function openSession(Open: typeof Session, path: string): Session {
  try {
    return new Open(path)
  } catch (cause) {
    const owner = lockOwner(path)
    if (owner !== null)
      throw new CodedError(
        'DATA_DIRECTORY_LOCKED',
        `Process ${owner} has the store in ${path} open. Stop it, or choose another directory with --data-dir.`,
        { cause },
      )
    throw new CodedError('STORE_UNAVAILABLE', `The embedded store in ${path} does not open.`, { cause })
  }
}

/** The engine keeps its owner's process id in `status` but reports a held lock without any code. */
function lockOwner(path: string): number | null {
  const status = join(path, 'status')
  if (!existsSync(status)) return null
  const owner = Number(/^PID: (\d+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0)
  return owner > 0 && owner !== process.pid && isProcessAlive(owner) ? owner : null
}

function connection(session: Session): EngineConnection {
  return {
    async run(sql, format = 'TabSeparated') {
      try {
        const result = await session.queryAsync(sql, { format })
        return {
          bytes: result.bytes(),
          rows_read: result.rowsRead,
          bytes_read: result.bytesRead,
          elapsed_s: result.elapsed,
        }
      } catch (cause) {
        throw asEngineError(cause)
      }
    },
    close: () => session.close(),
  }
}

function asEngineError(cause: unknown): EngineError {
  const { clickhouseCode, message } = cause as { clickhouseCode?: number; message?: string }
  return new EngineError(clickhouseCode ?? NO_CODE, message ?? 'The engine failed without a reason.', { cause })
}
