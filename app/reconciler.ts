import { createHash } from 'node:crypto'
import type { Broker } from '../adapters/broker/broker.ts'
import type { Store } from '../adapters/store/store.ts'
import type { Clock } from '../core/clock.ts'
import type { SourceRecord } from '../core/component.ts'
import type { Metrics } from '../core/metrics.ts'
import { OTLP_SPANS } from '../schemas/topics.ts'
import { type Reconciliation, reconcile } from '../sinks/clickhouse/reconcile.ts'
import type { Config } from './config.ts'
import { createSpanReader } from './span-chain.ts'

const FETCH_BYTES = 8 << 20
const LATE_AFTER_MS = 30_000
const TOPIC = OTLP_SPANS.name

export interface ReconcilerOptions {
  readonly broker: Broker
  readonly store: Store
  readonly config: Config
  readonly clock: Clock
  readonly group: string
  readonly metrics?: Pick<Metrics, 'ledger' | 'ledgerChecked'>
}

export interface Reconciler {
  /** Checks all ranges, or the configured share of them; publishes what it found as metrics. One run at a time. */
  run(options: { full: boolean }): Promise<Reconciliation>
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { broker, store, config, clock, group, metrics } = options
  const readSpans = createSpanReader(config)
  let last: Promise<unknown> = Promise.resolve()

  async function fetchRange(partition: number, start: bigint, end: bigint): Promise<SourceRecord[]> {
    const [offsets] = (await broker.offsets(TOPIC)).filter((place) => place.partition === partition)
    if (!offsets || offsets.start > start) return []
    const records: SourceRecord[] = []
    for (let next = start; next < end; ) {
      const page = await broker.fetch(TOPIC, partition, next, { end, max_bytes: FETCH_BYTES })
      if (page.length === 0) break
      records.push(...page)
      next = page.at(-1)!.offset + 1n
    }
    return records
  }

  async function pending() {
    const places = await broker.lag(group, TOPIC)
    return Promise.all(
      places.map(async ({ partition, start, committed, lag }) => {
        if (lag === 0n) return { partition, records: lag, oldest_append_time: null }
        const next = committed !== null && committed > start ? committed : start
        const [oldest] = await broker.fetch(TOPIC, partition, next, { max_bytes: 1 })
        return { partition, records: lag, oldest_append_time: oldest?.timestamp_ms ?? null }
      }),
    )
  }

  async function runOnce(full: boolean): Promise<Reconciliation> {
    const found = await reconcile({
      store,
      topic: TOPIC,
      share: full ? 1 : config.pipeline.ledger_share,
      draw: ({ partition, start }) => unitInterval(`${TOPIC}:${partition}:${start}`),
      fetch: fetchRange,
      identify: (record) => readSpans(record).spans,
      committed: async (partition) => (await broker.committed(group, TOPIC, partition))?.offset ?? null,
      pending,
      now: clock.now(),
      late_after_ms: LATE_AFTER_MS,
    })
    for (const finding of ['lost', 'duplicated', 'collapsed', 'late', 'checksum_mismatches'] as const)
      metrics?.ledger.set({ finding }, found[finding])
    metrics?.ledgerChecked.set(clock.now() / 1000)
    return found
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
