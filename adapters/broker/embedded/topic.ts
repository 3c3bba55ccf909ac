import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import type { TopicDefinition } from '../../../schemas/topics.ts'
import type { FileSystem } from './file-system.ts'
import { openPartitionLog, type PartitionLog } from './partition-log.ts'
import { createPartitionReader, type PartitionReader } from './partition-reader.ts'
import { createTopicEnds, type TopicEnds } from './published-ends.ts'

/** What is fixed when a topic is created, kept in `topic.json`. Its presence says that the topic is complete. */
export type TopicShape = Pick<TopicDefinition, 'partitions' | 'cleanup'>

export interface Topic extends TopicShape {
  readonly name: string
  readonly ends: TopicEnds
  readonly readers: readonly PartitionReader[]
  /** null where another process writes. */
  readonly logs: readonly PartitionLog[] | null
  close(): Promise<void>
}

export interface TopicContext {
  readonly directory: string
  readonly segment_bytes: number
  readonly max_group_bytes: number
  readonly max_waiting_bytes: number
  readonly fileSystem: FileSystem
  readonly clock: Clock
  onBytes(change: number): void
  /** A segment of `log` was closed. */
  onRoll(log: PartitionLog, shape: TopicShape): void
  onFatal(error: CodedError): void
}

/** Compacted topics are read as a whole at every start, and shrink only when a segment closes. */
const COMPACTED_SEGMENT_BYTES = 4 << 20
const TOPIC_FILE = 'topic.json'

/** null when the topic is not there yet. */
export async function readTopicShape(
  context: Pick<TopicContext, 'directory' | 'fileSystem'>,
  name: string,
): Promise<TopicShape | null> {
  const path = join(context.directory, name, TOPIC_FILE)
  const text = await context.fileSystem.readText(path)
  if (text === null) return null
  try {
    const { partitions, cleanup } = JSON.parse(text) as TopicShape
    if (Number.isInteger(partitions) && partitions > 0 && (cleanup === 'delete' || cleanup === 'compact')) {
      return { partitions, cleanup }
    }
  } catch {}
  throw new CodedError('LOG_CORRUPT', `${path} does not describe a topic.`)
}

/** Creates what is missing and recovers what is there; the caller holds the write lock. An existing topic keeps its shape. */
export async function openTopicForWriting(
  context: TopicContext,
  name: string,
  wanted: TopicShape | null,
): Promise<Topic | null> {
  const existing = await readTopicShape(context, name)
  const shape = existing ?? wanted
  if (shape === null) return null
  const directory = join(context.directory, name)
  const opened: { close(): unknown }[] = []
  try {
    if (existing === null) await createTopic(context, directory, shape)
    // Whoever made it may have died before its names were durable.
    else await context.fileSystem.syncDirectory(directory)
    const ends = openEnds(context, { name, shape, mode: 'write' })
    opened.push(ends)
    const logs: PartitionLog[] = []
    for (let partition = 0; partition < shape.partitions; partition += 1) {
      const log: PartitionLog = await openPartitionLog({
        ...context,
        topic: name,
        partition,
        directory: partitionDirectory(context, name, partition),
        segment_bytes:
          shape.cleanup === 'compact'
            ? Math.min(context.segment_bytes, COMPACTED_SEGMENT_BYTES)
            : context.segment_bytes,
        ends,
        onRoll: () => context.onRoll(log, shape),
      })
      logs.push(log)
      opened.push(log)
    }
    return assemble(context, { name, shape, ends, logs })
  } catch (error) {
    for (const resource of opened.reverse()) await resource.close()
    throw error
  }
}

export function openTopicForReading(context: TopicContext, name: string, shape: TopicShape): Topic {
  const ends = openEnds(context, { name, shape, mode: 'read' })
  return assemble(context, { name, shape, ends, logs: null })
}

export function partitionDirectory(context: Pick<TopicContext, 'directory'>, name: string, partition: number): string {
  return join(context.directory, name, String(partition))
}

function openEnds(
  { directory, fileSystem, clock }: TopicContext,
  { name, shape, mode }: { name: string; shape: TopicShape; mode: 'read' | 'write' },
): TopicEnds {
  const path = join(directory, name, 'ends')
  return createTopicEnds({ path, partitions: shape.partitions, mode, fileSystem, clock })
}

async function createTopic(context: TopicContext, directory: string, shape: TopicShape): Promise<void> {
  const { fileSystem } = context
  for (let partition = 0; partition < shape.partitions; partition += 1) {
    await fileSystem.makeDirectory(join(directory, String(partition)))
  }
  await fileSystem.syncDirectory(context.directory)
  await fileSystem.writeText(join(directory, TOPIC_FILE), `${JSON.stringify(shape)}\n`)
}

function assemble(
  context: TopicContext,
  parts: { name: string; shape: TopicShape; ends: TopicEnds; logs: readonly PartitionLog[] | null },
): Topic {
  const { name, shape, ends, logs } = parts
  const readers = Array.from({ length: shape.partitions }, (_, partition) =>
    createPartitionReader({
      directory: partitionDirectory(context, name, partition),
      topic: name,
      partition,
      compacted: shape.cleanup === 'compact',
      fileSystem: context.fileSystem,
      ends,
    }),
  )
  return {
    name,
    partitions: shape.partitions,
    cleanup: shape.cleanup,
    ends,
    readers,
    logs,
    async close() {
      for (const log of logs ?? []) await log.close()
      for (const reader of readers) reader.close()
      ends.close()
    },
  }
}
