import { createDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { createChdbStore } from '../../adapters/store/chdb/chdb-store.ts'
import { systemClock } from '../../core/clock.ts'
import type { CodedError } from '../../core/errors.ts'
import { boundedLabel } from '../../core/metrics.ts'
import { createPriceList } from '../../core/prices.ts'
import { retryLater } from '../../core/retry.ts'
import { INGEST_TOPICS, JUDGE_REQUESTS, OTLP_LOGS, OTLP_SPANS, TOPICS } from '../../schemas/topics.ts'
import { createClickhouseSink, createUnitSink } from '../../sinks/clickhouse/clickhouse.ts'
import { createContentFactSink } from '../../sinks/clickhouse/content-facts.ts'
import { createLedger, FACT_LEDGER, SPAN_LEDGER, UNIT_LEDGER } from '../../sinks/clickhouse/ledger.ts'
import { createSpansHourly } from '../../sinks/clickhouse/spans-hourly.ts'
import { startAssembler } from '../assembler.ts'
import { createChainVersions } from '../chain-versions.ts'
import { startConfigControl } from '../config-control.ts'
import { readVersions, versionAt } from '../config-topic.ts'
import { CONSUMER_GROUP, STORE_TOPICS } from '../consumer-group.ts'
import { createBundleFiles, disabledNote, pinning, runCustomJudges } from '../custom-judges.ts'
import { migrateStore } from '../migrations.ts'
import { createOperations } from '../operations/operations.ts'
import { judgesDirectory, logDirectory, logSettings, spoolDirectory } from '../paths.ts'
import { PIPELINE_VERSION } from '../pipeline-version.ts'
import { readPrices } from '../prices.ts'
import { createReconciler } from '../reconciler.ts'
import { createTopicDeliveries, createUnitDeliveries } from '../topic-deliveries.ts'
import { isTelemetryOn } from '../tracing.ts'
import { observeUsage } from '../usage-metrics.ts'
import { createPipelines, type StageContext, stageOf } from './pipelines.ts'
import type { ProcessContext, ProcessHealth, RunningProcess } from './role.ts'

const LAG_INTERVAL_MS = 1_000
const STORE_WAIT_MS = 60_000
/** Twice the collectors' largest record: a dead letter is a record and the reasons, and must never be too large itself. */
const MAX_RECORD_BYTES = 32 << 20

/**
 * The chains: otlp_spans → normalize → judge-rules → ClickHouse and topics; otlp_logs → normalize → ClickHouse; assemble →
 * judge_requests → judge-rules → ClickHouse and topics. Alone writes every other topic and the commits.
 */
export async function startProcess(context: ProcessContext): Promise<RunningProcess> {
  const { config, origin, restarted, log, metrics, mux, fatal } = context
  const clock = systemClock
  const stopping = new AbortController()
  const broker = await createEmbeddedBroker({
    directory: logDirectory(config),
    writes: [...TOPICS.filter((topic) => !INGEST_TOPICS.includes(topic)).map(({ name }) => name), 'commits'],
    clock,
    ...logSettings(config, 'process'),
    max_record_bytes: MAX_RECORD_BYTES,
    on_fatal: (error) => fatal(error, 'the log failed'),
  })
  await broker.ensureTopics(TOPICS)
  const store = createChdbStore({ connect: () => mux.open('store'), spool_directory: spoolDirectory(config), clock })
  await retryLater(() => migrateStore(store, config), {
    clock,
    signal: AbortSignal.timeout(STORE_WAIT_MS),
    onRetry: (error) => log.warn({ code: error.code, reason: error.message }, 'waiting for the store'),
  })
  const bundles = createBundleFiles(judgesDirectory(config))
  const custom = runCustomJudges({ bundles, metrics, log, clock })
  const chains = createChainVersions({
    pipeline_version: PIPELINE_VERSION,
    versionAt: (config_offset) => versionAt(broker, config_offset),
    metrics,
    clock,
    custom,
  })
  const control = await startConfigControl({
    broker,
    config,
    origin,
    restarted,
    follower: chains,
    pin: pinning(bundles, { log, clock, directory: process.cwd() }),
    clock,
    log,
    onInForce: ({ sequence }) => metrics.configSequence.set({ process: 'process' }, sequence),
  })
  const named = JSON.stringify((await readVersions(broker)).versions.map((version) => version.config))
  bundles.keepOnly((sha256) => named.includes(sha256))
  const hourly = createSpansHourly({ store, clock })
  const stopped = new Map<string, CodedError>()
  let drain_ms = config.shutdown_timeout_ms
  const shared: StageContext = {
    config,
    clock,
    log,
    fatal,
    metrics,
    dead_letters: createDeadLetters(broker, metrics.deadLetters),
    is_traced: isTelemetryOn(config),
    isStopping: () => stopping.signal.aborted,
    onStopped: ({ topic, partition }, error) => stopped.set(`${topic}/${partition}`, error),
  }
  const { max_batch_spans } = config.pipeline
  const pipelines = createPipelines({
    [OTLP_SPANS.name]: stageOf(
      {
        versions: chains.spans,
        deliveries: [
          createClickhouseSink({ store, metrics, clock }),
          observeUsage(metrics, boundedLabel(200)),
          ...createTopicDeliveries(broker, { deliver: config.deliver, metrics }),
        ],
        witness: hourly.following(createLedger(store, SPAN_LEDGER), SPAN_LEDGER),
        max_items: max_batch_spans,
        onCommitted: (range) =>
          metrics.appendToQueryable.observe(Math.max(0, clock.now() - range.first_append_time) / 1000),
      },
      shared,
    ),
    [OTLP_LOGS.name]: stageOf(
      {
        versions: chains.logs,
        deliveries: [createContentFactSink({ store, metrics, clock })],
        witness: createLedger(store, FACT_LEDGER),
        max_items: max_batch_spans,
      },
      shared,
    ),
    [JUDGE_REQUESTS.name]: stageOf(
      {
        versions: chains.requests,
        deliveries: [
          createUnitSink({ store, metrics, clock }),
          ...createUnitDeliveries(broker, { deliver: config.deliver, metrics }),
        ],
        witness: hourly.following(createLedger(store, UNIT_LEDGER), UNIT_LEDGER),
        max_items: max_batch_spans,
      },
      shared,
    ),
  })

  const subscription = await broker.subscribe({
    group: CONSUMER_GROUP,
    topics: [...STORE_TOPICS],
    assigned: (partition) => pipelines.assigned(partition),
    revoked: (partition) => pipelines.revoked(partition, drain_ms),
  })
  const assembler = await startAssembler({
    broker,
    store,
    prices: createPriceList(readPrices()),
    config,
    traces: () => chains.traces(),
    clock,
    log,
    metrics,
  })

  const reconciler = createReconciler({ broker, store, config, clock, group: CONSUMER_GROUP, metrics })
  every(config.pipeline.ledger_interval_ms, 'reconciling', () => reconciler.run({ full: false }))
  void hourly.run(stopping.signal, (error) => log.warn({ err: error }, 'rolling up hours failed; it is tried again'))
  every(LAG_INTERVAL_MS, 'measuring the lag', measureLag)

  async function measureLag(): Promise<void> {
    for (const topic of STORE_TOPICS)
      for (const { partition, lag } of await broker.lag(CONSUMER_GROUP, topic))
        metrics.consumerLag.set({ group: CONSUMER_GROUP, topic, partition: String(partition) }, Number(lag))
  }

  function every(interval_ms: number, what: string, work: () => Promise<unknown>): void {
    void (async () => {
      while (!stopping.signal.aborted) {
        await clock.sleep(interval_ms, stopping.signal).catch(() => {})
        if (stopping.signal.aborted) return
        await work().catch((error) => log.warn({ err: error }, `${what} failed; it is tried again`))
      }
    })()
  }

  async function health(): Promise<ProcessHealth> {
    const log_health = await broker.health()
    if (!log_health.healthy) return log_health
    for (const [place, { code, message }] of stopped)
      return { healthy: false, reason: `${place} stands still: ${code}: ${message}` }
    const trouble = pipelines.trouble() || assembler.trouble()
    if (trouble) return { healthy: false, reason: trouble }
    const store_health = await store.health()
    return store_health.healthy ? { healthy: true, reason: disabledNote(custom) } : store_health
  }

  return {
    info: { pipeline_version: PIPELINE_VERSION },
    async health() {
      return { ...(await health()), config_sequence: control.status().version.sequence }
    },
    async drain(deadline_ms) {
      drain_ms = deadline_ms
      stopping.abort()
      await assembler.stop()
      await subscription.close()
      await broker.close()
      await store.close()
      await custom.close()
    },
    calls: createOperations({
      broker,
      store: async () => store,
      reconciler: async () => reconciler,
      config,
      clock,
      config_control: control,
    }),
  }
}
