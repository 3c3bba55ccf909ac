import type { RowWriter } from './row-writer.ts'

/** What is the same for every row of a range. */
export interface RowContext {
  readonly pipeline_version: string
  readonly config_version: bigint
}

/** One column of a table, or a group of neighbours that is written at once. */
export interface Column<Item> {
  readonly names: readonly string[]
  readonly write: (writer: RowWriter, item: Item, context: RowContext) => void
}
