import type { InsertBatch, Store } from '../../adapters/store/store.ts'
import type { Clock } from '../../core/clock.ts'
import type { Delivery, OpenDelivery, Range, RangeIdentity } from '../../core/component.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { RowContext } from './columns.ts'
import { createPieceWriter, type PieceWriter, type Table } from './piece-writer.ts'
import { SPAN_COLUMNS, TEXT_COLUMNS } from './span-columns.ts'
import { FACT_COLUMNS, factsOf, type SpanFact } from './span-facts.ts'
import { hourOf } from './span-hour.ts'
import { insertToken } from './token.ts'

export const summary = 'Writes judged spans, their texts and usage facts to ClickHouse, exactly once.'

const SECONDS_PER_DAY = 86_400
const dayOfSpan = ({ span }: JudgedSpan) => Math.floor(hourOf(span) / SECONDS_PER_DAY)

const SPANS: Table<JudgedSpan> = { name: 'spans_rows', columns: SPAN_COLUMNS, dayOf: dayOfSpan }
const TEXTS: Table<JudgedSpan> = { name: 'span_texts_rows', columns: TEXT_COLUMNS, dayOf: dayOfSpan }
const FACTS: Table<SpanFact> = { name: 'span_facts_rows', columns: FACT_COLUMNS, dayOf: (fact) => fact.day }

export interface ClickhouseSinkOptions {
  readonly store: Store
  readonly metrics: Pick<Metrics, 'batchRows' | 'insertDuration' | 'insertRetries' | 'emitted'>
  readonly clock: Clock
}

/**
 * The span tables as one delivery. Rows are encoded as they come; `deliver` inserts piece by piece under deterministic
 * tokens, so that a repeat (crash, lost answer, retry) leaves one copy.
 */
export function createClickhouseSink(options: ClickhouseSinkOptions): Delivery<JudgedSpan> {
  const { store, metrics, clock } = options

  /** Inserts what is not among `inserted` yet, so that a range tried again repeats only what failed. */
  async function insertTable<Item>(
    table: Table<Item>,
    { pieces }: PieceWriter<Item>,
    { range, inserted }: { range: Range; inserted: Set<string> },
  ): Promise<void> {
    const columns = table.columns.flatMap(({ names }) => names)
    for (const [index, piece] of pieces.entries()) {
      const token = insertToken(table.name, range, index)
      if (inserted.has(token)) continue
      const rows = piece.writer.chunks()
      await insertPiece({ table: table.name, columns, rows, row_count: piece.rows, token })
      inserted.add(token)
    }
  }

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

  function open({ pipeline_version, config_offset }: RangeIdentity): OpenDelivery<JudgedSpan> {
    const context: RowContext = { pipeline_version, config_version: config_offset < 0n ? 0n : config_offset }
    const spans = createPieceWriter(SPANS, context)
    const texts = createPieceWriter(TEXTS, context)
    const facts = createPieceWriter(FACTS, context)
    const inserted = new Set<string>()
    return {
      add(item) {
        texts.add(item)
        spans.add(item)
        for (const fact of factsOf(item.span)) facts.add(fact)
      },
      async deliver(range) {
        await insertTable(TEXTS, texts, { range, inserted })
        await insertTable(FACTS, facts, { range, inserted })
        await insertTable(SPANS, spans, { range, inserted })
      },
    }
  }

  return { name: 'clickhouse', open }
}
