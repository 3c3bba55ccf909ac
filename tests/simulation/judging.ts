import type { Subscription } from '../../adapters/broker/broker.ts'
import { createDeadLetters } from '../../adapters/broker/dead-letters.ts'
import { createEmbeddedBroker } from '../../adapters/broker/embedded/embedded-broker.ts'
import { createTopicDelivery } from '../../adapters/broker/topic-delivery.ts'
import { CONSUMER_GROUP } from '../../app/consumer-group.ts'
import { createReconciler } from '../../app/reconciler.ts'
import type { Delivery, PartitionSource } from '../../core/component.ts'
import { CodedError, isRetryable } from '../../core/errors.ts'
import { type RunningPipeline, runPipeline } from '../../core/pipeline.ts'
import type { JudgedSpan } from '../../schemas/judged-span.ts'
import { DEAD_LETTERS, LLM_SPANS, OTLP_SPANS, PROJECT_CONFIGS } from '../../schemas/topics.ts'
import { createClickhouseSink } from '../../sinks/clickhouse/clickhouse.ts'
import { createLedger, SPAN_LEDGER } from '../../sinks/clickhouse/ledger.ts'
import type { Reconciliation } from '../../sinks/clickhouse/reconcile.ts'
import { createSpansHourly } from '../../sinks/clickhouse/spans-hourly.ts'
import { createVersions, type Release } from './chain-versions.ts'
import { brokerOptions } from './ingest.ts'
import { createVirtualClock, type Process } from './machine.ts'
import type { World } from './world.ts'

/** The process that judges and stores, up and running. */
export interface Judging {
  readonly process: Process
  /** Another member of the consumer group, or one less: partitions change hands. */
  join(): Promise<void>
  leave(): Promise<void>
  configure(config: number): Promise<void>
  lag(): Promise<bigint>
  /** What `evalforge ledger --full` says, also while ranges are on their way. */
  reconcile(): Promise<Reconciliation>
  /** Why a partition stands still; '' when none does. */
  trouble(): string
  drain(): Promise<void>
}

const DRAIN_MS = 10_000
const ONE = { partitions: 1 }

/** As app/processes/process.ts, with several members in the consumer group. */
export async function startJudging(world: World, process: Process, release: Release): Promise<Judging> {
  const { program, truth, schedule, scheduler } = world
  const { shape } = schedule
  const clock = createVirtualClock(scheduler, process, world.wall)
  const stopping = new AbortController()
  const written = [LLM_SPANS, DEAD_LETTERS, PROJECT_CONFIGS]
  const broker = await createEmbeddedBroker({
    ...brokerOptions(world, process),
    writes: [...written.map(({ name }) => name), 'commits'],
  })
  const topics = [{ ...OTLP_SPANS, partitions: shape.partitions }, ...written.map((topic) => ({ ...topic, ...ONE }))]
  await broker.ensureTopics(topics)
  const store = world.mutate('store', world.store.connect(process))
  const versions = await createVersions({ world, process, broker, release })
  const hourly = createSpansHourly({ store, clock })
  const sink = createClickhouseSink({ store, metrics: program.metrics, clock })
  const deliveries: Delivery<JudgedSpan>[] = [sink]
  if (shape.deliver_spans) deliveries.push(spansTopic())
  const dead_letters = world.mutate('dead_letters', createDeadLetters(broker, program.metrics.deadLetters))
  const running = new Set<RunningPipeline>()
  const stopped = new Map<number, CodedError>()
  const members: Subscription[] = []

  function spansTopic(): Delivery<JudgedSpan> {
    const encode = (item: JudgedSpan) => [
      { key: Buffer.from(`${item.span.project}/${item.span.trace_id}`), value: program.encodeSpan(item), headers: {} },
    ]
    return createTopicDelivery({ broker, topic: LLM_SPANS, counter: program.metrics.emitted, encode })
  }

  /** The partition as the pipeline sees it; what it commits is watched. */
  function watched(partition: PartitionSource): PartitionSource {
    truth.assigned(partition.partition, partition.committed?.offset ?? null)
    return world.mutate('source', {
      topic: partition.topic,
      partition: partition.partition,
      committed: partition.committed,
      poll: partition.poll,
      seek: partition.seek,
      async commit(position) {
        await partition.commit(position)
        if (!process.alive) return
        truth.commit(partition.partition, position.offset)
        world.tell(`commit ${partition.partition} ${position.offset} ${position.metadata}`)
      },
    })
  }

  function run(partition: PartitionSource): RunningPipeline {
    let held = 0
    const counting: Delivery<JudgedSpan> = {
      name: 'count',
      open: () => ({ add: () => truth.holds(++held), deliver: async () => {} }),
    }
    return runPipeline<JudgedSpan>(watched(partition), {
      versions,
      deliveries: [...deliveries, counting],
      onCommitted({ items }) {
        held -= items
      },
      witness: hourly.following(createLedger(store, SPAN_LEDGER), SPAN_LEDGER),
      dead_letters,
      limits: { max_items: shape.max_items, max_bytes: 32 << 20, flush_interval_ms: shape.flush_interval_ms },
      clock,
      log: world.log,
      onStopped(error) {
        if (stopping.signal.aborted || !process.alive) return
        if (error instanceof CodedError && error.code === 'PARTITION_FENCED') return
        world.tell(`partition ${partition.partition} stopped: ${error instanceof Error ? error.message : error}`)
        if (error instanceof CodedError && !isRetryable(error)) stopped.set(partition.partition, error)
        else process.kill('a pipeline stopped')
      },
    })
  }

  async function join(): Promise<void> {
    const own = new Map<number, RunningPipeline>()
    const subscription = await broker.subscribe({
      group: CONSUMER_GROUP,
      topics: [OTLP_SPANS.name],
      assigned(partition) {
        const pipeline = run(partition)
        own.set(partition.partition, pipeline)
        running.add(pipeline)
      },
      async revoked({ partition }) {
        const pipeline = own.get(partition)
        own.delete(partition)
        await pipeline?.stop(DRAIN_MS)
        if (pipeline) running.delete(pipeline)
      },
    })
    members.push(subscription)
  }

  await join()
  void hourly.run(stopping.signal, (error) => world.tell(`rolling up failed: ${error}`))

  return {
    process,
    join,
    leave: async () => {
      if (members.length > 1) await members.pop()!.close()
    },
    configure: versions.use,
    async lag() {
      const places = await broker.lag(CONSUMER_GROUP, OTLP_SPANS.name)
      return places.reduce((sum, { lag }) => sum + lag, 0n)
    },
    reconcile: () =>
      createReconciler({ broker, store, config: program.config(0), clock, group: CONSUMER_GROUP }).run({ full: true }),
    trouble() {
      for (const [partition, { code, message }] of stopped) return `partition ${partition}: ${code}: ${message}`
      return [...running].map((pipeline) => pipeline.trouble()).find((text) => text !== '') ?? ''
    },
    async drain() {
      stopping.abort()
      for (const member of members.toReversed()) await member.close()
      await broker.close()
      await store.close()
    },
  }
}
