import type { TopicDefinition } from '../../schemas/topics.ts'
import type { AssignedPartition, Broker, LogRecord, OutgoingRecord } from './broker.ts'

/** What a contract test works with; every topic and group is new. */
export interface BrokerBench {
  /** Opens the log; closes the broker that was open. */
  reopen(): Promise<Broker>
  newTopic(broker: Broker, shape?: Partial<TopicDefinition>): Promise<string>
  newGroup(): string
}

const WAIT_MS = 15_000

export function aRecord(value: string | Buffer | null, parts: Partial<OutgoingRecord> = {}): OutgoingRecord {
  return { key: null, headers: {}, value: typeof value === 'string' ? Buffer.from(value) : value, ...parts }
}

export function texts(records: readonly LogRecord[]): (string | null)[] {
  return records.map((record) => record.value?.toString() ?? null)
}

/** Everything on a partition from `start` on, however many fetches it takes. */
export async function fetchAll(broker: Broker, topic: string, partition = 0, start?: bigint): Promise<LogRecord[]> {
  const place = (await broker.offsets(topic)).find((offsets) => offsets.partition === partition)!
  const records: LogRecord[] = []
  for (let next = start ?? place.start; next < place.end; ) {
    const fetched = await broker.fetch(topic, partition, next, { max_bytes: 1 << 20 })
    if (fetched.length === 0) break
    records.push(...fetched)
    next = fetched.at(-1)!.offset + 1n
  }
  return records
}

/** Polls until `count` records came or the wait is over. */
export async function pollFor(partition: AssignedPartition, count: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (const until = performance.now() + WAIT_MS; records.length < count && performance.now() < until; ) {
    records.push(...(await partition.poll({ max_bytes: 1 << 20, max_wait_ms: 500 })))
  }
  return records
}
