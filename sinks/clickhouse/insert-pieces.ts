import type { InsertBatch, Store } from '../../adapters/store/store.ts'
import type { Clock } from '../../core/clock.ts'
import type { Range } from '../../core/component.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { PieceWriter, Table } from './piece-writer.ts'
import { insertToken } from './token.ts'

export interface InsertOptions {
  readonly store: Store
  readonly metrics: Pick<Metrics, 'batchRows' | 'insertDuration' | 'insertRetries' | 'emitted'>
  readonly clock: Clock
}

/** Inserts the rows of a table; a range that is tried again repeats only the pieces that failed. */
export type InsertPieces = <Item>(table: Table<Item>, pieces: PieceWriter<Item>, range: Range) => Promise<void>

/**
 * One for each open range. A table has one writer in a range: the token of a piece is made of the range, the table and the
 * number of the piece, and a second piece with the same token would be taken for a repeat.
 */
export function createInsertPieces({ store, metrics, clock }: InsertOptions): InsertPieces {
  const inserted = new Set<string>()

  async function insertPiece(batch: InsertBatch): Promise<void> {
    const started = clock.monotonic()
    try {
      await store.insert(batch)
    } catch (error) {
      metrics.insertRetries.inc({ table: batch.table, code: (error as { code?: string }).code ?? 'INTERNAL' })
      throw error
    }
    metrics.insertDuration.observe({ table: batch.table }, (clock.monotonic() - started) / 1000)
    metrics.batchRows.observe({ table: batch.table }, batch.row_count)
    metrics.emitted.inc({ component: 'clickhouse', to: batch.table }, batch.row_count)
  }

  return async function insertPieces(table, { pieces }, range) {
    const columns = table.columns.flatMap(({ names }) => names)
    for (const [index, piece] of pieces.entries()) {
      const token = insertToken(table.name, range, index)
      if (inserted.has(token)) continue
      const rows = piece.writer.chunks()
      await insertPiece({ table: table.name, columns, rows, row_count: piece.rows, token })
      inserted.add(token)
    }
  }
}
