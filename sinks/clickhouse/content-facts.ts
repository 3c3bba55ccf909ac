import type { Delivery } from '../../core/component.ts'
import type { ContentFact } from '../../schemas/content-fact.ts'
import type { Column } from './columns.ts'
import { createInsertPieces, type InsertOptions } from './insert-pieces.ts'
import { createPieceWriter, type Table } from './piece-writer.ts'

export const summary = 'Writes what log records say about spans to ClickHouse, exactly once.'

const NS_PER_DAY = 86_400_000_000_000n
const dayOf = ({ time }: ContentFact) => Number(time / NS_PER_DAY)

const COLUMNS: readonly Column<ContentFact>[] = [
  { names: ['project'], write: (writer, fact) => writer.string(fact.project) },
  { names: ['day'], write: (writer, fact) => writer.u16(dayOf(fact)) },
  { names: ['trace_id'], write: (writer, fact) => writer.string(fact.trace_id) },
  { names: ['span_id'], write: (writer, fact) => writer.string(fact.span_id) },
  { names: ['fact_id'], write: (writer, fact) => writer.string(fact.fact_id) },
  { names: ['version'], write: (writer, fact) => writer.u64Number(fact.received_at) },
  { names: ['received_at'], write: (writer, fact) => writer.u64Number(fact.received_at) },
  { names: ['time'], write: (writer, fact) => writer.i64(fact.time) },
  { names: ['ordinal'], write: (writer, fact) => writer.u32(fact.ordinal) },
  { names: ['event_name'], write: (writer, fact) => writer.string(fact.event_name) },
  // JSON.stringify escapes lone surrogates, which ClickHouse refuses.
  { names: ['content'], write: (writer, fact) => writer.string(JSON.stringify(fact.content)) },
]

const FACTS: Table<ContentFact> = { name: 'content_facts_rows', columns: COLUMNS, dayOf }

/** Table content_facts as one delivery. */
export function createContentFactSink(options: InsertOptions): Delivery<ContentFact> {
  return {
    name: 'clickhouse',
    open({ pipeline_version, config_offset }) {
      const facts = createPieceWriter(FACTS, {
        pipeline_version,
        config_version: config_offset < 0n ? 0n : config_offset,
      })
      const insert = createInsertPieces(options)
      return { add: (fact) => facts.add(fact), deliver: (range) => insert(FACTS, facts, range) }
    },
  }
}
