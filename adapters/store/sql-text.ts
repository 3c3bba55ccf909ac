import { CodedError } from '../../core/errors.ts'

export type QueryValue = string | number | bigint | boolean | readonly string[]

/** A string literal of ClickHouse SQL: whatever the text holds, it stays one literal. */
export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const COLUMN = /^[A-Za-z_][A-Za-z0-9_]{0,127}(\.[A-Za-z_][A-Za-z0-9_]{0,127})?$/
const TOKEN = /^[\x20-\x7e]{1,1024}$/

/** The head of an insert, up to the table's columns. Names come from our schema; anything else is a programming error. */
export function insertTarget(table: string, columns: readonly string[]): string {
  if (!NAME.test(table)) throw new CodedError('STORE_FAILED', 'Inserting: the table name is not a plain identifier.')
  if (columns.length === 0 || !columns.every((column) => COLUMN.test(column)))
    throw new CodedError('STORE_FAILED', `Inserting into ${table}: a column name is not a plain identifier.`)
  return `INSERT INTO ${quoteName(table)} (${columns.map(quoteName).join(', ')})`
}

/**
 * The settings of every insert, as a clause of the statement: sent beside it they would stay on an embedded connection
 * and make the next insert vanish under the same token. The engine's own default is async_insert=1, which loses rows
 * together with tokens (guarantees.md, "How", 3).
 */
export function insertSettings(token: string | null): string {
  if (token === null) return 'SETTINGS async_insert=0'
  if (!TOKEN.test(token))
    throw new CodedError('STORE_FAILED', 'Inserting: the token must be 1 to 1024 printable ASCII characters.')
  return `SETTINGS async_insert=0, insert_deduplicate=1, insert_deduplication_token=${quoteString(token)}`
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' }

/**
 * A value for `{name:Type}` in the form ClickHouse reads parameters: TabSeparated text at the top, quoted literals
 * inside arrays (https://clickhouse.com/docs/interfaces/http#tabs-in-url-parameters). Numbers that are not finite are
 * written as ClickHouse reads them.
 */
export function encodeParameter(value: QueryValue): string {
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf')
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return `[${value.map((item) => quoteString(item.toWellFormed())).join(',')}]`
}

function escapeText(text: string): string {
  return text.toWellFormed().replace(/[\\\t\n\r\0]/g, (character) => ESCAPES[character] ?? character)
}
