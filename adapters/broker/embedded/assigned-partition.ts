import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { AssignedPartition, Commit, LogRecord, PollOptions } from '../broker.ts'
import type { Topic } from './topic.ts'

export interface OwnedPartition {
  readonly handle: AssignedPartition
  /** From here on polls reject and commits still work. */
  beginRevoke(): void
  /** From here on commits reject too; resolves when those under way are done. */
  fence(): Promise<void>
}

export interface OwnedPartitionOptions {
  readonly topic: Topic
  readonly partition: number
  readonly group: string
  readonly committed: Commit | null
  readonly clock: Clock
  /** Throws when the broker is closed or failed. */
  guard(): void
  write(commit: Commit): Promise<void>
}

/** Read ahead by at least this much; what a poll does not take is kept for the next. */
const READ_BYTES = 1 << 20
/**
 * After a loss of power the file of ends may say less than was durable, until the topic's writer has started: a commit
 * that lies beyond it is waited for.
 */
const LATE_END_MS = 60_000

export function createOwnedPartition(options: OwnedPartitionOptions): OwnedPartition {
  const { topic, partition, group, committed, clock, guard } = options
  const reader = topic.readers[partition]!
  /** null: the start of the log, found at the first poll. */
  let position: number | null = committed === null ? null : Number(committed.offset)
  const resumed = { position, until: clock.monotonic() + LATE_END_MS }
  let ahead: readonly LogRecord[] = []
  let taken = 0
  let seeks = 0
  let state: 'owned' | 'revoking' | 'fenced' = 'owned'
  const commits = new Set<Promise<void>>()
  let polls: Promise<unknown> = Promise.resolve()

  function fencedError(): CodedError {
    return new CodedError(
      'PARTITION_FENCED',
      `${topic.name}/${partition} is no longer owned by this member of ${group}.`,
    )
  }

  function check(): void {
    guard()
    if (state !== 'owned') throw fencedError()
  }

  async function fill(bytes: number): Promise<void> {
    const seek = seeks
    const from = position ?? (await reader.start())
    if (from === resumed.position && topic.ends.get(partition).end < from && clock.monotonic() < resumed.until) return
    const { records, next } = await reader.read(from, Number.POSITIVE_INFINITY, Math.max(bytes, READ_BYTES))
    // A seek meanwhile: what was read is not what is wanted now.
    if (seek !== seeks) return
    ahead = records
    taken = 0
    position = next
  }

  function take(bytes: number): LogRecord[] {
    const records: LogRecord[] = []
    for (let sum = 0; taken < ahead.length; taken += 1) {
      const record = ahead[taken]!
      sum += (record.value?.length ?? 0) + (record.key?.length ?? 0)
      if (sum > bytes && records.length > 0) break
      records.push(record)
    }
    if (taken === ahead.length) ahead = []
    return records
  }

  async function poll({ max_bytes, max_wait_ms }: PollOptions): Promise<readonly LogRecord[]> {
    const deadline = clock.monotonic() + max_wait_ms
    for (;;) {
      check()
      if (ahead.length === 0) await fill(max_bytes)
      check()
      if (ahead.length > 0) return take(max_bytes)
      const ms = deadline - clock.monotonic()
      if (ms <= 0) return []
      if (position !== null) await topic.ends.wait(partition, { beyond: position, ms })
    }
  }

  const handle: AssignedPartition = {
    topic: topic.name,
    partition,
    committed,
    poll(pollOptions) {
      const result = polls.then(() => poll(pollOptions))
      polls = result.catch(() => {})
      return result
    },
    seek(offset) {
      seeks += 1
      position = Number(offset)
      ahead = []
      topic.ends.wake(partition)
    },
    async commit(commit) {
      guard()
      if (state === 'fenced') throw fencedError()
      const writing = options.write(commit)
      commits.add(writing)
      try {
        await writing
      } finally {
        commits.delete(writing)
      }
    },
  }

  return {
    handle,
    beginRevoke() {
      state = 'revoking'
      topic.ends.wake(partition)
    },
    async fence() {
      state = 'fenced'
      ahead = []
      await Promise.allSettled(commits)
    },
  }
}
