import type { Column, RowContext } from './columns.ts'
import { createRowWriter, type RowWriter } from './row-writer.ts'

/** ClickHouse takes at most 100 partitions in an insert block by default (max_partitions_per_insert_block). */
export const MAX_DAYS_PER_PIECE = 50

/** One insert: rows of one table that touch at most MAX_DAYS_PER_PIECE days. */
export interface Piece {
  readonly writer: RowWriter
  readonly days: Set<number>
  rows: number
}

export interface Table<Item> {
  readonly name: string
  readonly columns: readonly Column<Item>[]
  /** Partition of a row, days since 1970. */
  readonly dayOf: (item: Item) => number
}

export interface PieceWriter<Item> {
  /** Adds a row; a throw leaves nothing of it behind. */
  add(item: Item): void
  readonly pieces: readonly Piece[]
}

/** Cuts the rows of a range into pieces in row order, so that a replay cuts the same ones. */
export function createPieceWriter<Item>(table: Table<Item>, context: RowContext): PieceWriter<Item> {
  const pieces: Piece[] = []
  let current: Piece | undefined

  function pieceFor(day: number): Piece {
    if (current && (current.days.has(day) || current.days.size < MAX_DAYS_PER_PIECE)) return current
    current = { writer: createRowWriter(), days: new Set(), rows: 0 }
    pieces.push(current)
    return current
  }

  return {
    pieces,
    add(item) {
      const day = table.dayOf(item)
      const piece = pieceFor(day)
      const mark = piece.writer.mark()
      try {
        for (const column of table.columns) column.write(piece.writer, item, context)
      } catch (error) {
        piece.writer.undo(mark)
        throw error
      }
      piece.days.add(day)
      piece.rows++
    },
  }
}
