import type { Store } from '../../adapters/store/store.ts'
import type { RangeIdentity, SourceRecord } from '../../core/component.ts'
import { type SpanIdentity, spanChecksum } from './ledger.ts'
import type { LedgerRow } from './ledger-rows.ts'
import { hourOf } from './span-hour.ts'

/** A span that a record says must be stored. */
export interface StoredSpan extends SpanIdentity {
  readonly start_time: bigint
}

export interface SpanCheckOptions {
  readonly store: Store
  /** Looks for duplicates in the whole table, not only among the spans read again. */
  readonly full: boolean
  /** Records [start, end) of a partition; [] where retention has taken them or they are not there yet. */
  readonly fetch: (partition: number, start: bigint, end: bigint) => Promise<readonly SourceRecord[]>
  /** How to read the records of a range that was written with this identity. */
  readonly reading: (identity: RangeIdentity) => Promise<RangeReading>
  /** Rows whose time lies before this may have been deleted by age, ms since 1970. */
  readonly kept_since: number
}

export interface RangeReading {
  /** Reads a record as the pipeline does and names the spans it must have stored. */
  readonly identify: (record: SourceRecord) => readonly StoredSpan[]
  /** Reads as the range was read when it was written; else another version may rightly give other spans. */
  readonly exact: boolean
}

export interface SpanFindings {
  ranges: number
  spans: number
  missing: number
  duplicated: number
  conflicting: number
  collapsed: number
  checksum_mismatches: number
  examples: SpanIdentity[]
}

export interface SpanCheck {
  /** Reads a range again as it was read when it was committed, and remembers what must be stored. */
  reread(row: LedgerRow): Promise<void>
  finish(): Promise<SpanFindings>
}

const IDS_PER_QUERY = 5_000
const EXAMPLES = 20
const SECONDS_PER_DAY = 86_400
/** Longest stretch of reading before the process does something else. */
const SLICE_RECORDS_BYTES = 512 << 10
/** Rows of the table that are grouped at once. */
const ROWS_PER_COUNT = 1_000_000

type Copies = 'one' | 'duplicated' | 'conflicting'

/**
 * What a replay wrote twice has one version, which is its append time; a sender that gives one id to two spans of
 * different hours sends them in different requests, since one request holds no id twice.
 */
const COPIES =
  "multiIf(count() = 1, 'one', uniqExact(version) = count() AND uniqExact(hour) = count(), 'conflicting', 'duplicated')"

const keyOf = ({ project, trace_id, span_id }: SpanIdentity) => `${project}/${trace_id}/${span_id}`

export function createSpanCheck(options: SpanCheckOptions): SpanCheck {
  const { store, full, kept_since } = options
  const found: SpanFindings = {
    ranges: 0,
    spans: 0,
    missing: 0,
    duplicated: 0,
    conflicting: 0,
    collapsed: 0,
    checksum_mismatches: 0,
    examples: [],
  }
  const expected = new Map<string, StoredSpan>()

  async function reread(row: LedgerRow): Promise<void> {
    const records = await options.fetch(row.partition, BigInt(row.start_offset), BigInt(row.end_offset))
    const last = records.at(-1)
    // Another append time: the row is of a log that was deleted, and this one counts from 0 again.
    if (!last || String(last.timestamp_ms) !== row.last_append_time_ms) return
    const { identify, exact } = await options.reading({
      pipeline_version: row.pipeline_version,
      config_offset: BigInt(row.config_version),
    })
    const spans = await identifyAll(records, identify)
    const checksum = spans.reduce((sum, span) => sum + spanChecksum(span), 0)
    if (String(checksum) !== row.checksum) {
      if (!exact) return
      found.checksum_mismatches++
    }
    found.ranges++
    found.spans += spans.length
    for (const span of spans) {
      if (expected.has(keyOf(span))) found.collapsed++
      else expected.set(keyOf(span), span)
    }
    if (expected.size >= IDS_PER_QUERY) await settle()
  }

  async function identifyAll(
    records: readonly SourceRecord[],
    identify: RangeReading['identify'],
  ): Promise<StoredSpan[]> {
    const spans: StoredSpan[] = []
    let bytes = 0
    for (const record of records) {
      for (const span of spansOf(record, identify)) spans.push(span)
      bytes += record.value?.length ?? 0
      if (bytes < SLICE_RECORDS_BYTES) continue
      bytes = 0
      await new Promise(setImmediate)
    }
    return spans
  }

  /** A record on which the pipeline threw lies in dead_letters as a whole: nothing of it must be stored. */
  function spansOf(record: SourceRecord, identify: RangeReading['identify']): readonly StoredSpan[] {
    try {
      return identify(record)
    } catch {
      return []
    }
  }

  /** Asks the view for the expected ids: counts those it does not have, and those it has twice. */
  async function settle(): Promise<void> {
    const wanted = [...expected.values()].filter((span) => hourOf(span) * 1000 > kept_since)
    expected.clear()
    for (let from = 0; from < wanted.length; from += IDS_PER_QUERY) {
      const asked = wanted.slice(from, from + IDS_PER_QUERY)
      const copies = await copiesOf(asked)
      for (const span of asked) {
        const seen = copies.get(keyOf(span))
        if (seen === 'duplicated') found.duplicated++
        if (seen === 'conflicting') found.conflicting++
        if (seen !== undefined) continue
        found.missing++
        const { project, trace_id, span_id } = span
        if (found.examples.length < EXAMPLES) found.examples.push({ project, trace_id, span_id })
      }
    }
  }

  async function copiesOf(asked: readonly StoredSpan[]): Promise<Map<string, Copies>> {
    const hours = asked.map(hourOf)
    const rows = await store.query<SpanIdentity & { copies: Copies }>(
      `SELECT project, trace_id, span_id, ${COPIES} AS copies FROM spans
       WHERE project IN {projects:Array(String)} AND trace_id IN {traces:Array(String)} AND span_id IN {spans:Array(String)}
         AND hour BETWEEN toDateTime({first:UInt32}, 'UTC') AND toDateTime({last:UInt32}, 'UTC')
       GROUP BY project, trace_id, span_id`,
      {
        params: {
          projects: [...new Set(asked.map(({ project }) => project))],
          traces: [...new Set(asked.map(({ trace_id }) => trace_id))],
          spans: asked.map(({ span_id }) => span_id),
          // The same id under another time would lie near; the engine need not look through the whole table.
          first: Math.max(0, hours.reduce((least, hour) => Math.min(least, hour)) - SECONDS_PER_DAY),
          last: hours.reduce((most, hour) => Math.max(most, hour)) + SECONDS_PER_DAY,
        },
        timeout_ms: 60_000,
      },
    )
    return new Map(rows.map((row) => [keyOf(row), row.copies]))
  }

  async function countTwice(): Promise<Pick<SpanFindings, 'duplicated' | 'conflicting'>> {
    const [size] = await store.query<{ rows: string }>('SELECT toString(count()) AS rows FROM spans_rows')
    const parts = Math.max(1, Math.ceil(Number(size?.rows ?? 0) / ROWS_PER_COUNT))
    const twice = { duplicated: 0, conflicting: 0 }
    for (let part = 0; part < parts; part++) {
      const [row] = await store.query<{ duplicated: string; conflicting: string }>(
        `SELECT toString(countIf(copies = 'duplicated')) AS duplicated,
           toString(countIf(copies = 'conflicting')) AS conflicting FROM
           (SELECT ${COPIES} AS copies FROM spans WHERE cityHash64(trace_id) % {parts:UInt32} = {part:UInt32}
            GROUP BY project, trace_id, span_id HAVING count() > 1)`,
        { params: { parts, part }, timeout_ms: 60_000 },
      )
      twice.duplicated += Number(row?.duplicated ?? 0)
      twice.conflicting += Number(row?.conflicting ?? 0)
    }
    return twice
  }

  return {
    reread,
    async finish() {
      await settle()
      if (full) Object.assign(found, await countTwice())
      return found
    },
  }
}
