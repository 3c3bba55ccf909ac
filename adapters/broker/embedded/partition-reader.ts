import { CodedError } from '../../../core/errors.ts'
import type { LogRecord } from '../broker.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import { createOpenSegments, type OpenSegment } from './open-segments.ts'
import type { PublishedEnd, TopicEnds } from './published-ends.ts'
import { decodeRecord, FIXED_BYTES, isIntact, recordBytes, recordOffset } from './record-format.ts'
import { corruption, listSegments } from './segment-files.ts'

const CHUNK_BYTES = 1 << 20
/** A segment found in the listing may be deleted before it is opened; twice in a row is something else. */
const OPEN_ATTEMPTS = 3

export interface ReadResult {
  readonly records: readonly LogRecord[]
  /** Where to go on: behind the last record, or behind a gap that compaction left. */
  readonly next: number
}

/** Reads a partition of this or another process: only durable records, each verified. */
export interface PartitionReader {
  /**
   * Records of [from, to) up to the durable end, at least `bytes` of them if there are, as whole chunks of the file.
   * OFFSET_OUT_OF_RANGE when `from` is no longer or not yet on the log; LOG_CORRUPT names file and byte once `from` is
   * the damaged record: what is whole before it is read first.
   */
  read(from: number, to: number, bytes: number): Promise<ReadResult>
  /** The first offset still on the log. */
  start(): Promise<number>
  close(): void
}

export interface PartitionReaderOptions {
  readonly directory: string
  readonly topic: string
  readonly partition: number
  /** Offsets may be missing, and reading starts at the first that exists. */
  readonly compacted: boolean
  readonly fileSystem: FileSystem
  readonly ends: TopicEnds
}

export function createPartitionReader(options: PartitionReaderOptions): PartitionReader {
  const { directory, topic, partition, compacted, fileSystem, ends } = options
  const segments = createOpenSegments(fileSystem, directory)
  let bases: readonly number[] = []

  async function list(): Promise<void> {
    bases = await listSegments(fileSystem, directory)
    segments.keepOnly(bases)
  }

  function outOfRange(offset: number, start: number, end: number): CodedError {
    const message = `${topic}/${partition} holds offsets ${start} to ${end}, not ${offset}.`
    return new CodedError('OFFSET_OUT_OF_RANGE', message)
  }

  async function read(from: number, to: number, bytes: number): Promise<ReadResult> {
    const { end } = ends.get(partition)
    if (from > end) throw outOfRange(from, bases[0] ?? 0, end)
    const until = Math.min(to, end)
    const records: LogRecord[] = []
    let next = from
    let taken = 0
    while (next < until && taken < bytes) {
      const range = { until, durable: ends.get(partition), bytes: bytes - taken }
      const part = await readSegment(next, range).catch((error: unknown) => {
        if (records.length === 0) throw error
        return null
      })
      if (part === null) break
      for (const record of part.records) records.push(record)
      next = part.next
      taken += part.bytes
    }
    return { records, next }
  }

  interface Range {
    readonly until: number
    readonly durable: PublishedEnd
    readonly bytes: number
  }

  async function readSegment(from: number, range: Range) {
    for (let attempt = 1; ; attempt += 1) {
      if (attempt > 1 || (bases.at(-1) ?? -1) < range.durable.base) await list()
      const index = bases.findLastIndex((base) => base <= from)
      if (index === -1) {
        const start = bases[0] ?? range.durable.end
        if (!compacted) throw outOfRange(from, start, range.durable.end)
        return { records: [], next: Math.min(start, range.until), bytes: 0 }
      }
      const following = bases[index + 1] ?? Number.POSITIVE_INFINITY
      try {
        return await segments.use(bases[index]!, (segment) => readChunk(segment, from, { ...range, following }))
      } catch (error) {
        if (compacted && ends.get(partition).base !== range.durable.base) {
          // The segment was closed and compacted between our look at the ends and at the file: look at both again.
          segments.keepOnly([])
          return { records: [], next: from, bytes: 0 }
        }
        if (!isMissing(error) || attempt === OPEN_ATTEMPTS) throw error
      }
    }
  }

  async function readChunk(segment: OpenSegment, from: number, range: Range & { following: number }) {
    const isActive = segment.base === range.durable.base
    const limit = isActive ? range.durable.size : await segment.file.size()
    const until = Math.min(range.until, range.following)
    const mark = segment.seek(from)
    const walk: Walk = { position: mark.position, expected: mark.offset, isLost: false, records: [], bytes: 0 }
    while (walk.expected < until && walk.position < limit && walk.records.length === 0) {
      await walkChunk(segment, walk, { from, until, limit, bytes: range.bytes })
      if (walk.isLost) await findAgain(segment, walk, { from, start: mark.position, limit })
    }
    const ended = walk.position >= limit
    if (ended && walk.expected < until && !(compacted && !isActive)) {
      if (walk.records.length > 0) return { records: walk.records, next: walk.expected, bytes: walk.bytes }
      throw corruption(segment.path, walk.position, `Record ${walk.expected} is missing`)
    }
    const next = Math.max(ended ? until : walk.expected, from)
    if (!ended) segment.leave(next, walk.position)
    else if (isActive) segment.leave(next, limit)
    return { records: walk.records, next, bytes: walk.bytes }
  }

  interface Walk {
    position: number
    expected: number
    /** Damage, here or in front of what is wanted, may hide where that begins. */
    isLost: boolean
    readonly records: LogRecord[]
    bytes: number
  }

  async function walkChunk(
    segment: OpenSegment,
    walk: Walk,
    { from, until, limit, bytes }: { from: number; until: number; limit: number; bytes: number },
  ): Promise<void> {
    const start = walk.position
    let chunk = await readBytes(segment, start, Math.min(limit - start, CHUNK_BYTES))
    while (walk.expected < until && walk.position < limit && walk.bytes < Math.max(bytes, CHUNK_BYTES)) {
      const at = walk.position - start
      if (at + 16 > chunk.length && walk.position + 16 <= limit && at > 0) return
      const size = at + 16 <= chunk.length ? recordBytes(chunk, at) : 0
      if (size === 0 || walk.position + size > limit) return stopAtDamage(segment, walk, from)
      const offset = recordOffset(chunk, at)
      if (compacted ? offset < walk.expected : offset !== walk.expected) return stopAtDamage(segment, walk, from)
      if (offset >= until) {
        walk.expected = until
        return
      }
      if (offset >= from) {
        if (at + size > chunk.length) {
          if (at > 0) return
          chunk = await readBytes(segment, start, size)
        }
        if (!isIntact(chunk, at, size)) return stopAtDamage(segment, walk, from)
        walk.records.push(decodeRecord(chunk, at, { topic, partition }))
        walk.bytes += size
      }
      segment.mark(offset, walk.position)
      walk.expected = offset + 1
      walk.position += size
      if (at + size >= chunk.length) return
    }
  }

  function stopAtDamage(segment: OpenSegment, walk: Walk, from: number): void {
    if (walk.records.length > 0) return
    walk.isLost = walk.expected <= from && !compacted
    if (!walk.isLost) throw corruption(segment.path, walk.position, `Record ${walk.expected} is damaged`)
  }

  /** Looks at every byte for the record that is wanted: lengths of unwanted ones were believed, not checked. */
  async function findAgain(
    segment: OpenSegment,
    walk: Walk,
    { from, start, limit }: { from: number; start: number; limit: number },
  ): Promise<void> {
    for (let position = start; position + FIXED_BYTES <= limit; position += CHUNK_BYTES - FIXED_BYTES) {
      const chunk = await readBytes(segment, position, Math.min(limit - position, CHUNK_BYTES))
      for (let at = 0; at + FIXED_BYTES <= chunk.length; at += 1) {
        if (recordOffset(chunk, at) !== from || position + at + recordBytes(chunk, at) > limit) continue
        const size = recordBytes(chunk, at)
        if (!isIntact(await readBytes(segment, position + at, size), 0, size)) continue
        Object.assign(walk, { position: position + at, expected: from, isLost: false })
        return segment.leave(from, walk.position)
      }
    }
    throw corruption(segment.path, walk.position, `Record ${walk.expected} is damaged`)
  }

  async function readBytes(segment: OpenSegment, position: number, bytes: number): Promise<Buffer> {
    const chunk = Buffer.allocUnsafeSlow(bytes)
    const got = await segment.file.read(chunk, position)
    return got === bytes ? chunk : chunk.subarray(0, got)
  }

  return {
    read,
    async start() {
      await list()
      return bases[0] ?? 0
    },
    close: () => segments.close(),
  }
}
