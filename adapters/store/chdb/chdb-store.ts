import { type Call, type Channel, createCaller } from '../../../core/channel.ts'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { encodeParameter } from '../sql-text.ts'
import type { InsertBatch, QueryOptions, Store, StoreHealth } from '../store.ts'
import type { ExecuteMessage, InsertMessage, QueryAnswer, QueryMessage } from './messages.ts'
import { createSpool } from './spool.ts'

export interface ChdbStoreOptions {
  /**
   * A channel to the store process, or null while it is not up. Asked again at the first call after a channel closed,
   * so that the owner may restart that process and route a new channel.
   */
  readonly connect: () => Channel | null
  /** Shared with the store process; ideally a memory file system. 0700, one folder per process. */
  readonly spool_directory: string
  /** An insert without an answer for so long counts as STORE_UNAVAILABLE; it may still succeed. Default 120 s. */
  readonly insert_timeout_ms?: number
  readonly clock?: Clock
}

const DEFAULT_INSERT_TIMEOUT_MS = 120_000
const DEFAULT_QUERY_TIMEOUT_MS = 30_000
/** The store process enforces query limits itself; this is for one that hangs. */
const ANSWER_GRACE_MS = 5_000

/** The store of every process but the one that hosts the embedded engine. */
export function createChdbStore(options: ChdbStoreOptions): Store {
  const { connect, spool_directory, clock = systemClock } = options
  const insert_timeout_ms = options.insert_timeout_ms ?? DEFAULT_INSERT_TIMEOUT_MS
  const spool = createSpool(spool_directory, clock)
  const inserting = new Set<Promise<void>>()
  let caller: Call | null = null
  let closed = false

  function reach(): Call {
    if (closed) throw new CodedError('STORE_UNAVAILABLE', 'This connection to the store is closed.')
    if (caller) return caller
    const channel = connect()
    if (!channel) throw new CodedError('STORE_UNAVAILABLE', 'The store process is not running; it is being restarted.')
    const opened = createCaller(channel, 'STORE_UNAVAILABLE')
    caller = opened
    channel.onClose(() => {
      if (caller === opened) caller = null
    })
    return opened
  }

  async function call(method: string, body: unknown, timeout_ms: number): Promise<unknown> {
    const answered = new AbortController()
    const answer = reach()(method, body)
    const late = clock.sleep(timeout_ms, answered.signal).then(() => {
      throw new CodedError('STORE_UNAVAILABLE', `The store process did not answer ${method} in ${timeout_ms} ms.`)
    })
    try {
      return await Promise.race([answer, late])
    } finally {
      answered.abort()
      late.catch(() => {})
      answer.catch(() => {})
    }
  }

  async function insertRows({ table, columns, rows, row_count, token }: InsertBatch): Promise<void> {
    reach()
    const file = await spool.write(rows)
    const message: InsertMessage = { table, columns, file: file.path, bytes: file.bytes, row_count, token }
    try {
      await call('insert', message, insert_timeout_ms)
    } finally {
      await file.remove()
    }
  }

  async function insert(batch: InsertBatch): Promise<void> {
    if (batch.row_count === 0) return
    const running = insertRows(batch)
    inserting.add(running)
    await running.finally(() => inserting.delete(running))
  }

  async function query<Row>(sql: string, { params = {}, timeout_ms }: QueryOptions = {}): Promise<readonly Row[]> {
    const encoded = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, encodeParameter(value)]))
    const limit_ms = timeout_ms ?? DEFAULT_QUERY_TIMEOUT_MS
    const message: QueryMessage = { sql, params: encoded, timeout_ms: limit_ms }
    const answer = (await call('query', message, limit_ms + ANSWER_GRACE_MS)) as QueryAnswer
    return parseRows(answer.json_lines)
  }

  async function health(): Promise<StoreHealth> {
    try {
      return (await call('health', {}, ANSWER_GRACE_MS)) as StoreHealth
    } catch (error) {
      return { healthy: false, reason: (error as Error).message, engine_version: '' }
    }
  }

  return {
    insert,
    query,
    async execute(sql) {
      await call('execute', { sql } satisfies ExecuteMessage, insert_timeout_ms)
    },
    health,
    async close() {
      closed = true
      await Promise.allSettled(inserting)
      spool.close()
    },
  }
}

function parseRows<Row>(json_lines: string): readonly Row[] {
  const rows: Row[] = []
  for (const line of json_lines.split('\n')) if (line !== '') rows.push(JSON.parse(line) as Row)
  return rows
}
