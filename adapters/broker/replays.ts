import { CodedError } from '../../core/errors.ts'
import { REPLAYS } from '../../schemas/topics.ts'
import type { Broker, OutgoingRecord, PartitionOffsets } from './broker.ts'

/** A record of topic `replays`: the letter lies on `topic` again, its times moved by `shift_ms`. */
export interface Replay {
  readonly dead_letter_id: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly shift_ms: number
}

export function replayRecord(replay: Replay): OutgoingRecord {
  return { key: null, value: Buffer.from(JSON.stringify(replay)), headers: {} }
}

const SCAN_BYTES = 4 << 20

/** The last replay of each of these letters, as far as retention keeps it. */
export async function findReplays(broker: Broker, ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Replay>> {
  const found = new Map<string, Replay>()
  if (ids.size === 0) return found
  for (const { partition, start, end } of await broker.offsets(REPLAYS.name).catch(noneYet)) {
    for (let next = start; next < end; ) {
      const records = await broker.fetch(REPLAYS.name, partition, next, { end, max_bytes: SCAN_BYTES })
      if (records.length === 0) break
      for (const { value } of records) {
        const replay = JSON.parse(String(value)) as Replay
        if (ids.has(replay.dead_letter_id)) found.set(replay.dead_letter_id, replay)
      }
      next = records.at(-1)!.offset + 1n
    }
  }
  return found
}

/** A log of an earlier release has no such topic until a process of this one has run. */
function noneYet(error: unknown): readonly PartitionOffsets[] {
  if (error instanceof CodedError && error.code === 'TOPIC_UNKNOWN') return []
  throw error
}
