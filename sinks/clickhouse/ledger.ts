import { crc32 } from 'node:zlib'
import type { Store } from '../../adapters/store/store.ts'
import type { Delivery, Range } from '../../core/component.ts'
import type { ContentFact } from '../../schemas/content-fact.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import type { JudgedUnit } from '../../schemas/judged-unit.ts'
import type { Column } from './columns.ts'
import { createRowWriter } from './row-writer.ts'
import { hourOf } from './span-hour.ts'
import { insertToken } from './token.ts'

interface LedgerEntry extends Range {
  readonly checksum: number
  readonly hours: readonly ProjectHour[]
}

/** Table ledger_rows. */
const LEDGER_COLUMNS: readonly Column<LedgerEntry>[] = [
  { names: ['topic'], write: (writer, entry) => writer.string(entry.topic) },
  { names: ['partition'], write: (writer, entry) => writer.u32(entry.partition) },
  { names: ['start_offset'], write: (writer, entry) => writer.u64(entry.start) },
  { names: ['end_offset'], write: (writer, entry) => writer.u64(entry.end) },
  { names: ['last_append_time'], write: (writer, entry) => writer.u64Number(entry.last_append_time) },
  { names: ['records'], write: (writer, entry) => writer.u64Number(entry.records) },
  { names: ['spans'], write: (writer, entry) => writer.u64Number(entry.items) },
  { names: ['dead_letters'], write: (writer, entry) => writer.u64Number(entry.rejects) },
  { names: ['checksum'], write: (writer, entry) => writer.u64Number(entry.checksum) },
  { names: ['pipeline_version'], write: (writer, entry) => writer.string(entry.pipeline_version) },
  {
    names: ['config_version'],
    write: (writer, entry) => writer.u64(entry.config_offset < 0n ? 0n : entry.config_offset),
  },
  {
    names: ['hours'],
    write: (writer, entry) =>
      writer.array(entry.hours, ({ project, hour }) => {
        writer.string(project)
        writer.u32(hour)
      }),
  },
]

export interface SpanIdentity {
  readonly project: string
  readonly trace_id: string
  readonly span_id: string
}

/** CRC-32 of `project/trace_id/span_id`; ClickHouse's CRC32() gives the same. A range's checksum is their sum. */
export function spanChecksum({ project, trace_id, span_id }: SpanIdentity): number {
  return crc32(`${project}/${trace_id}/${span_id}`)
}

/** What the ledger is told about an item: the span that it stores, if any, and the hours whose sums it changes. */
export interface LedgerView<Item> {
  readonly spanOf: (item: Item) => SpanIdentity | null
  readonly hoursOf: (item: Item) => Iterable<ProjectHour>
}

export interface ProjectHour {
  readonly project: string
  /** Start of the hour, seconds since 1970. */
  readonly hour: number
}

/** A range of judged spans. */
export const SPAN_LEDGER: LedgerView<JudgedSpan> = {
  spanOf: ({ span }) => span,
  hoursOf: ({ span }) => [{ project: span.project, hour: hourOf(span) }],
}

/** A range of judge requests. */
export const UNIT_LEDGER: LedgerView<JudgedUnit> = {
  spanOf: (item) => (item.unit === 'span' ? item.judged.span : null),
  hoursOf({ unit, judged }) {
    if (unit === 'span') return SPAN_LEDGER.hoursOf(judged)
    const { project } = judged.record
    return judged.enclosing_calls.map((call) => ({ project, hour: hourOf(call) }))
  },
}

/** A range of log records: facts about spans change no sum before they are joined. */
export const FACT_LEDGER: LedgerView<ContentFact> = { spanOf: () => null, hoursOf: () => [] }

/** Witness of a pipeline: one row per committed range, with what is needed to prove it later. */
export function createLedger<Item>(store: Store, view: LedgerView<Item>): Delivery<Item> {
  return {
    name: 'ledger',
    open() {
      const hours = new Map<string, ProjectHour>()
      let checksum = 0
      return {
        add(item) {
          const span = view.spanOf(item)
          if (span !== null) checksum += spanChecksum(span)
          for (const { project, hour } of view.hoursOf(item)) {
            const key = `${project}/${hour}`
            if (!hours.has(key)) hours.set(key, { project, hour })
          }
        },
        async deliver(range) {
          const writer = createRowWriter(4096)
          const entry: LedgerEntry = { ...range, checksum, hours: [...hours.values()] }
          for (const column of LEDGER_COLUMNS)
            column.write(writer, entry, { pipeline_version: range.pipeline_version, config_version: 0n })
          await store.insert({
            table: 'ledger_rows',
            columns: LEDGER_COLUMNS.flatMap(({ names }) => names),
            rows: writer.chunks(),
            row_count: 1,
            token: insertToken('ledger_rows', range, 0),
          })
        },
      }
    },
  }
}
