import { describe, expect, it } from 'vitest'
import { EngineError } from './chdb/engine.ts'
import { parseInsert } from './chdb/http/writer.ts'
import { insertFailure, queryFailure } from './failures.ts'
import { encodeParameter, insertSettings, insertTarget, quoteName, quoteString } from './sql-text.ts'

describe('literals', () => {
  it.each([
    ["it's", "'it\\'s'"],
    ["\\'; DROP", "'\\\\\\'; DROP'"],
    ['a\0b', "'a\\0b'"],
    ['', "''"],
  ])('quotes %j', (text, literal) => expect(quoteString(text)).toBe(literal))

  it('quotes names', () => expect(quoteName('a`b\\c')).toBe('`a\\`b\\\\c`'))

  it.each([
    ['a\tb\n\\', 'a\\tb\\n\\\\'],
    ["it's", "it's"],
    [1.5, '1.5'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
    [2n ** 64n - 1n, '18446744073709551615'],
    [true, 'true'],
    [["a'b", '\\'], "['a\\'b','\\\\']"],
    [[], '[]'],
    ['\ud83d', '\ufffd'],
  ])('encodes parameter %#', (value, encoded) => expect(encodeParameter(value)).toBe(encoded))
})

describe('inserts', () => {
  it('name table and columns, nested ones too', () => {
    expect(insertTarget('t_rows', ['id', 'n.a'])).toBe('INSERT INTO `t_rows` (`id`, `n.a`)')
  })

  it.each([
    ['t; DROP', ['id']],
    ['t', ['id`']],
    ['t', ['a.b.c']],
    ['', ['id']],
  ])('refuse the names %j %j', (table, columns) => expect(() => insertTarget(table, columns)).toThrow(/identifier/))

  it('are synchronous, with the token as a literal', () => {
    const settings = "SETTINGS async_insert=0, insert_deduplicate=1, insert_deduplication_token='a\\'b:1'"
    expect(insertSettings("a'b:1")).toBe(settings)
    expect(() => insertSettings('a\nb')).toThrow()
    expect(() => insertSettings('x'.repeat(1025))).toThrow()
  })

  it('of the HTTP door are taken apart', () => {
    const sql =
      "INSERT INTO evalforge.t (id, `n.a`) SETTINGS async_insert = 0, insert_deduplication_token = 'a\\'b, c = 1' FORMAT CSV"
    expect(parseInsert(sql)).toEqual({ table: 't', columns: ['id', 'n.a'], token: "a'b, c = 1", format: 'CSV' })
    expect(parseInsert('INSERT INTO t (id) FORMAT RowBinary').token).toBeNull()
  })

  it.each([
    'INSERT INTO system.t (id) FORMAT CSV',
    "INSERT INTO FUNCTION file('x') (id) FORMAT CSV",
    'INSERT INTO t FORMAT CSV',
    'INSERT INTO t (id) SELECT 1',
    'INSERT INTO t (id) FORMAT Template',
    'INSERT INTO t (id) SETTINGS async_insert = 1 FORMAT CSV',
    'INSERT INTO t (id) SETTINGS max_threads = 1 FORMAT CSV',
    "INSERT INTO t (id) SETTINGS insert_deduplication_token = 'a' , x FORMAT CSV",
  ])('of the HTTP door in another form are refused: %s', (sql) => expect(() => parseInsert(sql)).toThrow())
})

describe('failures', () => {
  const batch = { table: 't', row_count: 3 }

  it.each([
    [new EngineError(60, 'Table t does not exist'), 'STORE_FAILED', /code 60: Table t does not exist/],
    [new EngineError(27, "Cannot parse 'a secret'"), 'STORE_FAILED', /^Inserting 3 rows into t: ClickHouse code 27$/],
    [Object.assign(new Error('x'), { code: '252' }), 'STORE_FAILED', /code 252/],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'STORE_UNAVAILABLE', /did not answer/],
    [new EngineError(202, 'Too many'), 'STORE_UNAVAILABLE', /code 202/],
  ])('of an insert: %s', (error, code, message) => {
    const failure = insertFailure(batch, error)
    expect([failure.code, failure.retry, failure.cause]).toEqual([code, 'later', error])
    expect(failure.message).toMatch(message)
  })

  it.each([
    [new EngineError(159, 'x'), 'QUERY_TIMEOUT', 'never'],
    [new EngineError(394, 'x'), 'QUERY_TIMEOUT', 'never'],
    [new EngineError(47, 'x'), 'QUERY_FAILED', 'never'],
    [new EngineError(396, 'x'), 'QUERY_TOO_LARGE', 'never'],
    [new EngineError(241, 'x'), 'QUERY_TOO_LARGE', 'never'],
    [Object.assign(new Error('x'), { code: '202' }), 'STORE_UNAVAILABLE', 'later'],
    [new Error('socket hang up'), 'STORE_UNAVAILABLE', 'later'],
  ])('of a query: %s', (error, code, retry) => {
    expect(queryFailure('Querying', error)).toMatchObject({ code, retry })
  })
})
