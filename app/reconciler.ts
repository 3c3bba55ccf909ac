import { createHash } from 'node:crypto'
import type { Broker } from '../adapters/broker/broker.ts'
import type { Store } from '../adapters/store/store.ts'
import type { Clock } from '../core/clock.ts'
import type { RangeIdentity, SourceRecord } from '../core/component.ts'
import { CodedError } from '../core/errors.ts'
import type { Metrics } from '../core/metrics.ts'
import { OTLP_SPANS } from '../schemas/topics.ts'
import { findGaps, type Place, type Reconciliation, reconcile } from '../sinks/clickhouse/reconcile.ts'
import type { RangeReading } from '../sinks/clickhouse/span-check.ts'
import type { Config } from './config.ts'
import { versionAt } from './config-topic.ts'
import { STORE_TOPICS } from './consumer-group.ts'
import { lagOf } from './group-lag.ts'
import { PIPELINE_VERSION } from './pipeline-version.ts'
import { createSpanReader } from './span-chain.ts'

const FETCH_BYTES = 8 << 20
const LATE_AFTER_MS = 30_000
const DAY_MS = 86_400_000
/** Rows expire by their hour, and what is nearly too old when it is read may be gone when it is looked for. */
const EXPIRY_MARGIN_MS = 3 * 3_600_000
/** How far behind the commit the first scheduled run of a process begins. */
const FIRST_OFFSETS = 10_000n
const TOPIC = OTLP_SPANS.name
/** Of these every record must stand in a range; what comes of it is looked for on the spans. */
const OTHER_TOPICS = STORE_TOPICS.filter((topic) => topic !== TOPIC)
/** Configurations that were in force in the ranges of a run. */
const MAX_READINGS = 100

export interface ReconcilerOptions {
  readonly broker: Broker
  readonly store: Store
  readonly config: Config
  readonly clock: Clock
  readonly group: string
  readonly metrics?: Pick<Metrics, 'ledger' | 'ledgerChecked'>
}

export interface Reconciler {
  /**
   * Full: checks all ranges. Otherwise looks for gaps in the ranges since the last run, and re-reads the configured share
   * of them; what runs before it found stays in what it answers, until a full one has looked again. Publishes the same as
   * metrics. One run at a time.
   */
  run(options: { full: boolean }): Promise<Reconciliation>
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { broker, store, config, clock, group, metrics } = options
  const readings = new Map<string, RangeReading>()
  const checked = new Map<string, bigint>()
  const totals = { lost: 0, duplicated: 0, conflicting: 0, collapsed: 0, checksum_mismatches: 0 }
  let last: Promise<unknown> = Promise.resolve()

  /** [] for a range that retention took, also while it is being read, or that the log does not hold to its end. */
  async function fetchRange(
    topic: string,
    partition: number,
    [start, end]: readonly [bigint, bigint],
  ): Promise<readonly SourceRecord[]> {
    const records: SourceRecord[] = []
    try {
      for (let next = start; next < end; next = records.at(-1)!.offset + 1n) {
        const page = await broker.fetch(topic, partition, next, { end, max_bytes: FETCH_BYTES })
        if (page.length === 0) return []
        for (const record of page) records.push(record)
      }
    } catch (error) {
      if (error instanceof CodedError && error.code === 'OFFSET_OUT_OF_RANGE') return []
      throw error
    }
    return records
  }

  /** As the range was read: with the configuration it is stamped with, if this is the program that read it. */
  async function reading({ pipeline_version, config_offset }: RangeIdentity): Promise<RangeReading> {
    const key = `${pipeline_version}/${config_offset}`
    const known = readings.get(key)
    if (known) return known
    const version = pipeline_version === PIPELINE_VERSION ? await versionAt(broker, config_offset) : null
    const readSpans = createSpanReader(version?.config ?? config)
    const made: RangeReading = { identify: (record) => readSpans(record).spans, exact: version !== null }
    if (readings.size >= MAX_READINGS) readings.clear()
    readings.set(key, made)
    return made
  }

  /** Where the last scheduled run ended; the first one looks a little behind the commit, in case the last process died there. */
  const sinceOf = (topic: string) => (place: Place) => {
    const { partition, start, committed } = place
    const reached = checked.get(`${topic}/${partition}`)
    if (reached !== undefined && reached >= start) return { offset: reached, covered: true }
    const offset = (committed ?? 0n) - FIRST_OFFSETS
    return { offset: offset > start ? offset : start, covered: false }
  }

  async function pending() {
    const places = await Promise.all(
      STORE_TOPICS.map(async (topic) => (await lagOf(broker, { group, topic })).map((place) => ({ topic, ...place }))),
    )
    return Promise.all(
      places.flat().map(async ({ topic, partition, start, committed, lag }) => {
        if (lag === 0n) return { partition, records: lag, oldest_append_time: null }
        const next = committed !== null && committed > start ? committed : start
        const [oldest] = await broker.fetch(topic, partition, next, { max_bytes: 1 })
        return { partition, records: lag, oldest_append_time: oldest?.timestamp_ms ?? null }
      }),
    )
  }

  async function runOnce(full: boolean): Promise<Reconciliation> {
    const now = clock.now()
    const ofTopic = (topic: string) => ({
      store,
      topic,
      full,
      since: sinceOf(topic),
      fetch: (partition: number, start: bigint, end: bigint) => fetchRange(topic, partition, [start, end]),
      places: () => lagOf(broker, { group, topic }),
      kept_since: now - config.store.retention_days * DAY_MS + EXPIRY_MARGIN_MS,
    })
    const remember = (topic: string, reached: Reconciliation['reached']) => {
      for (const { partition, offset } of reached) checked.set(`${topic}/${partition}`, BigInt(offset))
    }
    const spans = await reconcile({
      ...ofTopic(TOPIC),
      share: config.pipeline.ledger_share,
      draw: ({ partition, start }) => unitInterval(`${TOPIC}:${partition}:${start}`),
      reading,
      pending,
      now,
      late_after_ms: LATE_AFTER_MS,
    })
    remember(TOPIC, spans.reached)
    let { lost } = spans
    for (const topic of OTHER_TOPICS) {
      const gaps = await findGaps(ofTopic(topic))
      lost += gaps.lost
      remember(topic, gaps.reached)
    }
    const found = { ...spans, lost }
    // Each scheduled run looks at new ranges only: what one found counts until a full run has looked again.
    for (const finding of ['lost', 'duplicated', 'conflicting', 'collapsed', 'checksum_mismatches'] as const) {
      totals[finding] = found[finding] + (full ? 0 : totals[finding])
      metrics?.ledger.set({ finding }, totals[finding])
    }
    metrics?.ledger.set({ finding: 'late' }, found.late)
    metrics?.ledgerChecked.set(clock.now() / 1000)
    return { ...found, ...totals }
  }

  return {
    run({ full }) {
      const result = last.then(() => runOnce(full))
      last = result.catch(() => {})
      return result
    },
  }
}

/** A number in [0, 1) from a text, evenly spread. */
function unitInterval(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32
}
