/** What crosses the channel between the store process and the others. */
export interface InsertMessage {
  readonly table: string
  readonly columns: readonly string[]
  /** Absolute path of the rows' file inside the spool directory. */
  readonly file: string
  readonly bytes: number
  /** 0 where the sender did not say. */
  readonly row_count: number
  /** null: the engine recognises a repeat by the rows themselves only. */
  readonly token: string | null
  /** Default RowBinary. */
  readonly format?: string
}

export interface QueryMessage {
  readonly sql: string
  /** In the form of `encodeParameter`. */
  readonly params: Readonly<Record<string, string>>
  readonly timeout_ms: number
}

/** The rows as JSONEachRow. */
export interface QueryAnswer {
  readonly json_lines: string
}

export interface ExecuteMessage {
  readonly sql: string
}
