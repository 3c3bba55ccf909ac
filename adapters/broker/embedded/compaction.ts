import { CodedError } from '../../../core/errors.ts'
import type { FileSystem, LogFile } from './file-system.ts'
import type { PartitionLog } from './partition-log.ts'
import { isIntact, recordBytes, recordOffset } from './record-format.ts'
import type { Segment } from './recovery.ts'
import { corruption, segmentPath } from './segment-files.ts'

const KEY_BYTES_AT = 24
const VALUE_BYTES_AT = 28
const KEY_AT = 36

/**
 * Rewrites the closed segments of a compacted topic, oldest first and each in its own file, keeping the last record of
 * every key. A tombstone stays until the roll after it was closed, so that a consumer just behind sees it. A crash in
 * between leaves a mixture of old and new segments, which reads the same.
 */
export async function compact(fileSystem: FileSystem, directory: string, log: PartitionLog): Promise<void> {
  const segments = [...log.closed]
  const last = new Map<string, number>()
  for (const segment of segments) {
    for (const record of records(await load(fileSystem, directory, segment))) last.set(record.key, record.offset)
  }
  for (const segment of segments) {
    const mayHoldTombstones = segment === segments.at(-1)
    const content = await load(fileSystem, directory, segment)
    const kept: Buffer[] = []
    for (const { key, offset, isTombstone, bytes } of records(content)) {
      if (last.get(key) === offset && (!isTombstone || mayHoldTombstones)) kept.push(bytes)
    }
    const size = kept.reduce((sum, bytes) => sum + bytes.length, 0)
    if (size === segment.bytes) continue
    if (size > 0) await replace(fileSystem, content.path, { kept, size })
    await log.shrink(segment.base, size)
  }
  await fileSystem.syncDirectory(directory)
}

interface Content {
  readonly path: string
  readonly bytes: Buffer
}

/** Compacted topics have small segments: one is held in memory at a time. */
async function load(fileSystem: FileSystem, directory: string, segment: Segment): Promise<Content> {
  const path = segmentPath(directory, segment.base)
  const file = await fileSystem.open(path, 'read')
  try {
    const bytes = Buffer.allocUnsafe(segment.bytes)
    if ((await file.read(bytes, 0)) < segment.bytes) throw corruption(path, segment.bytes, 'The end is missing')
    return { path, bytes }
  } finally {
    await file.close()
  }
}

function* records({ path, bytes }: Content) {
  for (let at = 0; at < bytes.length; ) {
    const size = recordBytes(bytes, at)
    if (!isIntact(bytes, at, size)) throw corruption(path, at, 'A record is damaged')
    const keyBytes = bytes.readInt32LE(at + KEY_BYTES_AT)
    yield {
      key: bytes.toString('latin1', at + KEY_AT, at + KEY_AT + keyBytes),
      offset: recordOffset(bytes, at),
      isTombstone: bytes.readInt32LE(at + VALUE_BYTES_AT) < 0,
      bytes: bytes.subarray(at, at + size),
    }
    at += size
  }
}

async function replace(
  fileSystem: FileSystem,
  path: string,
  { kept, size }: { kept: readonly Buffer[]; size: number },
): Promise<void> {
  const next = `${path}.tmp`
  const file: LogFile = await fileSystem.open(next, 'create')
  try {
    const written = await file.write(kept, 0)
    if (written !== size) throw new CodedError('LOG_WRITE_FAILED', `${next} took ${written} of ${size} bytes.`)
    await file.datasync().catch((cause: unknown) => {
      throw new CodedError('BROKER_FAILED', `Flushing ${next} failed; the log of this process stops.`, { cause })
    })
  } catch (error) {
    await fileSystem.remove(next)
    throw error
  } finally {
    await file.close()
  }
  await fileSystem.rename(next, path)
}
