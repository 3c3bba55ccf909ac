import { join } from 'node:path'
import { CodedError } from '../../../core/errors.ts'
import type { FileSystem, LogFile } from './file-system.ts'
import type { PublishedEnd } from './published-ends.ts'
import { FIXED_BYTES, isIntact, recordBytes, recordOffset, recordTimestamp } from './record-format.ts'
import { corruption, listSegments, segmentPath } from './segment-files.ts'

export interface Segment {
  readonly base: number
  readonly bytes: number
  /** Append time of its first record, 0 when it has none. */
  readonly first_timestamp_ms: number
}

export interface RecoveredPartition {
  /** Complete segments, oldest first. */
  readonly closed: Segment[]
  /** The segment to append to, null on an empty partition. */
  readonly active: { readonly segment: Segment; readonly file: LogFile } | null
  readonly end: number
  readonly timestamp_ms: number
}

const CHUNK_BYTES = 1 << 20

/**
 * Opens a partition for writing. What the last process published as durable must be there (LOG_CORRUPT otherwise, and
 * nothing is changed); what follows it is kept as far as it is whole, and the torn rest is cut off.
 */
export async function recoverPartition(
  fileSystem: FileSystem,
  directory: string,
  published: PublishedEnd | null,
): Promise<RecoveredPartition> {
  for (const name of await fileSystem.list(directory)) {
    if (name.endsWith('.tmp')) await fileSystem.remove(join(directory, name))
  }
  const bases = await listSegments(fileSystem, directory)
  const last = bases.at(-1)
  if (last === undefined || last < (published?.base ?? 0)) {
    if ((published?.end ?? 0) === 0) return { closed: [], active: null, end: 0, timestamp_ms: 0 }
    throw corruption(segmentPath(directory, published!.base), 0, 'An acknowledged segment is missing')
  }
  // Its process may have died, or its flush failed, between making the last segment and making its name durable.
  await fileSystem.syncDirectory(directory)
  const closed: Segment[] = []
  for (const base of bases.slice(0, -1)) closed.push(await describe(fileSystem, directory, base))
  const { file, ...tail } = await recoverTail(fileSystem, segmentPath(directory, last), { base: last, published })
  const timestamp_ms = tail.timestamp_ms || (await lastTimestamp(fileSystem, directory, { closed, published }))
  const segment = { base: last, bytes: tail.position, first_timestamp_ms: await firstTimestamp(file, tail.position) }
  return { closed, active: { segment, file }, end: tail.offset, timestamp_ms }
}

interface Tail {
  readonly position: number
  readonly offset: number
  /** 0: no record seen. */
  readonly timestamp_ms: number
}

async function recoverTail(
  fileSystem: FileSystem,
  path: string,
  { base, published }: { base: number; published: PublishedEnd | null },
): Promise<Tail & { file: LogFile }> {
  const file = await fileSystem.open(path, 'write')
  const size = await file.size()
  const known =
    published?.base === base
      ? { position: published.size, offset: published.end, timestamp_ms: published.timestamp_ms }
      : { position: 0, offset: base, timestamp_ms: 0 }
  if (size < known.position) {
    await file.close()
    throw corruption(path, size, 'Acknowledged records are missing')
  }
  const tail = await scanTail(file, size, known)
  if (tail.offset < (published?.end ?? 0)) {
    await file.close()
    throw corruption(path, tail.position, 'Acknowledged records are missing')
  }
  if (size > tail.position) await file.truncate(tail.position)
  if (size > known.position) {
    await writeAgain(file, known.position, tail.position)
    await file.datasync()
  }
  return { ...tail, file }
}

/**
 * Puts bytes in the page cache down as new. After a flush that failed the kernel calls what it could not write clean, and
 * the next flush would succeed without it: the loss would show after the next loss of power.
 */
async function writeAgain(file: LogFile, from: number, to: number): Promise<void> {
  for (let position = from; position < to; ) {
    const chunk = Buffer.alloc(Math.min(to - position, CHUNK_BYTES))
    await file.read(chunk, position)
    const written = await file.write([chunk], position)
    if (written !== chunk.length)
      throw new CodedError('LOG_WRITE_FAILED', `Only ${written} of ${chunk.length} recovered bytes were taken.`)
    position += written
  }
}

/** Follows whole records with consecutive offsets as far as they go. */
async function scanTail(file: LogFile, size: number, from: Tail): Promise<Tail> {
  let { position, offset, timestamp_ms } = from
  let chunk = Buffer.alloc(0)
  let start = position
  while (position < size) {
    const at = position - start
    const bytes = at + 4 <= chunk.length ? recordBytes(chunk, at) : FIXED_BYTES
    if (at + bytes > chunk.length) {
      if (position + bytes > size) break
      if (at === 0 && chunk.length >= bytes) break
      chunk = Buffer.alloc(Math.min(size - position, Math.max(bytes, CHUNK_BYTES)))
      start = position
      await file.read(chunk, start)
      continue
    }
    if (!isIntact(chunk, at, bytes) || recordOffset(chunk, at) !== offset) break
    timestamp_ms = recordTimestamp(chunk, at)
    offset += 1
    position += bytes
  }
  return { position, offset, timestamp_ms }
}

async function describe(fileSystem: FileSystem, directory: string, base: number): Promise<Segment> {
  const file = await fileSystem.open(segmentPath(directory, base), 'read')
  try {
    const bytes = await file.size()
    return { base, bytes, first_timestamp_ms: await firstTimestamp(file, bytes) }
  } finally {
    await file.close()
  }
}

async function firstTimestamp(file: LogFile, size: number): Promise<number> {
  if (size < FIXED_BYTES) return 0
  const start = Buffer.alloc(FIXED_BYTES)
  await file.read(start, 0)
  return recordTimestamp(start, 0)
}

/** For an active segment without records: times must not fall behind what the segments before it say. */
async function lastTimestamp(
  fileSystem: FileSystem,
  directory: string,
  { closed, published }: { closed: readonly Segment[]; published: PublishedEnd | null },
): Promise<number> {
  const last = closed.at(-1)
  if (published !== null || last === undefined) return published?.timestamp_ms ?? 0
  const file = await fileSystem.open(segmentPath(directory, last.base), 'read')
  try {
    const tail = await scanTail(file, last.bytes, { position: 0, offset: last.base, timestamp_ms: 0 })
    return tail.timestamp_ms
  } finally {
    await file.close()
  }
}
