import { COMMITS } from '../../adapters/broker/embedded/offset-commits.ts'
import { DEAD_LETTERS, INGEST_TOPICS, OTLP_LOGS, OTLP_SPANS, REPLAYS } from '../../schemas/topics.ts'
import type { Role } from '../processes/role.ts'

/** What an operation writes on the log; the others only read. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  dead_letters_replay: [OTLP_SPANS.name, OTLP_LOGS.name, REPLAYS.name],
  group_drop: [COMMITS],
  group_rewind: [COMMITS],
  records_skip: [...INGEST_TOPICS.map(({ name }) => name), DEAD_LETTERS.name, COMMITS],
}

export function writesOf(operation: string): readonly string[] {
  return WRITES[operation] ?? []
}

/** Which process of a running instance serves it: `ingest` alone may write what the collectors write. */
export function roleOf(operation: string): Role {
  return operation === 'dead_letters_replay' ? 'ingest' : 'process'
}
