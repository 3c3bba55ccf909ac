import { CodedError } from '../../core/errors.ts'

/** ClickHouse error codes that carry a decision (src/Common/ErrorCodes.cpp). */
const TIMEOUT_CODES = new Set([159, 160, 394])
/** Too many queries, a lost connection, a node that stops or lost its Keeper: another try may succeed. */
const UNAVAILABLE_CODES = new Set([202, 209, 210, 236, 242, 439, 999])
/** The memory or the bytes of an answer that one query may take: a question for less may succeed. */
const TOO_LARGE_CODES = new Set([241, 396])
/** About the schema or the disk: their text names tables and columns, never a value of a row. */
const SCHEMA_CODES = new Set([16, 20, 36, 60, 81, 107, 164, 241, 243, 252, 516, 497])

/** What a ClickHouse client threw, reduced to what may be decided on. */
function clickhouseCode(error: unknown): number | null {
  const { clickhouse_code, code } = error as { clickhouse_code?: number; code?: string }
  if (typeof clickhouse_code === 'number') return clickhouse_code
  return typeof code === 'string' && /^\d+$/.test(code) ? Number(code) : null
}

/** An insert that ClickHouse refused (STORE_FAILED), or that never reached it (as `error` says). */
export function insertFailure(batch: { table: string; row_count: number }, error: unknown): CodedError {
  if (error instanceof CodedError) return error
  const code = clickhouseCode(error)
  const doing = `Inserting ${batch.row_count} rows into ${batch.table}`
  if (code === null) return new CodedError('STORE_UNAVAILABLE', `${doing}: the store did not answer.`, { cause: error })
  if (UNAVAILABLE_CODES.has(code))
    return new CodedError('STORE_UNAVAILABLE', `${doing}: ClickHouse code ${code}.`, { cause: error })
  // A parser's complaint quotes the row it stumbled over; the cause keeps it for the debugger only.
  const reason = SCHEMA_CODES.has(code) ? `: ${shortened(error)}` : ''
  return new CodedError('STORE_FAILED', `${doing}: ClickHouse code ${code}${reason}`, { cause: error })
}

/** QUERY_TIMEOUT, QUERY_TOO_LARGE, QUERY_FAILED with what ClickHouse says, or STORE_UNAVAILABLE when it said nothing. */
export function queryFailure(doing: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error
  const code = clickhouseCode(error)
  if (code === null) return new CodedError('STORE_UNAVAILABLE', `${doing}: the store did not answer.`, { cause: error })
  if (TIMEOUT_CODES.has(code)) return new CodedError('QUERY_TIMEOUT', undefined, { cause: error })
  if (UNAVAILABLE_CODES.has(code))
    return new CodedError('STORE_UNAVAILABLE', `${doing}: ClickHouse code ${code}.`, { cause: error })
  if (TOO_LARGE_CODES.has(code))
    return new CodedError('QUERY_TOO_LARGE', `${doing}: ClickHouse code ${code}: ${shortened(error)}`, { cause: error })
  return new CodedError('QUERY_FAILED', `${doing}: ClickHouse code ${code}: ${shortened(error)}`, { cause: error })
}

function shortened(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.length > 1000 ? `${text.slice(0, 1000).toWellFormed()} ...` : text
}
