import { createDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { createChdbStore } from '../../adapters/store/chdb/chdb-store.ts'
import { systemClock } from '../../core/clock.ts'
import { CodedError, isRetryable } from '../../core/errors.ts'
import { boundedLabel } from '../../core/metrics.ts'
import { type PipelineOptions, type RunningPipeline, runPipeline } from '../../core/pipeline.ts'
import { traceRanges } from '../../core/range-tracing.ts'
import { retryLater } from '../../core/retry.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import { INGEST_TOPICS, OTLP_SPANS, TOPICS } from '../../schemas/topics.ts'
import { createClickhouseSink } from '../../sinks/clickhouse/clickhouse.ts'
import { createLedger, SPAN_LEDGER } from '../../sinks/clickhouse/ledger.ts'
import { createSpansHourly } from '../../sinks/clickhouse/spans-hourly.ts'
import { startConfigControl } from '../config-control.ts'
import { versionAt } from '../config-topic.ts'
import { CONSUMER_GROUP } from '../consumer-group.ts'
import { migrateStore } from '../migrations.ts'
import { createOperations } from '../operations/operations.ts'
import { logDirectory, logSettings, spoolDirectory } from '../paths.ts'
import { PIPELINE_VERSION } from '../pipeline-version.ts'
import { createReconciler } from '../reconciler.ts'
import { createSpanChainVersions } from '../span-chain-versions.ts'
import { createTopicDeliveries } from '../topic-deliveries.ts'
import { isTelemetryOn } from '../tracing.ts'
import { observeUsage } from '../usage-metrics.ts'
import type { ProcessContext, ProcessHealth, RunningProcess } from './role.ts'

const LAG_INTERVAL_MS = 1_000
const STORE_WAIT_MS = 60_000
/** Twice the collectors' largest record: a dead letter is a record and the reasons, and must never be too large itself. */
const MAX_RECORD_BYTES = 32 << 20

/** The chain: otlp_spans → normalize → judge-rules → ClickHouse and topics. Alone writes every other topic and the commits. */
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
  const chains = createSpanChainVersions({
    pipeline_version: PIPELINE_VERSION,
    versionAt: (config_offset) => versionAt(broker, config_offset),
    metrics,
    clock,
  })
  const control = await startConfigControl({
    broker,
    config,
    origin,
    restarted,
    follower: chains,
    clock,
    log,
    onInForce: ({ sequence }) => metrics.configSequence.set({ process: 'process' }, sequence),
  })
  const clickhouse = createClickhouseSink({ store, metrics, clock })
  const usage = observeUsage(metrics, boundedLabel(200))
  const topics = createTopicDeliveries(broker, { deliver: config.deliver, metrics })
  const hourly = createSpansHourly({ store, clock })
  const running = new Map<number, RunningPipeline>()
  let drain_ms = config.shutdown_timeout_ms
  const stopped = new Map<number, CodedError>()

  const subscription = await broker.subscribe({
    group: CONSUMER_GROUP,
    topics: [OTLP_SPANS.name],
    assigned(partition) {
      const options: PipelineOptions<JudgedSpan> = {
        versions: chains,
        deliveries: [clickhouse, usage, ...topics],
        witness: hourly.following(createLedger(store, SPAN_LEDGER), SPAN_LEDGER),
        dead_letters: createDeadLetters(broker, metrics.deadLetters),
        limits: {
          max_items: config.pipeline.max_batch_spans,
          max_bytes: 32 << 20,
          flush_interval_ms: config.pipeline.flush_interval_ms,
        },
        clock,
        log,
        onCommitted: (range) =>
          metrics.appendToQueryable.observe(Math.max(0, clock.now() - range.first_append_time) / 1000),
        onStopped: (error) => {
          if (stopping.signal.aborted) return
          // What a fresh process would meet again must not keep the other partitions from going on.
          if (error instanceof CodedError && !isRetryable(error)) stopped.set(partition.partition, error)
          else fatal(error, 'a pipeline stopped')
        },
      }
      const traced = isTelemetryOn(config) ? traceRanges(partition, options) : { source: partition, options }
      const pipeline = runPipeline(traced.source, traced.options)
      running.set(partition.partition, pipeline)
    },
    async revoked(partition) {
      await running.get(partition.partition)?.stop(drain_ms)
      running.delete(partition.partition)
    },
  })

  const reconciler = createReconciler({ broker, store, config, clock, group: CONSUMER_GROUP, metrics })
  every(config.pipeline.ledger_interval_ms, 'reconciling', () => reconciler.run({ full: false }))
  void hourly.run(stopping.signal, (error) => log.warn({ err: error }, 'rolling up hours failed; it is tried again'))
  every(LAG_INTERVAL_MS, 'measuring the lag', measureLag)

  async function measureLag(): Promise<void> {
    for (const { partition, lag } of await broker.lag(CONSUMER_GROUP, OTLP_SPANS.name))
      metrics.consumerLag.set(
        { group: CONSUMER_GROUP, topic: OTLP_SPANS.name, partition: String(partition) },
        Number(lag),
      )
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
    for (const [partition, { code, message }] of stopped)
      return { healthy: false, reason: `${OTLP_SPANS.name}/${partition} stands still: ${code}: ${message}` }
    const trouble = [...running.values()].map((pipeline) => pipeline.trouble()).find((text) => text !== '')
    return trouble ? { healthy: false, reason: trouble } : store.health()
  }

  return {
    info: { pipeline_version: PIPELINE_VERSION },
    async health() {
      return { ...(await health()), config_sequence: control.status().version.sequence }
    },
    async drain(deadline_ms) {
      drain_ms = deadline_ms
      stopping.abort()
      await subscription.close()
      await broker.close()
      await store.close()
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
