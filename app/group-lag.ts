import type { Broker, GroupCommit } from '../adapters/broker/broker.ts'
import { CodedError } from '../core/errors.ts'

/** [] for a topic that is not there any more, or not yet. */
export async function lagOf(broker: Broker, { group, topic }: Pick<GroupCommit, 'group' | 'topic'>) {
  try {
    return await broker.lag(group, topic)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'TOPIC_UNKNOWN') return []
    throw error
  }
}
