import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { createHealthState, type HealthState } from './broker-health.ts'
import { compact } from './compaction.ts'
import type { FileSystem } from './file-system.ts'
import { COMMITS, createOffsetCommits, type OffsetCommits } from './offset-commits.ts'
import type { PartitionLog } from './partition-log.ts'
import { createRetention, type Retention } from './retention.ts'
import { partitionDirectory, type TopicContext } from './topic.ts'
import { openTopics, type Topics } from './topics.ts'

export interface LogSettings {
  readonly directory: string
  readonly writes: readonly string[] | 'all'
  readonly clock: Clock
  readonly fileSystem: FileSystem
  readonly retention_ms: number
  readonly retention_bytes: number
  readonly segment_bytes: number
  readonly max_group_bytes: number
  readonly max_waiting_bytes: number
  on_fatal(error: CodedError): void
}

/** A directory of topics with what goes on behind them: deleting old segments, compacting, stopping on a failure. */
export interface LogDirectory {
  readonly topics: Topics
  readonly commits: OffsetCommits
  readonly retention: Retention
  readonly health: HealthState
  /** Bytes of all topics this process writes. */
  bytes(): number
  close(): Promise<void>
}

const SWEEP_INTERVAL_MS = 60_000

export async function openLogDirectory(settings: LogSettings): Promise<LogDirectory> {
  const { directory, fileSystem } = settings
  let bytes = 0
  const health = createHealthState((error) => {
    settings.on_fatal(error)
    for (const topic of topics.opened()) topic.ends.wakeAll()
  })
  const compactor = createCompactor(settings, health)
  const context: TopicContext = {
    ...settings,
    onBytes(change) {
      bytes += change
    },
    onRoll(log, { cleanup }) {
      if (cleanup === 'compact') compactor.compactLater(log)
    },
    onFatal: (error) => health.fail(error, 'Writing'),
  }
  const topics = await openTopics(context, settings.writes)
  const commits = createOffsetCommits(() => topics.find(COMMITS))
  const retention = createRetention({
    ...settings,
    bytes: () => bytes,
    logs: () => topics.opened().flatMap((topic) => (topic.cleanup === 'delete' ? (topic.logs ?? []) : [])),
    refreshCommits: commits.refresh,
    slowest: commits.slowest,
    onFailure: (error) => health.fail(error, 'Deleting old segments'),
    syncDirectory: (log) => fileSystem.syncDirectory(partitionDirectory({ directory }, log.topic, log.partition)),
  })
  const stopping = new AbortController()
  if (settings.writes.length > 0) void sweepNowAndThen()

  async function sweepNowAndThen(): Promise<void> {
    while (!health.isFailed()) {
      await settings.clock.sleep(SWEEP_INTERVAL_MS, stopping.signal).catch(() => {})
      if (stopping.signal.aborted) return
      await retention.sweep().catch(() => {})
    }
  }

  return {
    topics,
    commits,
    retention,
    health,
    bytes: () => bytes,
    async close() {
      health.close()
      stopping.abort()
      await retention.settled()
      await compactor.settled()
      await topics.close()
    },
  }
}

/** Compacts one partition after the other, so that one segment is in memory at a time. */
function createCompactor({ directory, fileSystem }: LogSettings, health: HealthState) {
  let last: Promise<unknown> = Promise.resolve()
  return {
    compactLater(log: PartitionLog): void {
      const path = partitionDirectory({ directory }, log.topic, log.partition)
      last = last
        .then(() => compact(fileSystem, path, log))
        .catch((error: unknown) => {
          // Without room for the new segment the old one stays, until the next roll.
          if (error instanceof CodedError && error.code === 'LOG_WRITE_FAILED') return
          health.fail(error, 'Compacting a segment')
        })
    },
    settled: () => last,
  }
}
