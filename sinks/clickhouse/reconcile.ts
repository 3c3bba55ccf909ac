import type { SpanIdentity } from './ledger.ts'
import { type LedgerRow, readLedger } from './ledger-rows.ts'
import { createSpanCheck, type SpanCheckOptions } from './span-check.ts'

/** A partition of the log and where the group's commit stands (null: nowhere yet). */
export interface Place {
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
  readonly committed: bigint | null
}

/** `full`: the whole ledger, every range, and the whole table for duplicates. */
export interface ReconcileOptions extends SpanCheckOptions {
  readonly topic: string
  /** Where a run that is not full begins on a partition; `covered`: a range is known to begin or end just there. */
  readonly since: (place: Place) => { readonly offset: bigint; readonly covered: boolean }
  /** Share of these ranges to re-read, [0, 1]; gaps are looked for in all. */
  readonly share: number
  /** A number in [0, 1) for a range: the same range is always in or out of a share. */
  readonly draw: (range: { partition: number; start: bigint }) => number
  /** Asked before the ledger is read: a ledger row stands before its commit does. */
  readonly places: () => Promise<readonly Place[]>
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
  /** Spans in the ranges looked at, repeats included. */
  readonly spans_committed: number
  readonly spans_checked: number
  /** Records between committed ranges plus spans of re-read ranges that the view does not show. */
  readonly lost: number
  /** Ids the view shows more than once; where not full, of the re-read ranges. */
  readonly duplicated: number
  /** Ids that senders gave to spans of different hours: they are two spans here; not an error of ours. */
  readonly conflicting: number
  /** Repeats that were recognised as such; not an error. */
  readonly collapsed: number
  readonly dead_letters: number
  /** Partitions with a record that waits for its commit longer than it should. */
  readonly late: number
  /** Re-read ranges whose checksum differs from the one written when they were committed by the same version. */
  readonly checksum_mismatches: number
  /** Up to 20 ids that are missing, for a person to look at. */
  readonly missing_examples: readonly SpanIdentity[]
  /** Behind the last range looked at, per partition: where the next run may go on. */
  readonly reached: readonly { readonly partition: number; readonly offset: string }[]
}

/** Compares log, ledger and view (guarantees.md, "How", 6). Reads only, a bounded piece at a time. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const totals = { ranges: 0, spans: 0, dead_letters: 0, gaps: 0n }
  const reached: { partition: number; offset: string }[] = []
  const check = createSpanCheck(options)
  for (const place of await options.places()) {
    const { gaps, next } = await walkLedger(place, options, async (row) => {
      totals.ranges++
      totals.spans += Number(row.spans)
      totals.dead_letters += Number(row.dead_letters)
      if (options.full || isDrawn(row, options)) await check.reread(row)
    })
    totals.gaps += gaps
    if (next !== null) reached.push({ partition: place.partition, offset: String(next) })
  }
  const found = await check.finish()
  const late = (await options.pending()).filter(
    ({ oldest_append_time }) => oldest_append_time !== null && options.now - oldest_append_time > options.late_after_ms,
  )
  return {
    ranges: totals.ranges,
    ranges_read: found.ranges,
    spans_committed: totals.spans,
    spans_checked: found.spans,
    lost: Number(totals.gaps) + found.missing,
    duplicated: found.duplicated,
    conflicting: found.conflicting,
    collapsed: found.collapsed,
    dead_letters: totals.dead_letters,
    late: late.length,
    checksum_mismatches: found.checksum_mismatches,
    missing_examples: found.examples,
    reached,
  }
}

type GapOptions = Pick<ReconcileOptions, 'store' | 'topic' | 'full' | 'since' | 'places' | 'fetch' | 'kept_since'>

/** Records between committed ranges of a topic whose rows are not looked for one by one; and how far it looked. */
export async function findGaps(options: GapOptions): Promise<{ lost: number; reached: Reconciliation['reached'] }> {
  let lost = 0n
  const reached: { partition: number; offset: string }[] = []
  for (const place of await options.places()) {
    const { gaps, next } = await walkLedger(place, options, async () => {})
    lost += gaps
    if (next !== null) reached.push({ partition: place.partition, offset: String(next) })
  }
  return { lost: Number(lost), reached }
}

/** The ledger of a partition from its first range to the commit, and the records that no range covers. */
async function walkLedger(
  place: Place,
  options: GapOptions,
  onRow: (row: LedgerRow) => Promise<void>,
): Promise<{ gaps: bigint; next: bigint | null }> {
  const first = await firstOffset(place, options)
  let next = first.covered
  let gaps = 0n
  // After a loss of power the log may say less than was committed, until its writer has started.
  const end = place.committed !== null && place.committed > place.end ? place.committed : place.end
  for await (const row of readLedger(options, { partition: place.partition, from: first.from, end })) {
    const start = BigInt(row.start_offset)
    if (next !== null && start > next) gaps += start - next
    if (next === null || BigInt(row.end_offset) > next) next = BigInt(row.end_offset)
    await onRow(row)
  }
  if (next !== null && place.committed !== null && place.committed > next) {
    gaps += place.committed - next
    next = place.committed
  }
  return { gaps, next }
}

function isDrawn(row: LedgerRow, { draw, share }: ReconcileOptions): boolean {
  return draw({ partition: row.partition, start: BigInt(row.start_offset) }) < share
}

/**
 * Where to begin on a partition, and from where on every offset must be covered: from a range on, or, where the ledger
 * has none that early, from a record that is young enough to stand in it. Null: from whatever range comes first.
 */
async function firstOffset(place: Place, options: GapOptions): Promise<{ from: bigint; covered: bigint | null }> {
  const { store, topic, full, fetch, kept_since } = options
  const { offset: begin, covered } = full ? { offset: place.start, covered: false } : options.since(place)
  if (covered) return { from: begin, covered: begin }
  const [row] = await store.query<{ ranges: string; start: string }>(
    `SELECT toString(count()) AS ranges, toString(${full ? 'min' : 'max'}(start_offset)) AS start FROM ledger_rows
     WHERE topic = {topic:String} AND partition = {partition:UInt32} AND start_offset <= {begin:UInt64}`,
    { params: { topic, partition: place.partition, begin } },
  )
  if (row && row.ranges !== '0') return { from: BigInt(row.start), covered: BigInt(row.start) }
  const [record] = await fetch(place.partition, begin, begin + 1n)
  return { from: begin, covered: record && record.timestamp_ms > kept_since ? begin : null }
}
