/**
 * The store port: the conversation with ClickHouse. The embedded engine (chdb in a forked process) and a server (HTTP)
 * both pass `store.contract.ts`.
 */
export interface InsertBatch {
  readonly table: string
  /** Columns in the order the rows carry them. */
  readonly columns: readonly string[]
  /** Whole rows in RowBinary; chunks may be cut anywhere. */
  readonly rows: readonly Uint8Array[]
  readonly row_count: number
  /** insert_deduplication_token: the same token with the same rows inserts once (guarantees.md, "How", 3). */
  readonly token: string
}

export interface QueryOptions {
  /** Values for `{name:Type}` in the SQL. */
  readonly params?: Readonly<Record<string, string | number | bigint | boolean | readonly string[]>>
  /** Default 30 s. */
  readonly timeout_ms?: number
}

export interface StoreHealth {
  readonly healthy: boolean
  readonly reason: string
  readonly engine_version: string
}

export interface Store {
  /**
   * Inserts synchronously (async_insert=0); durable and visible when it resolves. Safe to repeat with the same token.
   * Rejects with STORE_UNAVAILABLE (not reached, or the answer was lost) or STORE_FAILED (refused), both retry `later`.
   */
  insert(batch: InsertBatch): Promise<void>
  /** Rows as objects, 64-bit integers as strings. Rejects with QUERY_FAILED, QUERY_TIMEOUT,
   * QUERY_TOO_LARGE or STORE_UNAVAILABLE. */
  query<Row = Record<string, unknown>>(sql: string, options?: QueryOptions): Promise<readonly Row[]>
  /** Runs one statement of ours that changes the schema. Never carries customer text. */
  execute(sql: string): Promise<void>
  health(): Promise<StoreHealth>
  close(): Promise<void>
}
