import type { Store } from '../../adapters/store/store.ts'

/** A committed range as the ledger tells it; 64-bit numbers as text. */
export interface LedgerRow {
  readonly partition: number
  readonly start_offset: string
  readonly end_offset: string
  readonly spans: string
  readonly dead_letters: string
  readonly checksum: string
  /** Milliseconds since 1970. */
  readonly last_append_time_ms: string
  readonly pipeline_version: string
  readonly config_version: string
}

/** A range holds at least one record, so that this bounds the rows of a page too. */
const PAGE_OFFSETS = 10_000n

/** The ranges of a partition that start in [from, end), in order, in pages: a ledger may hold millions of them. */
export async function* readLedger(
  { store, topic }: { store: Store; topic: string },
  { partition, from, end }: { partition: number; from: bigint; end: bigint },
): AsyncGenerator<LedgerRow> {
  for (let page: bigint | null = from; page !== null && page < end; ) {
    const until: bigint = page + PAGE_OFFSETS < end ? page + PAGE_OFFSETS : end
    const rows: readonly LedgerRow[] = await store.query<LedgerRow>(
      `SELECT partition, start_offset, end_offset, spans, dead_letters, checksum,
         toString(toUnixTimestamp64Milli(last_append_time)) AS last_append_time_ms, pipeline_version,
         toString(config_version) AS config_version
       FROM ledger WHERE topic = {topic:String} AND partition = {partition:UInt32}
         AND start_offset >= {page:UInt64} AND start_offset < {until:UInt64} ORDER BY start_offset`,
      { params: { topic, partition, page, until } },
    )
    yield* rows
    page = rows.length > 0 ? until : await nextStart({ store, topic }, { partition, from: until })
  }
}

/** The first range that starts at or behind `from`; null where there is none. */
async function nextStart(
  { store, topic }: { store: Store; topic: string },
  { partition, from }: { partition: number; from: bigint },
): Promise<bigint | null> {
  const [row] = await store.query<{ ranges: string; start: string }>(
    `SELECT toString(count()) AS ranges, toString(min(start_offset)) AS start FROM ledger_rows
     WHERE topic = {topic:String} AND partition = {partition:UInt32} AND start_offset >= {from:UInt64}`,
    { params: { topic, partition, from } },
  )
  return row && row.ranges !== '0' ? BigInt(row.start) : null
}
