import type { Store } from '../../adapters/store/store.ts'
import type { SourceRecord } from '../../core/component.ts'
import { type SpanIdentity, spanChecksum } from './ledger.ts'

export interface ReconcileOptions {
  readonly store: Store
  readonly topic: string
  /** Share of the committed ranges to re-read, [0, 1]; gaps are always looked for in all. */
  readonly share: number
  /** A number in [0, 1) for a range: the same range is always in or out of a share. */
  readonly draw: (range: { partition: number; start: bigint }) => number
  /** Records [start, end) of a partition; [] where retention has taken them. */
  readonly fetch: (partition: number, start: bigint, end: bigint) => Promise<readonly SourceRecord[]>
  /** Reads a record as the pipeline does and names the spans it must have stored. */
  readonly identify: (record: SourceRecord) => readonly SpanIdentity[]
  /** Where the group's commit stands. */
  readonly committed: (partition: number) => Promise<bigint | null>
  /** End of the log and the append time of the first record not yet committed, per partition. */
  readonly pending: () => Promise<readonly { partition: number; records: bigint; oldest_append_time: number | null }[]>
  readonly now: number
  /** A record waiting longer than this for its commit is late. */
  readonly late_after_ms: number
}

/** What the ledger says about the promise of guarantees.md. `lost` and `duplicated` must read 0. */
export interface Reconciliation {
  readonly ranges: number
  readonly ranges_read: number
  /** Spans in all committed ranges, repeats included. */
  readonly spans_committed: number
  readonly spans_checked: number
  /** Records between committed ranges plus spans of re-read ranges that the view does not show. */
  readonly lost: number
  /** Ids the view shows more than once. */
  readonly duplicated: number
  /** Repeats that were recognised as such; not an error. */
  readonly collapsed: number
  readonly dead_letters: number
  /** Partitions with a record that waits for its commit longer than it should. */
  readonly late: number
  /** Re-read ranges whose checksum differs from the one written when they were committed. */
  readonly checksum_mismatches: number
  /** Up to 20 ids that are missing, for a person to look at. */
  readonly missing_examples: readonly SpanIdentity[]
}

interface LedgerRow {
  readonly partition: number
  readonly start_offset: string
  readonly end_offset: string
  readonly spans: string
  readonly dead_letters: string
  readonly checksum: string
}

const IDS_PER_QUERY = 5_000
const EXAMPLES = 20

/** Compares log, ledger and view (guarantees.md, "How", 6). Reads only. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const { store, topic } = options
  const rows = await store.query<LedgerRow>(
    `SELECT partition, start_offset, end_offset, spans, dead_letters, checksum FROM ledger
     WHERE topic = {topic:String} ORDER BY partition, start_offset`,
    { params: { topic } },
  )
  const gaps = await countGaps(rows, options)
  const read = await reread(rows, options)
  const late = (await options.pending()).filter(
    ({ oldest_append_time }) => oldest_append_time !== null && options.now - oldest_append_time > options.late_after_ms,
  )
  return {
    ranges: rows.length,
    ranges_read: read.ranges,
    spans_committed: sum(rows, ({ spans }) => spans),
    spans_checked: read.spans,
    lost: gaps + read.missing,
    duplicated: await countDuplicated(store),
    collapsed: read.collapsed,
    dead_letters: sum(rows, ({ dead_letters }) => dead_letters),
    late: late.length,
    checksum_mismatches: read.checksum_mismatches,
    missing_examples: read.examples,
  }
}

function sum(rows: readonly LedgerRow[], value: (row: LedgerRow) => string): number {
  return rows.reduce((total, row) => total + Number(value(row)), 0)
}

/** Offsets that no committed range covers, between the first range of a partition and its commit. */
async function countGaps(rows: readonly LedgerRow[], options: ReconcileOptions): Promise<number> {
  let gaps = 0n
  const reached = new Map<number, bigint>()
  for (const row of rows) {
    const start = BigInt(row.start_offset)
    const before = reached.get(row.partition)
    if (before !== undefined && start > before) gaps += start - before
    const end = BigInt(row.end_offset)
    if (before === undefined || end > before) reached.set(row.partition, end)
  }
  for (const [partition, end] of reached) {
    const committed = await options.committed(partition)
    if (committed !== null && committed > end) gaps += committed - end
  }
  return Number(gaps)
}

interface Reread {
  ranges: number
  spans: number
  missing: number
  collapsed: number
  checksum_mismatches: number
  examples: SpanIdentity[]
}

async function reread(rows: readonly LedgerRow[], options: ReconcileOptions): Promise<Reread> {
  const found: Reread = { ranges: 0, spans: 0, missing: 0, collapsed: 0, checksum_mismatches: 0, examples: [] }
  const expected = new Map<string, SpanIdentity>()
  for (const row of rows) {
    const start = BigInt(row.start_offset)
    if (options.draw({ partition: row.partition, start }) >= options.share) continue
    const records = await options.fetch(row.partition, start, BigInt(row.end_offset))
    if (records.length === 0) continue
    found.ranges++
    let checksum = 0
    for (const record of records)
      for (const identity of options.identify(record)) {
        checksum += spanChecksum(identity)
        found.spans++
        const key = `${identity.project}/${identity.trace_id}/${identity.span_id}`
        if (expected.has(key)) found.collapsed++
        else expected.set(key, identity)
      }
    if (String(checksum) !== row.checksum) found.checksum_mismatches++
    if (expected.size >= IDS_PER_QUERY) await settle(expected, found, options.store)
  }
  await settle(expected, found, options.store)
  return found
}

/** Asks the view for the expected ids and counts those it does not have. */
async function settle(expected: Map<string, SpanIdentity>, found: Reread, store: Store): Promise<void> {
  const identities = [...expected.values()]
  expected.clear()
  for (let from = 0; from < identities.length; from += IDS_PER_QUERY) {
    const asked = identities.slice(from, from + IDS_PER_QUERY)
    const present = await store.query<SpanIdentity>(
      `SELECT project, trace_id, span_id FROM spans
       WHERE project IN {projects:Array(String)} AND trace_id IN {traces:Array(String)}
       GROUP BY project, trace_id, span_id`,
      {
        params: {
          projects: [...new Set(asked.map(({ project }) => project))],
          traces: [...new Set(asked.map(({ trace_id }) => trace_id))],
        },
        timeout_ms: 60_000,
      },
    )
    const stored = new Set(present.map(({ project, trace_id, span_id }) => `${project}/${trace_id}/${span_id}`))
    for (const identity of asked) {
      if (stored.has(`${identity.project}/${identity.trace_id}/${identity.span_id}`)) continue
      found.missing++
      if (found.examples.length < EXAMPLES) found.examples.push(identity)
    }
  }
}

async function countDuplicated(store: Store): Promise<number> {
  const [row] = await store.query<{ duplicated: string }>(
    `SELECT toString(count()) AS duplicated FROM
       (SELECT 1 FROM spans GROUP BY project, trace_id, span_id HAVING count() > 1)`,
    { timeout_ms: 60_000 },
  )
  return Number(row?.duplicated ?? 0)
}
