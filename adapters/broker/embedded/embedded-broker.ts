import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { Broker, LogRecord, SubscribeOptions, Subscription } from '../broker.ts'
import { createOwnedPartition } from './assigned-partition.ts'
import { type ConsumerGroups, createConsumerGroups } from './consumer-groups.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { createGroupAdmin } from './group-admin.ts'
import { type LogDirectory, openLogDirectory } from './log-directory.ts'
import { COMMITS } from './offset-commits.ts'
import { createProducer, type Produce } from './producer.ts'
import { segmentBytes } from './segment-files.ts'
import { partitionDirectory, type Topic } from './topic.ts'

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
  /** Called once, when a flush or a compaction failed: everything rejects from then on; restart the process. */
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

/** The broker port over segment files in a directory; what stands on disk is described in `record-format.ts`. */
export async function createEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<Broker> {
  const settings = { ...DEFAULTS, fileSystem: nodeFileSystem, ...options, ...options.flush }
  const max_group_bytes = Math.min(settings.max_group_bytes, settings.segment_bytes)
  const log = await openLogDirectory({ ...settings, max_group_bytes })
  const produce = createProducer({
    ...settings,
    max_group_bytes,
    admit: (topic, incoming) =>
      topic.cleanup === 'compact' || log.bytes() + incoming <= settings.retention_bytes
        ? null
        : log.retention.admit(incoming),
  })
  const groups = createConsumerGroups({
    partitionsOf: (name) => log.topics.peek(name)!.partitions,
    own(group, { topic, partition }) {
      const place = { group, topic, partition }
      return createOwnedPartition({
        topic: log.topics.peek(topic)!,
        partition,
        group,
        committed: log.commits.get(place),
        clock: options.clock,
        guard: log.health.guard,
        write: (commit) => log.commits.write(place, commit),
      })
    },
  })
  return {
    ...createReads(log, settings),
    ...createGroupAdmin(log, { isUsed: groups.isUsed, directory: options.directory }),
    ...createWrites(log, { produce, groups, directory: options.directory }),
  }
}

type Reads = Pick<Broker, 'fetch' | 'offsets' | 'committed' | 'lag' | 'bytes' | 'health'>
type Admin = Pick<Broker, 'groups' | 'moveGroup' | 'dropGroup'>

function createReads(
  { topics, commits, health }: LogDirectory,
  { directory, fileSystem }: { directory: string; fileSystem: FileSystem },
): Reads {
  async function offsets(name: string) {
    health.guard()
    const { readers, ends } = await topicNamed(topics, name)
    return Promise.all(
      readers.map(async (reader, partition) => {
        const start = BigInt(await reader.start())
        return { partition, start, end: BigInt(ends.get(partition).end) }
      }),
    )
  }

  return {
    offsets,
    async fetch(name, partition, start, { end, max_bytes }) {
      health.guard()
      const reader = (await topicNamed(topics, name)).readers[partition]
      if (reader === undefined) throw new CodedError('TOPIC_UNKNOWN', `${name} has no partition ${partition}.`)
      const to = end === undefined ? Number.POSITIVE_INFINITY : Number(end)
      return upTo((await reader.read(Number(start), to, Math.max(max_bytes, 1))).records, max_bytes)
    },
    async committed(group, topic, partition) {
      health.guard()
      await commits.refresh()
      return commits.get({ group, topic, partition })
    },
    async lag(group, topic) {
      const places = await offsets(topic)
      await commits.refresh()
      return places.map((place) => {
        const committed = commits.get({ group, topic, partition: place.partition })?.offset ?? null
        const next = committed === null || committed < place.start ? place.start : committed
        return { ...place, committed, lag: place.end > next ? place.end - next : 0n }
      })
    },
    async bytes(name) {
      health.guard()
      const { partitions } = await topicNamed(topics, name)
      const folders = Array.from({ length: partitions }, (_, partition) =>
        partitionDirectory({ directory }, name, partition),
      )
      return Promise.all(folders.map((folder) => segmentBytes(fileSystem, folder)))
    },
    health: async () => health.report(),
  }
}

function createWrites(
  log: LogDirectory,
  { produce, groups, directory }: { produce: Produce; groups: ConsumerGroups; directory: string },
): Omit<Broker, keyof Reads | keyof Admin> {
  const { topics, commits, health } = log
  let closing: Promise<void> | null = null

  async function subscribe(options: SubscribeOptions): Promise<Subscription> {
    health.guard()
    if (closing !== null) throw new CodedError('BROKER_CLOSED')
    const { group } = options
    if (!topics.isOurs(COMMITS)) {
      const message = `Group ${group} cannot subscribe here: another process keeps the commits of ${directory}.`
      throw new CodedError('TOPIC_READ_ONLY', message)
    }
    await commits.refresh()
    for (const name of options.topics) {
      const { partitions } = await topicNamed(topics, name)
      await commits.register(Array.from({ length: partitions }, (_, partition) => ({ group, topic: name, partition })))
    }
    return groups.subscribe(options)
  }

  async function closeAll(): Promise<void> {
    try {
      await groups.close()
    } finally {
      await log.close()
    }
  }

  return {
    async ensureTopics(definitions) {
      health.guard()
      for (const { name, partitions, cleanup } of definitions) await topics.ensure(name, { partitions, cleanup })
    },
    async produce(name, records) {
      health.guard()
      const topic = topics.peek(name) ?? (await topicNamed(topics, name))
      if (name === COMMITS) throw new CodedError('TOPIC_READ_ONLY', `'${COMMITS}' is written by commits only.`)
      return records.length === 0 ? [] : produce(topic, records)
    },
    subscribe,
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

async function topicNamed(topics: LogDirectory['topics'], name: string): Promise<Topic> {
  const topic = topics.peek(name) ?? (await topics.find(name))
  if (topic === null) throw new CodedError('TOPIC_UNKNOWN', `There is no topic ${name}.`)
  return topic
}

function upTo(records: readonly LogRecord[], max_bytes: number): readonly LogRecord[] {
  let sum = 0
  const end = records.findIndex((record, index) => {
    sum += (record.value?.length ?? 0) + (record.key?.length ?? 0)
    return index > 0 && sum > max_bytes
  })
  return end === -1 ? records : records.slice(0, end)
}
