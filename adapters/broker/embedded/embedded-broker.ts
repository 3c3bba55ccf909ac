import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { Broker, LogRecord, SubscribeOptions, Subscription } from '../broker.ts'
import { createOwnedPartition } from './assigned-partition.ts'
import { compact } from './compaction.ts'
import { createConsumerGroups } from './consumer-groups.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { COMMITS, createOffsetCommits } from './offset-commits.ts'
import type { PartitionLog } from './partition-log.ts'
import { createProducer } from './producer.ts'
import { createRetention } from './retention.ts'
import { partitionDirectory, type Topic } from './topic.ts'
import { openTopics } from './topics.ts'

export interface EmbeddedBrokerOptions {
  /** Created when missing. Several processes may share it as long as each topic has one writer. */
  readonly directory: string
  /**
   * Topics this process writes, 'commits' (consumer offsets) among them if it is to subscribe; [] only reads. 'all':
   * every topic. Each is locked for this process: DATA_DIRECTORY_LOCKED when another has it.
   */
  readonly writes: readonly string[] | 'all'
  readonly clock: Clock
  /** Age at which records of `delete` topics go. */
  readonly retention_ms?: number
  /** Bytes of all topics this process writes together. Compacted topics count, and are never refused. */
  readonly retention_bytes?: number
  readonly segment_bytes?: number
  /** The largest record; RECORD_INVALID beyond. */
  readonly max_record_bytes?: number
  readonly flush?: {
    /** Most bytes in one write and flush. */
    readonly max_group_bytes?: number
    /** Most bytes that may wait on a partition; TOO_MANY_REQUESTS beyond. */
    readonly max_waiting_bytes?: number
  }
  readonly fileSystem?: FileSystem
  /** Called once, when a flush failed or the log is damaged: everything rejects from then on; restart the process. */
  on_fatal(error: CodedError): void
}

const MIB = 1 << 20
const DAY_MS = 24 * 3600 * 1000
const DEFAULTS = {
  retention_ms: 7 * DAY_MS,
  retention_bytes: 20 * 1024 * MIB,
  segment_bytes: 128 * MIB,
  max_record_bytes: 16 * MIB,
  max_group_bytes: 8 * MIB,
  max_waiting_bytes: 128 * MIB,
}
const SWEEP_INTERVAL_MS = 60_000

/** The broker port over segment files in a directory. docs: `docs/topics.md`; on disk: `record-format.ts`. */
export async function createEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<Broker> {
  const { directory, clock, fileSystem = nodeFileSystem } = options
  const settings = { ...DEFAULTS, ...options, ...options.flush }
  const max_group_bytes = Math.min(settings.max_group_bytes, settings.segment_bytes)
  const stopping = new AbortController()
  let bytes = 0
  let failure: CodedError | null = null
  let closing: Promise<void> | null = null
  let closed = false
  let compacting: Promise<void> = Promise.resolve()

  function fail(error: unknown, doing: string): CodedError {
    if (failure !== null) return failure
    failure =
      error instanceof CodedError && (error.code === 'BROKER_FAILED' || error.code === 'LOG_CORRUPT')
        ? error
        : new CodedError('BROKER_FAILED', `${doing} failed; the log of this process stops.`, { cause: error })
    options.on_fatal(failure)
    for (const topic of topics.opened()) {
      for (let partition = 0; partition < topic.partitions; partition += 1) topic.ends.wake(partition)
    }
    return failure
  }

  function guard(): void {
    if (closed) throw new CodedError('BROKER_CLOSED')
    if (failure !== null) throw new CodedError('BROKER_FAILED', failure.message, { cause: failure })
  }

  function compactLater(log: PartitionLog): void {
    if (topics.peek(log.topic)?.cleanup !== 'compact') return
    const path = partitionDirectory({ directory }, log.topic, log.partition)
    compacting = compacting
      .then(() => compact(fileSystem, path, log))
      .catch((error: unknown) => {
        // Without room for the new segment the old one stays, until the next roll.
        if (!(error instanceof CodedError && error.code === 'LOG_WRITE_FAILED')) fail(error, 'Compacting a segment')
      })
  }

  const topics = await openTopics(
    {
      directory,
      fileSystem,
      clock,
      segment_bytes: settings.segment_bytes,
      max_group_bytes,
      max_waiting_bytes: settings.max_waiting_bytes,
      onBytes(change) {
        bytes += change
      },
      onRoll: compactLater,
      onFatal: (error) => fail(error, 'Writing'),
    },
    options.writes,
  )
  const commits = createOffsetCommits(() => topics.find(COMMITS))
  const retention = createRetention({
    ...settings,
    bytes: () => bytes,
    logs: () => topics.opened().flatMap((topic) => (topic.cleanup === 'delete' ? (topic.logs ?? []) : [])),
    refreshCommits: commits.refresh,
    slowest: commits.slowest,
    syncDirectory: (log) => fileSystem.syncDirectory(partitionDirectory({ directory }, log.topic, log.partition)),
  })
  const produce = createProducer({
    ...settings,
    max_group_bytes,
    admit: (topic, incoming) =>
      topic.cleanup === 'compact' || bytes + incoming <= settings.retention_bytes ? null : retention.admit(incoming),
  })
  const groups = createConsumerGroups({
    partitionsOf: (name) => topics.peek(name)!.partitions,
    own(group, { topic, partition }) {
      const place = { group, topic, partition }
      return createOwnedPartition({
        topic: topics.peek(topic)!,
        partition,
        group,
        committed: commits.get(place),
        clock,
        guard,
        write: (commit) => commits.write(place, commit),
      })
    },
  })
  if (options.writes.length > 0) void sweepNowAndThen()

  async function sweepNowAndThen(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(SWEEP_INTERVAL_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted || failure !== null) return
      await retention.sweep().catch((error: unknown) => fail(error, 'Deleting old segments'))
    }
  }

  async function topicNamed(name: string): Promise<Topic> {
    const topic = topics.peek(name) ?? (await topics.find(name))
    if (topic === null) throw new CodedError('TOPIC_UNKNOWN', `There is no topic ${name} in ${directory}.`)
    return topic
  }

  async function readerOf(name: string, partition: number) {
    const reader = (await topicNamed(name)).readers[partition]
    if (reader === undefined) throw new CodedError('TOPIC_UNKNOWN', `${name} has no partition ${partition}.`)
    return reader
  }

  async function subscribe(subscribeOptions: SubscribeOptions): Promise<Subscription> {
    const { group } = subscribeOptions
    if (closing !== null) throw new CodedError('BROKER_CLOSED')
    if (!topics.isOurs(COMMITS)) {
      const message = `Group ${group} cannot subscribe here: another process keeps the commits of ${directory}.`
      throw new CodedError('TOPIC_READ_ONLY', message)
    }
    await commits.refresh()
    for (const name of subscribeOptions.topics) {
      const { partitions } = await topicNamed(name)
      await commits.register(Array.from({ length: partitions }, (_, partition) => ({ group, topic: name, partition })))
    }
    return groups.subscribe(subscribeOptions)
  }

  async function closeAll(): Promise<void> {
    try {
      await groups.close()
    } finally {
      closed = true
      stopping.abort()
      await compacting
      await topics.close()
    }
  }

  const broker: Broker = {
    async ensureTopics(definitions) {
      guard()
      for (const { name, partitions, cleanup } of definitions) await topics.ensure(name, { partitions, cleanup })
    },
    async produce(name, records) {
      guard()
      const topic = topics.peek(name) ?? (await topicNamed(name))
      if (name === COMMITS) throw new CodedError('TOPIC_READ_ONLY', `'${COMMITS}' is written by commits only.`)
      return records.length === 0 ? [] : produce(topic, records)
    },
    async subscribe(subscribeOptions) {
      guard()
      return subscribe(subscribeOptions)
    },
    async fetch(name, partition, start, { end, max_bytes }) {
      guard()
      const reader = await readerOf(name, partition)
      const to = end === undefined ? Number.POSITIVE_INFINITY : Number(end)
      const { records } = await reader.read(Number(start), to, max_bytes)
      return upTo(records, max_bytes)
    },
    async offsets(name) {
      guard()
      const { readers, ends } = await topicNamed(name)
      return Promise.all(
        readers.map(async (reader, partition) => {
          const start = BigInt(await reader.start())
          return { partition, start, end: BigInt(ends.get(partition).end) }
        }),
      )
    },
    async committed(group, topic, partition) {
      guard()
      await commits.refresh()
      return commits.get({ group, topic, partition })
    },
    async lag(group, topic) {
      const offsets = await broker.offsets(topic)
      await commits.refresh()
      return offsets.map((place) => {
        const committed = commits.get({ group, topic, partition: place.partition })?.offset ?? null
        const next = committed === null || committed < place.start ? place.start : committed
        return { ...place, committed, lag: place.end > next ? place.end - next : 0n }
      })
    },
    async health() {
      if (closed) return { healthy: false, reason: 'The log is closed.' }
      return failure === null ? { healthy: true, reason: '' } : { healthy: false, reason: failure.message }
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
  return broker
}

function upTo(records: readonly LogRecord[], max_bytes: number): readonly LogRecord[] {
  let sum = 0
  const end = records.findIndex((record, index) => {
    sum += (record.value?.length ?? 0) + (record.key?.length ?? 0)
    return index > 0 && sum > max_bytes
  })
  return end === -1 ? records : records.slice(0, end)
}
