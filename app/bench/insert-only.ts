import { mkdirSync } from 'node:fs'
import { Registry } from 'prom-client'
import { createChdbStore } from '../../adapters/store/chdb/chdb-store.ts'
import type { InsertBatch, Store } from '../../adapters/store/store.ts'
import type { Mux } from '../../core/channel.ts'
import { systemClock } from '../../core/clock.ts'
import type { Range } from '../../core/component.ts'
import { createMetrics } from '../../core/metrics.ts'
import { HEADER_PROJECT, OTLP_SPANS } from '../../schemas/topics.ts'
import { createClickhouseSink } from '../../sinks/clickhouse/clickhouse.ts'
import { parseConfig } from '../config.ts'
import { originOf } from '../config-control.ts'
import { createLogger } from '../logger.ts'
import { migrateStore } from '../migrations.ts'
import { spoolDirectory } from '../paths.ts'
import { createSpanChain } from '../span-chain.ts'
import { createSupervisedProcess } from '../supervisor/supervised-process.ts'
import { cpuMicroseconds } from './process-usage.ts'
import { createRequestSource, type RequestOptions } from './requests.ts'

export interface InsertOnlyOptions extends RequestOptions {
  readonly directory: string
  /** Span rows of one insert, as the pipeline's inserts had. */
  readonly rows_per_insert: number
  readonly rows_per_second: number
  readonly seconds: number
}

export interface InsertOnlyReport {
  /** CPU of the store process for one span: its row, its texts and its facts, merges included. */
  readonly cpu_us_per_row: number
  readonly rows: number
  readonly rows_per_insert: number
}

const WARM_UP_INSERTS = 5
const IDENTITY = { pipeline_version: 'insert-only', config_offset: 0n }

/**
 * What ClickHouse alone takes for the same rows: encoded beforehand by the sink's own encoder, in batches of the size and
 * at the pace of the pipeline's, inserted into a store process that does nothing else.
 */
export async function measureInsertOnly(options: InsertOnlyOptions): Promise<InsertOnlyReport> {
  const inserts = Math.max(10, Math.round((options.seconds * options.rows_per_second) / options.rows_per_insert))
  const batches = await encodeBatches(options, inserts + WARM_UP_INSERTS)
  mkdirSync(options.directory, { recursive: true })
  const config = parseConfig({ data_dir: options.directory, log_level: 'warn', store: { http: { port: 0 } } })
  let mux: Mux | undefined
  const supervised = createSupervisedProcess({
    role: 'store',
    config,
    origin: originOf(config),
    log: createLogger('bench', 'warn'),
    clock: systemClock,
    onLaunched: (launched) => {
      mux = launched
    },
    onExited: () => {},
  })
  await supervised.start()
  const store = createChdbStore({
    connect: () => mux?.open('store') ?? null,
    spool_directory: spoolDirectory(config),
  })
  try {
    await migrateStore(store, config)
    const pid = supervised.state().pid!
    const interval_ms = (1000 * options.rows_per_insert) / options.rows_per_second
    for (const batch of batches.slice(0, WARM_UP_INSERTS)) await insertAll(store, batch)
    const before = cpuMicroseconds(pid)!
    await insertPaced(store, batches.slice(WARM_UP_INSERTS), interval_ms)
    const cpu_us = cpuMicroseconds(pid)! - before
    const rows = inserts * options.rows_per_insert
    return { cpu_us_per_row: cpu_us / rows, rows, rows_per_insert: options.rows_per_insert }
  } finally {
    await store.close()
    await supervised.stop(config.shutdown_timeout_ms)
  }
}

/** The inserts of one range, in the order the sink makes them: texts, facts, spans. */
type RangeInserts = readonly InsertBatch[]

async function insertAll(store: Store, inserts: RangeInserts): Promise<void> {
  for (const batch of inserts) await store.insert(batch)
}

async function insertPaced(store: Store, ranges: readonly RangeInserts[], interval_ms: number): Promise<void> {
  const began = systemClock.monotonic()
  for (const [index, inserts] of ranges.entries()) {
    await insertAll(store, inserts)
    const wait = began + (index + 1) * interval_ms - systemClock.monotonic()
    if (wait > 0) await systemClock.sleep(wait)
  }
}

async function encodeBatches(options: InsertOnlyOptions, count: number): Promise<RangeInserts[]> {
  const { rows_per_insert } = options
  const source = createRequestSource(options)
  const config = parseConfig({})
  const metrics = createMetrics(new Registry())
  const chain = createSpanChain({ config, metrics, clock: systemClock })
  const kept: InsertBatch[] = []
  const keeping: Pick<Store, 'insert'> = {
    async insert(batch) {
      kept.push(batch)
    },
  }
  const sink = createClickhouseSink({ store: keeping as Store, metrics, clock: systemClock })
  const ranges: RangeInserts[] = []
  let request = 0
  while (ranges.length < count) {
    const open = sink.open(IDENTITY)
    let rows = 0
    const start = BigInt(request)
    const now = systemClock.now()
    while (rows < rows_per_insert) {
      const record = {
        topic: OTLP_SPANS.name,
        partition: 0,
        offset: BigInt(request),
        timestamp_ms: now,
        key: null,
        value: source.bodyOf(request++, now),
        headers: { [HEADER_PROJECT]: 'bench' },
      }
      for (const item of chain.process(record).items) {
        if (rows >= rows_per_insert) break
        open.add(item, record)
        rows++
      }
    }
    const range: Range = {
      ...IDENTITY,
      topic: OTLP_SPANS.name,
      partition: 0,
      start,
      end: BigInt(request),
      first_append_time: now,
      last_append_time: now,
      records: request - Number(start),
      items: rows,
      rejects: 0,
    }
    await open.deliver(range)
    ranges.push(kept.splice(0))
  }
  return ranges
}
