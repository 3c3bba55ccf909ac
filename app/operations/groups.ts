import { z } from 'zod'
import type { Broker } from '../../adapters/broker/broker.ts'
import { offsetAt } from '../../adapters/broker/offset-at.ts'
import { CodedError } from '../../core/errors.ts'
import { CONSUMER_GROUP, STORE_TOPICS } from '../consumer-group.ts'
import { lagOf } from '../group-lag.ts'
import { skipRecords } from '../skip-records.ts'
import { type OperationDeps, type Operations, offset, parseBody } from './operation.ts'

const nothing = z.strictObject({})
const dropBody = z.strictObject({ group: z.string() })
const rewindBody = z.strictObject({
  /** Append time from which on everything is read again, ms since 1970; null: all that the log holds. */
  from_ms: z.number().nullable(),
})
const skipBody = z.strictObject({
  topic: z.string(),
  partition: z.number().int().min(0),
  to: offset,
  dry_run: z.boolean().default(false),
})

export interface GroupState {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** null: it never committed, and holds back everything. */
  readonly committed: string | null
  /** What it is writing at the moment (core/intent.ts), or ''. */
  readonly metadata: string
  readonly lag: string
  readonly in_use: boolean
  /** Append time of the first record that it has yet to read, ms since 1970; null where there is none. */
  readonly waiting_since_ms: number | null
}

export interface Rewound {
  readonly topic: string
  readonly partition: number
  readonly from: string | null
  readonly to: string
  /** Records that will be read again. */
  readonly records: string
  readonly oldest_ms: number | null
}

export function groupOperations(deps: OperationDeps): Operations {
  const { broker } = deps
  return {
    async groups(body): Promise<readonly GroupState[]> {
      parseBody(nothing, body)
      return groupStates(broker)
    },
    /** How many places of the group were forgotten. */
    async group_drop(body): Promise<{ dropped: number }> {
      const { group } = parseBody(dropBody, body)
      if (group === CONSUMER_GROUP)
        throw new CodedError('REQUEST_INVALID', `Group ${group} is EvalForge's own: without it, it would begin anew.`)
      const places = (await broker.groups()).filter((place) => place.group === group)
      if (places.length > 0) await broker.dropGroup(group)
      return { dropped: places.length }
    },
    /** Lets the store's group read again from the start or a time. GROUP_IN_USE while an instance runs. */
    async group_rewind(body): Promise<readonly Rewound[]> {
      return rewind(broker, parseBody(rewindBody, body).from_ms)
    },
    async records_skip(body) {
      const { topic, partition, to, dry_run } = parseBody(skipBody, body)
      return skipRecords({ ...deps, topic, partition, to: BigInt(to), dry_run })
    },
  }
}

export async function groupStates(broker: Broker): Promise<readonly GroupState[]> {
  const places = await broker.groups()
  const states: GroupState[] = []
  for (const { group, topic, partition, commit, in_use } of places) {
    const place = (await lagOf(broker, { group, topic })).find((one) => one.partition === partition)
    if (place === undefined) continue
    const next = commit === null || commit.offset < place.start ? place.start : commit.offset
    states.push({
      group,
      topic,
      partition,
      committed: commit === null ? null : String(commit.offset),
      metadata: commit?.metadata ?? '',
      lag: String(place.lag),
      in_use,
      waiting_since_ms: place.lag > 0n ? await timeAt(broker, { topic, partition, offset: next }) : null,
    })
  }
  return states
}

async function timeAt(broker: Broker, place: { topic: string; partition: number; offset: bigint }) {
  try {
    const [record] = await broker.fetch(place.topic, place.partition, place.offset, { max_bytes: 1 })
    return record?.timestamp_ms ?? null
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'LOG_CORRUPT' || error.code === 'OFFSET_OUT_OF_RANGE'))
      return null
    throw error
  }
}

/** All that the store is made of: spans, log records, and what was judged once more or as a whole. */
async function rewind(broker: Broker, from_ms: number | null): Promise<readonly Rewound[]> {
  const rewound: Rewound[] = []
  for (const topic of STORE_TOPICS) rewound.push(...(await rewindTopic(broker, topic, from_ms)))
  return rewound
}

async function rewindTopic(broker: Broker, topic: string, from_ms: number | null): Promise<readonly Rewound[]> {
  const rewound: Rewound[] = []
  for (const { partition, start, end, committed } of await lagOf(broker, { group: CONSUMER_GROUP, topic })) {
    const at = from_ms === null ? start : await offsetAt(broker, { topic, partition, start, end }, from_ms)
    const place = { group: CONSUMER_GROUP, topic, partition }
    // Never forward: what was not read yet must not be passed.
    const to = committed !== null && committed < at ? committed : at
    await broker.moveGroup(place, { offset: to, metadata: '' })
    rewound.push({
      topic,
      partition,
      from: committed === null ? null : String(committed),
      to: String(to),
      records: String(end - to),
      oldest_ms: to < end ? await timeAt(broker, { topic, partition, offset: to }) : null,
    })
  }
  return rewound
}
