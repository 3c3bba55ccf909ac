import { describe, expect, it } from 'vitest'
import { string, uint8, uint16 } from '../../../adapters/store/row-binary.fixture.ts'
import type { InsertBatch } from '../../../adapters/store/store.ts'
import { readTableFormats } from './row-binary.ts'
import { createTables } from './tables.ts'

const FACTS = `CREATE TABLE IF NOT EXISTS span_facts_rows
(
    project LowCardinality(String),
    day Date,
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    has_call_inside SimpleAggregateFunction(max, UInt8)
)
ENGINE = AggregatingMergeTree
`
const formats = readTableFormats(FACTS)

function aBatch(token: string, days: readonly number[]): InsertBatch {
  const rows = days.map((day) => Buffer.concat([string('p'), uint16(day), string('t'), string(`s${day}`), uint8(1)]))
  const columns = ['project', 'day', 'trace_id', 'span_id', 'has_call_inside']
  return { table: 'span_facts_rows', columns, rows: [Buffer.concat(rows)], row_count: days.length, token }
}

const token = (start: number, end: number, piece = 0) => `span_facts_rows:otlp_spans:0:${start}:${end}:1:v:0:${piece}`

/** As the contract suite of the store says of the real one. */
describe('the model of the store', () => {
  it('leaves out a partition that had the token, and takes one that had not', () => {
    const tables = createTables({ formats, window: 10 })
    tables.insert(aBatch(token(0, 5), [1, 2]), { now: 0, most: 1 })
    expect(tables.totals.physical_rows).toBe(1)
    tables.insert(aBatch(token(0, 5), [1, 2]), { now: 0 })
    expect(tables.totals).toMatchObject({ physical_rows: 2, repeats: 1 })
    expect([...tables.facts]).toEqual(['p/1/t/s1', 'p/2/t/s2'])
    expect(tables.problems).toEqual([])
  })

  it('forgets tokens beyond its window', () => {
    const tables = createTables({ formats, window: 1 })
    for (const [start, end] of [
      [0, 1],
      [1, 2],
      [0, 1],
    ] as const)
      tables.insert(aBatch(token(start, end), [1]), { now: 0 })
    expect(tables.totals).toMatchObject({ physical_rows: 3, repeats: 0 })
  })

  it('notices a token with other rows, a range that was cut anew, and a wrong number of rows', () => {
    const tables = createTables({ formats, window: 10 })
    tables.insert(aBatch(token(0, 5), [1]), { now: 0 })
    tables.insert(aBatch(token(0, 5), [2]), { now: 0 })
    tables.insert(aBatch(token(0, 5, 1), [3]), { now: 0 })
    tables.insert(aBatch(token(0, 7), [4]), { now: 0 })
    tables.insert({ ...aBatch(token(7, 8), [5]), row_count: 2 }, { now: 0 })
    expect(tables.problems).toEqual([
      `insert token ${token(0, 5)} came with other rows`,
      'span_facts_rows:otlp_spans:0:v:0 was cut at 0-5 and again at 0-7',
      'span_facts_rows: 1 rows came as 2',
    ])
  })

  it('refuses bytes that are no rows', () => {
    const tables = createTables({ formats, window: 10 })
    const batch = aBatch(token(0, 1), [1])
    const torn = { ...batch, rows: [(batch.rows[0] as Buffer).subarray(0, 6)] }
    expect(() => tables.insert(torn, { now: 0 })).toThrow()
  })
})
