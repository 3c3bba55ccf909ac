import type { Clock } from '../../../core/clock.ts'
import { quoteName, quoteString } from '../sql-text.ts'
import { type Engine, type EngineConnection, EngineError, type EngineResult } from './engine.ts'
import { createSlots } from './slots.ts'

/** Bounds of one query. They stand on its connection before `readonly=1` closes the door behind them. */
export interface ReadLimits {
  readonly max_execution_ms: number
  readonly max_memory_bytes: number
  readonly max_result_bytes: number
  readonly max_result_rows: number
  readonly max_threads: number
  readonly max_query_bytes: number
}

export const DEFAULT_READ_LIMITS: ReadLimits = {
  max_execution_ms: 30_000,
  max_memory_bytes: 1 << 30,
  max_result_bytes: 64 << 20,
  max_result_rows: 1_000_000,
  max_threads: 2,
  max_query_bytes: 256 << 10,
}

export interface Read {
  readonly sql: string
  /** Output format, unless the statement names one. */
  readonly format: string
  /** Values of `{name:Type}`, in the form of `encodeParameter`. */
  readonly params?: Readonly<Record<string, string>>
  readonly limits: ReadLimits
  /** Further settings, names and values checked by the caller. */
  readonly settings?: Readonly<Record<string, string>>
  /** The current database; by default that of the store. */
  readonly database?: string
  /** Looks at the statement on the connection that will run it and gives back what to run; a rejection stops it. */
  readonly inspect?: (connection: EngineConnection) => Promise<string>
  /** The caller is gone: the query is killed. */
  readonly signal?: AbortSignal
}

export interface Readers {
  /** Rejects with an EngineError, or STORE_UNAVAILABLE when too many calls wait. */
  read(read: Read): Promise<EngineResult>
  /** Stops what runs; resolves when the engine has let go of it. */
  close(): Promise<void>
}

export interface ReadersOptions {
  readonly engine: Engine
  readonly database: string
  readonly count: number
  readonly max_waiting: number
  readonly clock: Clock
  /** A query goes on long after it was killed: its reader, and a core, are lost for as long as the process lives. */
  readonly onStuck: (error: Error) => void
}

const TIMEOUT_EXCEEDED = 159
const QUERY_WAS_CANCELLED = 394
/** The engine stops by itself at the limit; this much later it is told to. */
const KILL_AFTER_MS = 500
const KILL_AGAIN_MS = 250
/** The engine hears a kill between blocks only, and one row of a block can take it hours: hasAll() of two long arrays. */
const STUCK_AFTER_MS = 30_000

interface Run {
  readonly id: string
  /** On the monotonic clock. */
  readonly deadline: number
  /** Aborted when nobody waits for the answer any more, */
  readonly abandoned: AbortController
  /** and when the engine is done. */
  readonly finished: AbortController
  started: boolean
}

/**
 * Reading connections: at most `count` at once, each opened for one query and closed after it. A connection carries its
 * limits, then `readonly=1`, so that neither SET nor a SETTINGS clause changes anything any more.
 */
export function createReaders(options: ReadersOptions): Readers {
  const { engine, database, count, max_waiting, clock, onStuck } = options
  const slots = createSlots({ count, max_waiting, name: 'embedded readers' })
  const closing = new AbortController()
  let sequence = 0

  async function read(request: Read): Promise<EngineResult> {
    const settled = new AbortController()
    const run: Run = {
      id: `read-${process.pid}-${sequence++}`,
      deadline: clock.monotonic() + request.limits.max_execution_ms,
      abandoned: new AbortController(),
      finished: new AbortController(),
      started: false,
    }
    // A slot is given back when the engine is done, not when the caller stops waiting: threads are what it counts.
    const running = slots.run(() => runOnce(request, run)).finally(() => run.finished.abort())
    const stopped = stop(request, settled.signal).then((error) => {
      if (error) void abandon(run)
      throw error ?? cancelled()
    })
    try {
      return await Promise.race([running, stopped])
    } finally {
      settled.abort()
      running.catch(() => {})
      stopped.catch(() => {})
    }
  }

  /** Resolves with the reason when the deadline passed or the caller left; with undefined when the query settled. */
  async function stop(request: Read, settled: AbortSignal): Promise<EngineError | undefined> {
    const left = AbortSignal.any([settled, closing.signal, ...(request.signal ? [request.signal] : [])])
    try {
      await clock.sleep(request.limits.max_execution_ms + KILL_AFTER_MS, left)
      return new EngineError(TIMEOUT_EXCEEDED, `Timeout exceeded: maximum ${request.limits.max_execution_ms} ms.`)
    } catch {
      return settled.aborted ? undefined : cancelled()
    }
  }

  async function runOnce(request: Read, run: Run): Promise<EngineResult> {
    const left_ms = run.deadline - clock.monotonic()
    if (run.abandoned.signal.aborted) throw cancelled()
    if (left_ms <= 0) throw new EngineError(TIMEOUT_EXCEEDED, 'Timeout exceeded while waiting for a free reader.')
    run.started = true
    const connection = engine.connect()
    try {
      await connection.run(preparation(request, request.database ?? database, run.id, left_ms))
      const sql = request.inspect ? await request.inspect(connection) : request.sql
      if (run.abandoned.signal.aborted) throw cancelled()
      return await connection.run(sql, request.format)
    } finally {
      connection.close()
    }
  }

  /** Repeated until it worked: a kill that comes before the engine has registered the query finds nothing. */
  async function abandon(run: Run): Promise<void> {
    run.abandoned.abort()
    const since = clock.monotonic()
    while (!run.finished.signal.aborted) {
      if (run.started) await kill(run.id).catch(() => {})
      if (run.started && clock.monotonic() - since >= STUCK_AFTER_MS)
        return onStuck(new Error(`A query still runs ${STUCK_AFTER_MS / 1000} s after it was killed.`))
      await clock.sleep(KILL_AGAIN_MS, run.finished.signal).catch(() => {})
    }
  }

  /** On a connection of its own: the query's is busy, and so may be the writer's. */
  async function kill(id: string): Promise<void> {
    const connection = engine.connect()
    try {
      await connection.run(`KILL QUERY WHERE Settings['log_comment'] = ${quoteString(id)} ASYNC`)
    } finally {
      connection.close()
    }
  }

  return {
    read,
    close() {
      closing.abort()
      return slots.idle()
    },
  }
}

function preparation(request: Read, database: string, id: string, left_ms: number): string {
  const { limits } = request
  const settings: Record<string, string> = {
    output_format_json_quote_64bit_integers: '1',
    use_query_cache: '0',
    ...request.settings,
    log_comment: id,
    max_execution_time: String(left_ms / 1000),
    max_memory_usage: String(limits.max_memory_bytes),
    max_result_bytes: String(limits.max_result_bytes),
    max_result_rows: String(limits.max_result_rows),
    result_overflow_mode: 'throw',
    max_threads: String(limits.max_threads),
    max_query_size: String(limits.max_query_bytes),
  }
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${quoteString(value)}`)
  const params = Object.entries(request.params ?? {}).map(
    ([name, value]) => `SET ${quoteName(`param_${name}`)}=${quoteString(value)}`,
  )
  // Parameters come first: their values may be longer than a statement is allowed to be.
  const before = ['SET max_query_size=67108864', ...params, `USE ${quoteName(database)}`]
  return [...before, `SET ${assignments.join(', ')}`, 'SET readonly=1'].join('; ')
}

function cancelled(): EngineError {
  return new EngineError(QUERY_WAS_CANCELLED, 'Query was cancelled.')
}
