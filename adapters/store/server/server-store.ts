import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseLogLevel, createClient, drainStream } from '@clickhouse/client'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { insertFailure, queryFailure } from '../failures.ts'
import { insertSettings, insertTarget } from '../sql-text.ts'
import type { InsertBatch, QueryOptions, Store, StoreHealth } from '../store.ts'

export interface ServerStoreOptions {
  /** http://host:8123 or https://host:8443. */
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
  /** No byte from the server for so long: STORE_UNAVAILABLE. Default 120 s. */
  readonly request_timeout_ms?: number
  readonly max_connections?: number
  readonly clock?: Clock
}

const DEFAULT_REQUEST_TIMEOUT_MS = 120_000
const DEFAULT_QUERY_TIMEOUT_MS = 30_000
/** The server stops a query at its limit by itself; this is for one that does not answer. */
const ANSWER_GRACE_MS = 2_000

/** A ClickHouse server or cluster over HTTP. */
export function createServerStore(options: ServerStoreOptions): Store {
  const { clock = systemClock } = options
  const client = createClient({
    url: options.url,
    username: options.username,
    password: options.password,
    database: options.database,
    request_timeout: options.request_timeout_ms ?? DEFAULT_REQUEST_TIMEOUT_MS,
    max_open_connections: options.max_connections ?? 10,
    // Failures are thrown; the client's own log would repeat SQL and parameters.
    log: { level: ClickHouseLogLevel.OFF },
  })

  async function insert(batch: InsertBatch): Promise<void> {
    if (batch.row_count === 0) return
    const target = insertTarget(batch.table, batch.columns)
    const query = `${target} ${insertSettings(batch.token)} FORMAT RowBinary`
    try {
      const { stream } = await client.exec({ query, values: Readable.from(batch.rows, { objectMode: false }) })
      await drainStream(stream)
    } catch (error) {
      throw insertFailure(batch, error)
    }
  }

  async function execute(sql: string): Promise<void> {
    try {
      await client.command({ query: sql })
    } catch (error) {
      throw queryFailure('Running a statement', error)
    }
  }

  async function health(): Promise<StoreHealth> {
    try {
      const rows = await query<{ version: string }>(client, clock, 'SELECT version() AS version', { timeout_ms: 5_000 })
      return { healthy: true, reason: '', engine_version: rows[0]?.version ?? '' }
    } catch (error) {
      return { healthy: false, reason: (error as Error).message, engine_version: '' }
    }
  }

  return {
    insert,
    query: (sql, queryOptions = {}) => query(client, clock, sql, queryOptions),
    execute,
    health,
    close: () => client.close(),
  }
}

async function query<Row>(
  client: ClickHouseClient,
  clock: Clock,
  sql: string,
  { params = {}, timeout_ms = DEFAULT_QUERY_TIMEOUT_MS }: QueryOptions,
): Promise<readonly Row[]> {
  const settled = new AbortController()
  const late = new AbortController()
  clock.sleep(timeout_ms + ANSWER_GRACE_MS, settled.signal).then(
    () => late.abort(),
    () => {},
  )
  try {
    const result = await client.query({
      query: sql,
      query_params: { ...params },
      format: 'JSONEachRow',
      abort_signal: late.signal,
      // Sent with this request only: over HTTP a setting does not outlive it.
      clickhouse_settings: {
        // 2 and not 1, which would refuse the settings below as well.
        readonly: '2',
        output_format_json_quote_64bit_integers: 1,
        max_execution_time: timeout_ms / 1000,
        // Errors after the first row then still come as a status and a code, not as a broken line.
        wait_end_of_query: 1,
      },
    })
    return await result.json<Row>()
  } catch (error) {
    if (late.signal.aborted) throw new CodedError('QUERY_TIMEOUT', undefined, { cause: error })
    throw queryFailure('Querying the store', error)
  } finally {
    settled.abort()
  }
}
