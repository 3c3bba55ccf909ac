import { z } from 'zod'
import type { Broker, LogRecord } from '../../adapters/broker/broker.ts'
import { COMMITS } from '../../adapters/broker/embedded/offset-commits.ts'
import { offsetAt } from '../../adapters/broker/offset-at.ts'
import { CodedError } from '../../core/errors.ts'
import { HEADER_PROJECT, TOPICS } from '../../schemas/topics.ts'
import { type OperationDeps, type Operations, offset, parseBody } from './operation.ts'

/** Most bytes of keys and values in one answer, about. */
const PAGE_BYTES = 2 << 20
const MAX_RECORDS = 1000

const place = z.strictObject({ partition: z.number().int().min(0), offset })
const describeBody = z.strictObject({ topic: z.string().nullable().default(null) })
const readBody = z.strictObject({
  topic: z.string(),
  /** '' for every project. */
  project: z.string().default(''),
  /** null for all partitions. */
  partition: z.number().int().min(0).nullable().default(null),
  /** Where to begin; or, to go on, the cursor of the last answer. */
  from: z.union([
    z.enum(['beginning', 'end']),
    z.strictObject({ last: z.number().int().min(1).max(MAX_RECORDS) }),
    z.strictObject({ offset }),
    z.strictObject({ time_ms: z.number() }),
    z.strictObject({ cursor: z.array(place) }),
  ]),
  limit: z.number().int().min(1).max(MAX_RECORDS).default(100),
})

type From = z.infer<typeof readBody>['from']

export interface PartitionState {
  readonly partition: number
  readonly start: string
  readonly end: string
  readonly bytes: number
  /** Append times of the first and the last record, ms since 1970; null where there is none. */
  readonly oldest_ms: number | null
  readonly newest_ms: number | null
}

export interface GroupLag {
  readonly group: string
  readonly lag: string
}

export interface TopicState {
  readonly topic: string
  readonly partitions: readonly PartitionState[]
  readonly groups: readonly GroupLag[]
}

export interface TopicRecord {
  readonly partition: number
  readonly offset: string
  readonly timestamp_ms: number
  readonly headers: Readonly<Record<string, string>>
  readonly key_base64: string | null
  readonly value_base64: string | null
}

export interface TopicPage {
  /** By append time. */
  readonly records: readonly TopicRecord[]
  readonly cursor: readonly z.infer<typeof place>[]
  /** Nothing more is there at the moment. */
  readonly caught_up: boolean
}

export function topicOperations({ broker }: Pick<OperationDeps, 'broker'>): Operations {
  return {
    /** Every topic that exists, or the one named. */
    async topics(body): Promise<readonly TopicState[]> {
      const { topic } = parseBody(describeBody, body)
      const names = topic === null ? [...TOPICS.map(({ name }) => name), COMMITS] : [topic]
      const states = await Promise.all(names.map((name) => stateOf(broker, name)))
      if (topic !== null && states[0] === null) throw new CodedError('TOPIC_UNKNOWN', `There is no topic ${topic}.`)
      return states.filter((state) => state !== null)
    },
    /** Records from a place on, with a cursor to go on from. */
    async topic_read(body): Promise<TopicPage> {
      const { topic, from, limit, ...wanted } = parseBody(readBody, body)
      const places = await placesOf(broker, topic, wanted.partition)
      const starts = await Promise.all(places.map((one) => startOf(broker, topic, { ...one, from })))
      return readPage(broker, topic, { places, starts, project: wanted.project, from, limit })
    },
  }
}

async function stateOf(broker: Broker, topic: string): Promise<TopicState | null> {
  const offsets = await broker.offsets(topic).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'TOPIC_UNKNOWN') return null
    throw error
  })
  if (offsets === null) return null
  const bytes = await broker.bytes(topic)
  const timeOf = async (partition: number, at: bigint, end: bigint) =>
    at >= end ? null : ((await readAt(broker, { topic, partition, at }))?.timestamp_ms ?? null)
  const partitions = await Promise.all(
    offsets.map(async ({ partition, start, end }) => ({
      partition,
      start: String(start),
      end: String(end),
      bytes: bytes[partition] ?? 0,
      oldest_ms: await timeOf(partition, start, end),
      newest_ms: await timeOf(partition, end - 1n, end),
    })),
  )
  return { topic, partitions, groups: await groupsOf(broker, topic) }
}

async function groupsOf(broker: Broker, topic: string): Promise<readonly GroupLag[]> {
  const names = new Set((await broker.groups()).filter((one) => one.topic === topic).map(({ group }) => group))
  return Promise.all(
    [...names].map(async (group) => {
      const lags = await broker.lag(group, topic)
      return { group, lag: String(lags.reduce((sum, { lag }) => sum + lag, 0n)) }
    }),
  )
}

/** A record whose time says how old a partition is; a damaged or deleted one says nothing. */
async function readAt(
  broker: Broker,
  { topic, partition, at }: { topic: string; partition: number; at: bigint },
): Promise<LogRecord | undefined> {
  try {
    return (await broker.fetch(topic, partition, at, { max_bytes: 1 }))[0]
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'LOG_CORRUPT' || error.code === 'OFFSET_OUT_OF_RANGE')) return
    throw error
  }
}

interface Place {
  readonly partition: number
  readonly start: bigint
  readonly end: bigint
}

async function placesOf(broker: Broker, topic: string, partition: number | null): Promise<readonly Place[]> {
  const places = await broker.offsets(topic)
  const wanted = places.filter((one) => partition === null || one.partition === partition)
  if (wanted.length === 0) throw new CodedError('TOPIC_UNKNOWN', `${topic} has no partition ${partition}.`)
  return wanted
}

/** Retention may have taken what a cursor points to: then the first record that is left. */
async function startOf(
  broker: Broker,
  topic: string,
  { partition, start, end, from }: Place & { from: From },
): Promise<bigint> {
  const within = (at: bigint) => (at < start ? start : at > end ? end : at)
  if (from === 'beginning') return start
  if (from === 'end') return end
  if ('last' in from) return within(end - BigInt(from.last))
  if ('offset' in from) return within(BigInt(from.offset))
  if ('time_ms' in from) return offsetAt(broker, { topic, partition, start, end }, from.time_ms)
  const known = from.cursor.find((one) => one.partition === partition)
  return known ? within(BigInt(known.offset)) : start
}

interface PageOptions {
  readonly places: readonly Place[]
  readonly starts: readonly bigint[]
  readonly project: string
  readonly from: From
  readonly limit: number
}

async function readPage(broker: Broker, topic: string, options: PageOptions): Promise<TopicPage> {
  const { places, starts, project, from, limit } = options
  const max_bytes = Math.ceil(PAGE_BYTES / places.length)
  const read = await Promise.all(
    places.map(({ partition, end }, index) =>
      starts[index]! < end ? broker.fetch(topic, partition, starts[index]!, { end, max_bytes }) : [],
    ),
  )
  const next = new Map(places.map(({ partition }, index) => [partition, starts[index]!]))
  for (const records of read) for (const { partition, offset } of records) next.set(partition, offset + 1n)
  const found = read.flat().filter((record) => project === '' || projectOf(record) === project)
  found.sort((a, b) => a.timestamp_ms - b.timestamp_ms || a.partition - b.partition || Number(a.offset - b.offset))
  const isLast = typeof from === 'object' && 'last' in from
  const shown = isLast ? found.slice(-from.last) : found.slice(0, limit)
  if (!isLast)
    for (const { partition, offset } of found.slice(limit))
      if (offset < next.get(partition)!) next.set(partition, offset)
  return {
    records: shown.map(asJson),
    cursor: [...next].map(([partition, at]) => ({ partition, offset: String(at) })),
    caught_up: places.every(({ partition, end }) => next.get(partition)! >= end),
  }
}

/** From the header; the keyed topics name it first in their key. */
function projectOf({ headers, key }: LogRecord): string {
  return headers[HEADER_PROJECT] ?? key?.toString().split('/', 1)[0] ?? ''
}

function asJson({ partition, offset, timestamp_ms, headers, key, value }: LogRecord): TopicRecord {
  return {
    partition,
    offset: String(offset),
    timestamp_ms,
    headers,
    key_base64: key?.toString('base64') ?? null,
    value_base64: value?.toString('base64') ?? null,
  }
}
