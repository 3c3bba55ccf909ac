import type { ChainVersion, Delivery, OpenDelivery, Range, Reject, SourceRecord } from './component.ts'
import { poisonOf } from './poison.ts'

/** Records that a pipeline has read and not delivered yet, and what all ends have made of them. */
export interface OpenRange<Item> {
  readonly version: ChainVersion<Item>
  readonly start: bigint
  /** On the monotonic clock. */
  readonly opened_at: number
  readonly deliveries: readonly OpenDelivery<Item>[]
  readonly witness: OpenDelivery<Item>
  /** Dead letters on their way. */
  readonly letters: Promise<void>[]
  end: bigint
  bytes: number
  records: number
  items: number
  rejects: number
  first_append_time: number
  last_append_time: number
}

export interface OpenRangeOptions<Item> {
  readonly version: ChainVersion<Item>
  readonly deliveries: readonly Delivery<Item>[]
  readonly witness: Delivery<Item>
  readonly opened_at: number
}

/** A range that begins with this record; the record itself is not in it yet. */
export function openRange<Item>(record: SourceRecord, options: OpenRangeOptions<Item>): OpenRange<Item> {
  const { version, deliveries, witness, opened_at } = options
  const { identity } = version
  return {
    version,
    start: record.offset,
    end: record.offset,
    opened_at,
    deliveries: deliveries.map((delivery) => delivery.open(identity)),
    witness: witness.open(identity),
    letters: [],
    bytes: 0,
    records: 0,
    items: 0,
    rejects: 0,
    first_append_time: record.timestamp_ms,
    last_append_time: record.timestamp_ms,
  }
}

/**
 * Puts what the record gives into the range, item by item: one that cannot be written costs no other. Returns what goes to
 * dead_letters, the whole record among it where something threw, which `onPoison` is told.
 */
export function takeInto<Item>(
  range: OpenRange<Item>,
  record: SourceRecord,
  onPoison: (error: unknown, poisoned: number) => void,
): readonly Reject[] {
  range.end = record.offset + 1n
  range.records++
  range.bytes += record.value?.length ?? 0
  range.last_append_time = record.timestamp_ms
  const { chain } = range.version
  let poison: unknown
  let poisoned = 0
  const attempt = <Result>(work: () => Result): Result | undefined => {
    try {
      return work()
    } catch (error) {
      poison = error
      poisoned++
      return undefined
    }
  }
  const processed = attempt(() => chain.process(record))
  for (const item of processed?.items ?? []) attempt(() => addItem(range, item, record))
  const refused = processed?.rejects ?? []
  if (poisoned > 0) onPoison(poison, poisoned)
  const rejects = poisoned > 0 ? [...refused, poisonOf(chain.name, poison, record)] : refused
  range.rejects += rejects.length
  return rejects
}

function addItem<Item>(range: OpenRange<Item>, item: Item, record: SourceRecord): void {
  for (const delivery of range.deliveries) delivery.add(item, record)
  range.witness.add(item, record)
  range.items++
}

/** What is said of a range once it is closed. */
export function rangeOf(closed: OpenRange<unknown>, where: { topic: string; partition: number }): Range {
  const { start, end, first_append_time, last_append_time, records, items, rejects } = closed
  return {
    ...where,
    ...closed.version.identity,
    start,
    end,
    first_append_time,
    last_append_time,
    records,
    items,
    rejects,
  }
}
