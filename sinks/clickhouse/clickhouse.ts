import type { Delivery, Range, RangeIdentity } from '../../core/component.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { JudgedTrace, JudgedUnit } from '../../schemas/judged-unit.ts'
import type { RowContext } from './columns.ts'
import { EVALUATION_COLUMNS, type EvaluationRow, recordRows, reportedRows } from './evaluation-rows.ts'
import { createInsertPieces, type InsertOptions } from './insert-pieces.ts'
import { createPieceWriter, type Table } from './piece-writer.ts'
import { SPAN_COLUMNS, TEXT_COLUMNS } from './span-columns.ts'
import { enclosingFacts, FACT_COLUMNS, factsOf, type SpanFact } from './span-facts.ts'
import { hourOf } from './span-hour.ts'

export const summary =
  'Writes judged spans and traces, their texts, usage facts and evaluations to ClickHouse, exactly once.'

const SECONDS_PER_DAY = 86_400
const dayOf = (item: { readonly start_time: bigint }) => Math.floor(hourOf(item) / SECONDS_PER_DAY)
const dayOfSpan = ({ span }: JudgedSpan) => dayOf(span)

const SPANS: Table<JudgedSpan> = { name: 'spans_rows', columns: SPAN_COLUMNS, dayOf: dayOfSpan }
const TEXTS: Table<JudgedSpan> = { name: 'span_texts_rows', columns: TEXT_COLUMNS, dayOf: dayOfSpan }
const FACTS: Table<SpanFact> = { name: 'span_facts_rows', columns: FACT_COLUMNS, dayOf: (fact) => fact.day }
const EVALUATIONS: Table<EvaluationRow> = { name: 'evaluations_rows', columns: EVALUATION_COLUMNS, dayOf }

interface OpenTables {
  addSpan(item: JudgedSpan): void
  addTrace(item: JudgedTrace): void
  deliver(range: Range): Promise<void>
}

/**
 * The tables of one range. Rows are encoded as they come; `deliver` inserts piece by piece under deterministic tokens, so
 * that a repeat (crash, lost answer, retry) leaves one copy.
 */
function openTables(options: InsertOptions, { pipeline_version, config_offset }: RangeIdentity): OpenTables {
  const context: RowContext = { pipeline_version, config_version: config_offset < 0n ? 0n : config_offset }
  const spans = createPieceWriter(SPANS, context)
  const texts = createPieceWriter(TEXTS, context)
  const facts = createPieceWriter(FACTS, context)
  const evaluations = createPieceWriter(EVALUATIONS, context)
  const insert = createInsertPieces(options)
  return {
    addSpan(item) {
      texts.add(item)
      spans.add(item)
      for (const fact of factsOf(item.span)) facts.add(fact)
      if (item.span.reported_evaluations.length > 0) for (const row of reportedRows(item)) evaluations.add(row)
    },
    addTrace({ record, enclosing_calls }) {
      for (const row of recordRows(record)) evaluations.add(row)
      for (const fact of enclosingFacts(record, enclosing_calls)) facts.add(fact)
    },
    async deliver(range) {
      await insert(TEXTS, texts, range)
      await insert(FACTS, facts, range)
      await insert(EVALUATIONS, evaluations, range)
      await insert(SPANS, spans, range)
    },
  }
}

/** The span tables as one delivery. */
export function createClickhouseSink(options: InsertOptions): Delivery<JudgedSpan> {
  return {
    name: 'clickhouse',
    open(identity) {
      const tables = openTables(options, identity)
      return { add: (item) => tables.addSpan(item), deliver: (range) => tables.deliver(range) }
    },
  }
}

/** The same for what comes of judge requests: spans whose content came later, and whole traces. */
export function createUnitSink(options: InsertOptions): Delivery<JudgedUnit> {
  return {
    name: 'clickhouse',
    open(identity) {
      const tables = openTables(options, identity)
      return {
        add(item) {
          if (item.unit === 'span') tables.addSpan(item.judged)
          else tables.addTrace(item.judged)
        },
        deliver: (range) => tables.deliver(range),
      }
    },
  }
}
