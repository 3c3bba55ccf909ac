import type { FileSystem, LogFile } from './file-system.ts'
import { segmentPath } from './segment-files.ts'

/** Where a record starts: enough of them make a seek short. */
interface Mark {
  readonly offset: number
  readonly position: number
}

/** A segment file being read, with what was learned about it. A compacted segment is a new file: its marks start anew. */
export interface OpenSegment {
  readonly base: number
  readonly path: string
  readonly file: LogFile
  /** Where to start for the record `offset`: its own position or that of one before it. */
  seek(offset: number): Mark
  /** Remembers that the record `offset` (or, across a gap, the next one) starts at `position`. */
  mark(offset: number, position: number): void
  /** Remembers exactly where a reader stopped. */
  leave(offset: number, position: number): void
}

const MARK_DISTANCE_BYTES = 64 * 1024
const KEPT_READERS = 16
const KEPT_FILES = 2

/** Keeps the files read last open; `use` lends one and closes what is no longer kept. */
export function createOpenSegments(fileSystem: FileSystem, directory: string) {
  interface Entry {
    readonly base: number
    readonly opening: Promise<OpenSegment>
    users: number
    kept: boolean
  }
  let entries: Entry[] = []
  let closed = false

  function release(entry: Entry): void {
    entry.users -= 1
    if (!entry.kept && entry.users === 0) close(entry)
  }

  function close(entry: Entry): void {
    entry.opening.then(
      (segment) => segment.file.close(),
      () => {},
    )
  }

  function drop(entry: Entry): void {
    entries = entries.filter((other) => other !== entry)
    entry.kept = false
    if (entry.users === 0) close(entry)
  }

  function acquire(base: number): Entry {
    let entry = entries.find((other) => other.base === base)
    if (entry === undefined) {
      entry = { base, opening: openSegment(fileSystem, segmentPath(directory, base), base), users: 0, kept: true }
      entries.push(entry)
      if (entries.length > KEPT_FILES) drop(entries[0]!)
    }
    entry.users += 1
    // A read that outlives the broker gives its file back at once.
    if (closed) drop(entry)
    return entry
  }

  return {
    async use<T>(base: number, read: (segment: OpenSegment) => Promise<T>): Promise<T> {
      const entry = acquire(base)
      try {
        const segment = await entry.opening.catch((error: unknown) => {
          drop(entry)
          throw error
        })
        return await read(segment)
      } finally {
        release(entry)
      }
    },
    /** Lets go of files that are no longer part of the log, so that their space is freed. */
    keepOnly(bases: readonly number[]): void {
      for (const entry of entries) if (!bases.includes(entry.base)) drop(entry)
    },
    close(): void {
      closed = true
      for (const entry of entries) drop(entry)
    },
  }
}

async function openSegment(fileSystem: FileSystem, path: string, base: number): Promise<OpenSegment> {
  const file = await fileSystem.open(path, 'read')
  const marks: Mark[] = [{ offset: base, position: 0 }]
  const left = new Map<number, number>()
  return {
    base,
    path,
    file,
    seek(offset) {
      const position = left.get(offset)
      if (position !== undefined) return { offset, position }
      let [low, high] = [0, marks.length]
      while (high - low > 1) {
        const middle = (low + high) >> 1
        if (marks[middle]!.offset <= offset) low = middle
        else high = middle
      }
      return marks[low]!
    },
    mark(offset, position) {
      if (position >= marks.at(-1)!.position + MARK_DISTANCE_BYTES) marks.push({ offset, position })
    },
    leave(offset, position) {
      left.set(offset, position)
      if (left.size > KEPT_READERS) left.delete(left.keys().next().value!)
    },
  }
}
