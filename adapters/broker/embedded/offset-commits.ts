import { CodedError } from '../../../core/errors.ts'
import type { Commit, GroupPlace, LogRecord } from '../broker.ts'
import { type SizedRecord, sizeRecord } from './record-format.ts'
import type { Topic, TopicShape } from './topic.ts'

/** The internal topic of consumer groups' places. Naming it among a broker's `writes` makes that broker their owner. */
export const COMMITS = 'commits'
export const COMMITS_SHAPE: TopicShape = { partitions: 1, cleanup: 'compact' }
/** As Kafka's default for `offset.metadata.max.bytes`. */
const MAX_METADATA_BYTES = 4096
const READ_BYTES = 1 << 20

export interface OffsetCommits {
  /** Reads what was committed since, in this or another process. */
  refresh(): Promise<void>
  get(place: GroupPlace): Commit | null
  all(): readonly (GroupPlace & { readonly commit: Commit | null })[]
  /** Durable when it resolves. */
  write(place: GroupPlace, commit: Commit): Promise<void>
  /** Makes the group count for retention before its first commit. */
  register(places: readonly GroupPlace[]): Promise<void>
  /** Forgets the group: it counts for retention no more. */
  drop(group: string): Promise<void>
  /** The first offset that a subscribed group may still read: infinite without any, 0 when one never committed. */
  slowest(topic: string, partition: number): number
}

/** `topic` answers null as long as no process has created it. */
export function createOffsetCommits(topic: () => Promise<Topic | null>): OffsetCommits {
  /** By topic/partition, then by group; null is a group that never committed. */
  const places = new Map<string, Map<string, Commit | null>>()
  let next = 0
  let refreshing: Promise<void> | null = null

  function groupsOf(name: string, partition: number): Map<string, Commit | null> {
    const key = `${name}/${partition}`
    const groups = places.get(key) ?? new Map<string, Commit | null>()
    places.set(key, groups)
    return groups
  }

  function apply(record: LogRecord): void {
    if (record.key === null) return
    const { group, topic: name, partition } = JSON.parse(record.key.toString()) as GroupPlace
    if (record.value === null) {
      groupsOf(name, partition).delete(group)
      return
    }
    const { offset, metadata } = JSON.parse(record.value.toString()) as { offset: string | null; metadata: string }
    groupsOf(name, partition).set(group, offset === null ? null : { offset: BigInt(offset), metadata })
  }

  async function readOn(): Promise<void> {
    const source = await topic()
    if (source === null) return
    const reader = source.readers[0]!
    for (const end = source.ends.get(0).end; next < end; ) {
      const read = await reader.read(next, end, READ_BYTES)
      for (const record of read.records) apply(record)
      next = read.next
    }
  }

  async function append(records: readonly SizedRecord[]): Promise<void> {
    const log = (await topic())?.logs?.[0]
    if (log === undefined) {
      throw new CodedError('TOPIC_READ_ONLY', `Another process keeps the commits; name '${COMMITS}' among the writes.`)
    }
    await log.append(records)
    await refresh()
  }

  async function refresh(): Promise<void> {
    while (refreshing !== null) await refreshing
    refreshing = readOn().finally(() => {
      refreshing = null
    })
    await refreshing
  }

  function all() {
    return [...places].flatMap(([place, groups]) => {
      const slash = place.lastIndexOf('/')
      const where = { topic: place.slice(0, slash), partition: Number(place.slice(slash + 1)) }
      return [...groups].map(([group, commit]) => ({ group, ...where, commit }))
    })
  }

  return {
    refresh,
    all,
    get: ({ group, topic: name, partition }) => groupsOf(name, partition).get(group) ?? null,
    async write(place, { offset, metadata }) {
      if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) {
        throw new CodedError('RECORD_INVALID', `The metadata of a commit exceeds ${MAX_METADATA_BYTES} bytes.`)
      }
      await append([commitRecord(place, { offset: String(offset), metadata })])
    },
    async register(all) {
      const missing = all.filter(({ group, topic: name, partition }) => !groupsOf(name, partition).has(group))
      if (missing.length > 0) await append(missing.map((place) => commitRecord(place, { offset: null, metadata: '' })))
    },
    async drop(group) {
      const dropped = all().filter((place) => place.group === group)
      if (dropped.length > 0) await append(dropped.map((place) => commitRecord(place, null)))
    },
    slowest(name, partition) {
      let slowest = Number.POSITIVE_INFINITY
      for (const commit of groupsOf(name, partition).values()) {
        slowest = Math.min(slowest, commit === null ? 0 : Number(commit.offset))
      }
      return slowest
    },
  }
}

/** A tombstone for `value` null. */
function commitRecord(place: GroupPlace, value: { offset: string | null; metadata: string } | null): SizedRecord {
  const { group, topic, partition } = place
  return sizeRecord({
    key: Buffer.from(JSON.stringify({ group, topic, partition })),
    value: value && Buffer.from(JSON.stringify(value)),
    headers: {},
  })
}
