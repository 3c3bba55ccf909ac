import type { Delivery, OpenDelivery, RangeIdentity } from '../../core/component.ts'
import type { TopicDefinition } from '../../schemas/topics.ts'
import type { Broker, OutgoingRecord } from './broker.ts'

export interface TopicDeliveryOptions<Item> {
  readonly broker: Pick<Broker, 'produce'>
  readonly topic: TopicDefinition
  /** What the item says on this topic; [] where that is nothing. */
  readonly encode: (item: Item, identity: RangeIdentity) => readonly OutgoingRecord[]
  readonly counter: { inc(labels: { component: string; to: string }, value: number): void }
}

interface Batch {
  readonly records: readonly OutgoingRecord[]
  sent: Promise<boolean>
}

/**
 * A topic as one end of a pipeline. Records leave at micro-batch borders; a range is delivered when all are durable. A
 * repeated range repeats its records: topics are at-least-once with stable ids.
 */
export function createTopicDelivery<Item>(options: TopicDeliveryOptions<Item>): Delivery<Item> {
  const { broker, topic, encode, counter } = options

  async function produce(records: readonly OutgoingRecord[]): Promise<void> {
    await broker.produce(topic.name, records)
    counter.inc({ component: 'topic', to: topic.name }, records.length)
  }

  function open(identity: RangeIdentity): OpenDelivery<Item> {
    const batches: Batch[] = []
    let pending: OutgoingRecord[] = []

    function advance(): void {
      if (pending.length === 0) return
      const records = pending
      pending = []
      batches.push({
        records,
        sent: produce(records).then(
          () => true,
          () => false,
        ),
      })
    }

    return {
      add(item) {
        for (const record of encode(item, identity)) pending.push(record)
      },
      advance,
      async deliver() {
        advance()
        for (const batch of batches) {
          if (await batch.sent) continue
          await produce(batch.records)
          batch.sent = Promise.resolve(true)
        }
      },
    }
  }

  return { name: topic.name, open }
}
