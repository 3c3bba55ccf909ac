import type { Broker, LogRecord, OutgoingRecord } from '../adapters/broker/broker.ts'
import { createDeadLetters } from '../adapters/broker/dead-letters.ts'
import { type DamagedOffsets, salvage } from '../adapters/broker/embedded/salvage.ts'
import type { Store } from '../adapters/store/store.ts'
import type { Clock } from '../core/clock.ts'
import { CodedError } from '../core/errors.ts'
import { HEADER_SAVED_FROM } from '../schemas/topics.ts'
import { createLedger, SPAN_LEDGER } from '../sinks/clickhouse/ledger.ts'
import type { Config } from './config.ts'
import { CONSUMER_GROUP, STORE_TOPICS } from './consumer-group.ts'
import { logDirectory } from './paths.ts'

export interface SkipOptions {
  readonly broker: Broker
  readonly store: () => Promise<Store>
  readonly config: Config
  readonly clock: Clock
  readonly topic: string
  readonly partition: number
  /** The first offset that is read again. */
  readonly to: bigint
  readonly dry_run: boolean
}

export interface Skipped {
  /** Where the slowest group stood. */
  readonly from: string
  readonly to: string
  readonly groups: readonly string[]
  /** Whole records in between, which were appended to the topic once more. */
  readonly saved: number
  /** Offsets of which nothing whole is left, exclusive ends; each is a dead letter with what stands there. */
  readonly lost: readonly { readonly start: string; readonly end: string; readonly file: string }[]
}

/** A letter about damage keeps at most this much of what stands there. */
const LETTER_BYTES = 1 << 20
const BATCH_BYTES = 4 << 20
/** Stands in the ledger for ranges that nobody judged here, since their records were appended again. */
const SAVED_VERSION = 'saved'

/**
 * Lets the groups of a partition go on behind records that cannot be read. Nothing goes silently: each whole record on
 * the way is appended again and read from there, and each damaged one becomes a dead letter LOG_CORRUPT; the ledger
 * keeps counting it as lost. GROUP_IN_USE while something reads. A crash in between leaves the groups where they were,
 * and a second run appends again what collapses in the tables.
 */
export async function skipRecords(options: SkipOptions): Promise<Skipped> {
  const { broker, topic, partition, to, dry_run } = options
  const { from, groups } = await whatWaits(options)
  const lost: DamagedOffsets[] = []
  const saved: Run[] = []
  let batch: LogRecord[] = []
  let bytes = 0
  const flush = async () => {
    if (!dry_run && batch.length > 0) await broker.produce(topic, batch.map(copyOf))
    batch = []
    bytes = 0
  }
  for await (const part of salvage({ ...(await shapeOf(options)), topic, partition, from, to, clock: options.clock })) {
    if ('damaged' in part) {
      lost.push({ ...part.damaged, bytes: Buffer.from(part.damaged.bytes.subarray(0, LETTER_BYTES)) })
      if (!dry_run) await writeLetter(options, lost.at(-1)!)
      continue
    }
    extend(saved, part.record)
    batch.push(part.record)
    bytes += part.record.value?.length ?? 0
    if (bytes >= BATCH_BYTES) await flush()
  }
  await flush()
  if (!dry_run) {
    if (STORE_TOPICS.includes(topic) && groups.includes(CONSUMER_GROUP)) await writeLedger(options, saved)
    for (const group of groups) await broker.moveGroup({ group, topic, partition }, { offset: to, metadata: '' })
  }
  return {
    from: String(from),
    to: String(to),
    groups,
    saved: saved.reduce((sum, { records }) => sum + records, 0),
    lost: lost.map(({ start, end, file }) => ({ start: String(start), end: String(end), file })),
  }
}

async function whatWaits({ broker, topic, partition, to }: SkipOptions): Promise<{ from: bigint; groups: string[] }> {
  const place = (await broker.offsets(topic)).find((one) => one.partition === partition)
  if (place === undefined) throw new CodedError('TOPIC_UNKNOWN', `${topic} has no partition ${partition}.`)
  if (to > place.end)
    throw new CodedError('OFFSET_OUT_OF_RANGE', `${topic}/${partition} ends at ${place.end}; ${to} lies behind it.`)
  const here = (await broker.groups()).filter((one) => one.topic === topic && one.partition === partition)
  const waiting = here.filter(({ commit }) => (commit?.offset ?? place.start) < to)
  const busy = waiting.find(({ in_use }) => in_use)
  if (busy)
    throw new CodedError(
      'GROUP_IN_USE',
      `Group ${busy.group} reads ${topic}/${partition} right now; nothing was skipped.`,
    )
  if (waiting.length === 0)
    throw new CodedError('REQUEST_INVALID', `No group waits before offset ${to} of ${topic}/${partition}.`)
  let from = to
  for (const { commit } of waiting) {
    const at = commit === null || commit.offset < place.start ? place.start : commit.offset
    if (at < from) from = at
  }
  return { from, groups: waiting.map(({ group }) => group) }
}

async function shapeOf({ broker, config, topic }: SkipOptions) {
  return { directory: logDirectory(config), partitions: (await broker.offsets(topic)).length }
}

function copyOf(record: LogRecord): OutgoingRecord {
  const place = `${record.topic}:${record.partition}:${record.offset}`
  return { key: record.key, value: record.value, headers: { ...record.headers, [HEADER_SAVED_FROM]: place } }
}

async function writeLetter({ broker, topic, partition }: SkipOptions, damaged: DamagedOffsets): Promise<void> {
  const { start, end, bytes } = damaged
  const record = { topic, partition, offset: start, timestamp_ms: 0, key: null, value: bytes, headers: {} }
  const message = `records ${start} to ${end - 1n} are damaged; this is what stands there, at most ${LETTER_BYTES} bytes`
  const reject = { code: 'LOG_CORRUPT', message, component: 'topics skip', value: bytes, index: 0 } as const
  await createDeadLetters(broker, { inc() {} }).deliver([reject], record)
}

/** Offsets without a gap between them. */
interface Run {
  readonly start: bigint
  end: bigint
  records: number
  readonly first_append_time: number
  last_append_time: number
}

function extend(runs: Run[], { offset, timestamp_ms }: LogRecord): void {
  const last = runs.at(-1)
  if (last?.end === offset) {
    last.end = offset + 1n
    last.records++
    last.last_append_time = timestamp_ms
  } else {
    runs.push({
      start: offset,
      end: offset + 1n,
      records: 1,
      first_append_time: timestamp_ms,
      last_append_time: timestamp_ms,
    })
  }
}

async function writeLedger({ store, topic, partition }: SkipOptions, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return
  const ledger = createLedger(await store(), SPAN_LEDGER)
  const identity = { pipeline_version: SAVED_VERSION, config_offset: 0n }
  for (const run of runs)
    await ledger.open(identity).deliver({ topic, partition, items: 0, rejects: 0, ...identity, ...run })
}
