import type { IncomingMessage } from 'node:http'
import { canonicalStatement, type Statement } from '../guard/statement.ts'
import type { StoreHost } from '../host.ts'
import type { Spool } from '../spool.ts'
import { readBody } from './body.ts'
import { isInputFormat } from './formats.ts'
import { httpError } from './http-error.ts'

/** Runs SQL on a reading connection. */
export interface Reading {
  run(sql: string, format?: string): ReturnType<StoreHost['readers']['read']>
}

export interface WriterOptions {
  readonly host: StoreHost
  readonly reading: Reading
  readonly spool: Spool
  readonly max_body_bytes: number
}

const READING = /^(SELECT|WITH|SHOW|DESCRIBE|EXISTS|EXPLAIN)$/
const CHANGING = /^(CREATE|ALTER|DROP|RENAME|TRUNCATE|OPTIMIZE|DELETE|UPDATE|EXCHANGE|INSERT)$/

export function isReading(statement: Statement): boolean {
  const [first] = statement.tokens
  return first?.kind === 'open' || READING.test(first?.text ?? '')
}

/** A statement that changes the schema, or INSERT ... SELECT. */
export async function runChange({ host }: WriterOptions, statement: Statement): Promise<void> {
  const words = statement.tokens.map((token) => (token.kind === 'word' ? token.text : ''))
  if (!CHANGING.test(words[0] ?? '')) throw httpError('ACCESS_DENIED', `${words[0]} is not allowed here.`)
  if (words[0] === 'INSERT' && !words.includes('SELECT'))
    throw httpError('BAD_PARAMETER', 'Send the INSERT statement as ?query= and its rows as the body.')
  await host.execute(statement.sql)
}

/** `INSERT INTO t (columns) SETTINGS ... FORMAT f` from the URL, its rows from the body, by way of a file. */
export async function insertBody(options: WriterOptions, sql: string, request: IncomingMessage): Promise<void> {
  const insert = parseInsert((await canonicalStatement(options.reading, sql)).sql)
  const file = await options.spool.receive(readBody(request, options.max_body_bytes))
  try {
    await options.host.insert({ ...insert, file: file.path, bytes: file.bytes, row_count: 0 })
  } finally {
    await file.remove()
  }
}

const INSERT =
  /^INSERT INTO (?:evalforge\.)?(?<table>\w+) \((?<columns>[^()']*)\)(?: SETTINGS (?<settings>.*))? FORMAT (?<format>\w+)$/s
const SETTING = /(?:^|, )(?<name>\w+) = (?:(?<number>\d+|true|false)|'(?<text>(?:[^'\\]|\\.)*)')/gs

export interface ParsedInsert {
  readonly table: string
  readonly columns: readonly string[]
  readonly token: string | null
  readonly format: string
}

/** Takes a canonical INSERT apart; throws an HttpError for one that is not of this form. */
export function parseInsert(canonical: string): ParsedInsert {
  const { table, columns, settings = '', format } = INSERT.exec(canonical)?.groups ?? {}
  if (table === undefined || columns === undefined || format === undefined)
    throw httpError('SYNTAX_ERROR', 'Write INSERT INTO table (columns) [SETTINGS ...] FORMAT format.')
  if (!isInputFormat(format)) throw httpError('UNKNOWN_FORMAT', `Rows cannot be sent as ${format}.`)
  const names = columns.split(', ').map((column) => column.replace(/^`(.*)`$/, '$1'))
  return { table, columns: names, token: readToken(settings), format }
}

function readToken(settings: string): string | null {
  let token: string | null = null
  let end = 0
  for (const match of settings.matchAll(SETTING)) {
    end += match[0].length
    const { name, number, text } = match.groups ?? {}
    if (name === 'insert_deduplication_token' && text !== undefined) token = text.replace(/\\(.)/gs, '$1')
    else if (!isDefault(name, number ?? text))
      throw httpError(
        'UNKNOWN_SETTING',
        'An INSERT may set insert_deduplication_token, async_insert=0, insert_deduplicate=1.',
      )
  }
  if (end !== settings.length) throw httpError('SYNTAX_ERROR', 'The SETTINGS of the INSERT cannot be read.')
  return token
}

/** What every insert does anyway. */
function isDefault(name: string | undefined, value: string | undefined): boolean {
  return (name === 'async_insert' && value === '0') || (name === 'insert_deduplicate' && value === '1')
}
