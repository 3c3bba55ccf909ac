import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import type { LogRecord } from '../broker.ts'
import { type FileSystem, nodeFileSystem } from './file-system.ts'
import { createTopicEnds } from './published-ends.ts'
import { decodeRecord, FIXED_BYTES, isIntact, recordBytes, recordOffset } from './record-format.ts'
import { listSegments, segmentPath } from './segment-files.ts'
import { partitionDirectory } from './topic.ts'

/** A stretch of acknowledged offsets of which nothing whole is left. */
export interface DamagedOffsets {
  readonly start: bigint
  /** Exclusive. */
  readonly end: bigint
  readonly file: string
  /** What stands there instead. */
  readonly bytes: Buffer
}

export type Salvaged = { readonly record: LogRecord } | { readonly damaged: DamagedOffsets }

export interface SalvageOptions {
  /** The log's. */
  readonly directory: string
  readonly topic: string
  readonly partition: number
  readonly partitions: number
  readonly from: bigint
  /** Exclusive. */
  readonly to: bigint
  readonly clock: Clock
  readonly fileSystem?: FileSystem
}

/**
 * What is left of acknowledged records in [from, to), in order: each whole record, also behind damage that hides where
 * the next one begins, and each stretch that is gone. Looks at every byte, one segment in memory at a time; for when
 * reading says LOG_CORRUPT.
 */
export async function* salvage(options: SalvageOptions): AsyncGenerator<Salvaged> {
  const { topic, partition, partitions, clock, fileSystem = nodeFileSystem } = options
  const path = join(options.directory, topic, 'ends')
  const ends = createTopicEnds({ path, partitions, mode: 'read', fileSystem, clock })
  const { end, base: activeBase, size } = ends.get(partition)
  ends.close()
  const directory = partitionDirectory(options, topic, partition)
  const bases = await listSegments(fileSystem, directory)
  const [from, to] = [Number(options.from), Math.min(Number(options.to), end)]
  for (const [index, base] of bases.entries()) {
    const segmentEnd = Math.min(bases[index + 1] ?? end, end)
    if (segmentEnd <= from || base >= to) continue
    const file = segmentPath(directory, base)
    const content = await load(fileSystem, file, base === activeBase ? size : Number.POSITIVE_INFINITY)
    yield* salvageSegment(content, { file, base, end: segmentEnd, from, to, topic, partition })
  }
}

async function load(fileSystem: FileSystem, path: string, limit: number): Promise<Buffer> {
  const file = await fileSystem.open(path, 'read')
  try {
    const bytes = Buffer.allocUnsafe(Math.min(await file.size(), limit))
    return bytes.subarray(0, await file.read(bytes, 0))
  } finally {
    await file.close()
  }
}

interface SegmentPlace {
  readonly file: string
  readonly base: number
  /** Where the next segment begins. */
  readonly end: number
  readonly from: number
  readonly to: number
  readonly topic: string
  readonly partition: number
}

function* salvageSegment(content: Buffer, place: SegmentPlace): Generator<Salvaged> {
  const { file, from, to } = place
  const gap = (start: number, end: number, bytes: Buffer): Salvaged[] => {
    const first = Math.max(start, from)
    const last = Math.min(end, to)
    return first < last ? [{ damaged: { start: BigInt(first), end: BigInt(last), file, bytes } }] : []
  }
  let expected = place.base
  let position = 0
  while (expected < place.end) {
    const found = nextWhole(content, position, { expected, end: place.end })
    const offset = found === null ? place.end : recordOffset(content, found)
    if (offset > expected) yield* gap(expected, offset, content.subarray(position, found ?? content.length))
    if (found === null) return
    if (offset >= from && offset < to) yield { record: decodeRecord(content, found, place) }
    expected = offset + 1
    position = found + recordBytes(content, found)
  }
}

/** Where the next whole record with an offset in [expected, end) begins. */
function nextWhole(content: Buffer, from: number, range: { expected: number; end: number }): number | null {
  for (let at = from; at + FIXED_BYTES <= content.length; at += 1) {
    const offset = recordOffset(content, at)
    if (offset >= range.expected && offset < range.end && isIntact(content, at, recordBytes(content, at))) return at
  }
  return null
}
