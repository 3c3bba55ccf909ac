import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { CodedError } from '../../../core/errors.ts'
import { type FileSystem, isMissing, nodeFileSystem } from './file-system.ts'
import { createTopicEnds } from './published-ends.ts'
import { segmentPath } from './segment-files.ts'
import { partitionDirectory, readTopicShape } from './topic.ts'

export interface MissingEndOptions {
  /** The log's. */
  readonly directory: string
  readonly topic: string
  readonly partition: number
  readonly clock: Clock
  readonly fileSystem?: FileSystem
}

/**
 * Where a partition goes on whose last acknowledged bytes are gone, so that no writer opens it (LOG_CORRUPT); null where
 * nothing is missing at its end.
 */
export async function missingEnd(options: MissingEndOptions): Promise<bigint | null> {
  const { topic, partition, clock, fileSystem = nodeFileSystem } = options
  const shape = await readTopicShape({ directory: options.directory, fileSystem }, topic)
  if (shape === null || partition >= shape.partitions) {
    throw new CodedError('TOPIC_UNKNOWN', `There is no partition ${topic}/${partition}.`)
  }
  const path = join(options.directory, topic, 'ends')
  const ends = createTopicEnds({ path, partitions: shape.partitions, mode: 'read', fileSystem, clock })
  const { base, end, size } = ends.get(partition)
  ends.close()
  if (end === 0) return null
  const directory = partitionDirectory(options, topic, partition)
  const bytes = await sizeOf(fileSystem, segmentPath(directory, base))
  const isGivenUp = (await sizeOf(fileSystem, segmentPath(directory, end))) !== null
  return (bytes ?? -1) >= size || isGivenUp ? null : BigInt(end)
}

/**
 * Lets a writer open such a partition again: it goes on in a new segment, behind all offsets that were acknowledged.
 * What is missing is found when it is read. The caller holds the data directory.
 */
export async function giveUpMissingEnd(options: MissingEndOptions & { readonly end: bigint }): Promise<void> {
  const { topic, partition, end, fileSystem = nodeFileSystem } = options
  const directory = partitionDirectory(options, topic, partition)
  await fileSystem.makeDirectory(directory)
  const file = await fileSystem.open(segmentPath(directory, Number(end)), 'create')
  await file.close()
  await fileSystem.syncDirectory(directory)
}

async function sizeOf(fileSystem: FileSystem, path: string): Promise<number | null> {
  try {
    return await fileSystem.size(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
