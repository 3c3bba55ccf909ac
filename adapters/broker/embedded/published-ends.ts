import { crc32c } from '@node-rs/crc32'
import type { Clock } from '../../../core/clock.ts'
import type { FileSystem, SmallFile } from './file-system.ts'
import { readUInt64, writeUInt64 } from './record-format.ts'

/** How far a partition is durable, as its writer published it. */
export interface PublishedEnd {
  /** One behind the last durable record. */
  readonly end: number
  /** First offset of the segment that is written to, and its durable bytes; earlier segments are durable as a whole. */
  readonly base: number
  readonly size: number
  /** Append time of the last durable record, 0 before the first. */
  readonly timestamp_ms: number
}

/**
 * The file `ends` of a topic: two slots a partition, written in turn after each flush, so that a reader which meets a
 * half-written slot uses the other. It is never synced: what it says is always durable already, and the writer
 * brings it up to date when it opens.
 *
 *     0 u64 count of writes   8 u64 end   16 u64 base   24 u64 size   32 u64 timestamp_ms   40 u32 CRC32C of 0-40
 */
const SLOT_BYTES = 48
const CHECKED_BYTES = 40
const NOTHING: PublishedEnd = { end: 0, base: 0, size: 0, timestamp_ms: 0 }
/** How often a reader in another process looks: soon after a change, then more and more rarely. */
const POLL_MS = { first: 1, last: 8 }

export interface TopicEnds {
  /** The latest published end; zeros before the first. */
  get(partition: number): PublishedEnd
  /** null where nothing valid is published. */
  recorded(partition: number): PublishedEnd | null
  publish(partition: number, end: PublishedEnd): void
  /** Resolves when the partition's end is beyond `offset`, after `ms`, or when woken. */
  wait(partition: number, options: { beyond: number; ms: number }): Promise<void>
  /** Ends the waiting on a partition, so that the waiters look at their own state again. */
  wake(partition: number): void
  wakeAll(): void
  close(): void
}

export interface TopicEndsOptions {
  readonly path: string
  readonly partitions: number
  readonly mode: 'read' | 'write'
  readonly fileSystem: FileSystem
  readonly clock: Clock
}

export function createTopicEnds(options: TopicEndsOptions): TopicEnds {
  const { partitions, clock, mode } = options
  const slots = createSlots(options)
  let ends = slots.read()
  const listeners = Array.from({ length: partitions }, () => new Set<() => void>())
  let polling = false
  let closed = false

  function wake(partition: number): void {
    for (const listener of listeners[partition] ?? []) listener()
  }

  function wakeAll(): void {
    for (let partition = 0; partition < partitions; partition += 1) wake(partition)
  }

  function refresh(): boolean {
    const next = slots.read()
    if (next === ends) return false
    let changed = false
    next.forEach((end, partition) => {
      if ((end?.end ?? 0) === (ends[partition]?.end ?? 0)) return
      changed = true
      ends[partition] = end
      wake(partition)
    })
    ends = next
    return changed
  }

  function get(partition: number): PublishedEnd {
    if (mode === 'read' && !closed) refresh()
    return ends[partition] ?? NOTHING
  }

  /** One loop per topic of another process, only while somebody waits. */
  async function pollOtherProcess(): Promise<void> {
    if (polling) return
    polling = true
    let delay = POLL_MS.first
    while (!closed && listeners.some((waiting) => waiting.size > 0)) {
      await clock.sleep(delay)
      if (closed) break
      delay = refresh() ? POLL_MS.first : Math.min(delay * 2, POLL_MS.last)
    }
    polling = false
  }

  return {
    get,
    recorded: (partition) => ends[partition] ?? null,
    publish(partition, end) {
      ends[partition] = end
      slots.write(partition, end)
      wake(partition)
    },
    async wait(partition, { beyond, ms }) {
      if (closed || get(partition).end > beyond) return
      const waiting = listeners[partition]!
      const timeout = new AbortController()
      let listener = () => {}
      const woken = new Promise<void>((resolve) => {
        listener = resolve
      })
      waiting.add(listener)
      if (mode === 'read') void pollOtherProcess()
      await Promise.race([woken, clock.sleep(ms, timeout.signal).catch(() => {})])
      // A reason of its own: without one the platform makes an error with a stack, for every wait.
      timeout.abort(null)
      waiting.delete(listener)
    },
    wake,
    wakeAll,
    close() {
      closed = true
      wakeAll()
      slots.close()
    },
  }
}

function createSlots({ path, partitions, mode, fileSystem }: TopicEndsOptions) {
  let bytes = Buffer.alloc(partitions * 2 * SLOT_BYTES)
  let before = Buffer.alloc(bytes.length)
  let ends = new Array<PublishedEnd | null>(partitions).fill(null)
  const slot = Buffer.alloc(SLOT_BYTES)
  const counts = new Array<number>(partitions).fill(0)
  let file: SmallFile | null = null

  /** A writer takes the file's space at once: a disk that fills up later must not keep it from publishing. */
  function open(): SmallFile | null {
    const opened = fileSystem.openSmall(path, mode)
    if (opened !== null && mode === 'write') {
      const length = opened.read(Buffer.alloc(bytes.length), 0)
      if (length < bytes.length) opened.write(Buffer.alloc(bytes.length - length), length)
    }
    return opened
  }

  function readSlot(at: number): { count: number; end: PublishedEnd } | null {
    if (bytes.readUInt32LE(at + CHECKED_BYTES) !== crc32c(bytes.subarray(at, at + CHECKED_BYTES))) return null
    const count = readUInt64(bytes, at)
    if (count === 0) return null
    const [end, base, size, timestamp_ms] = [8, 16, 24, 32].map((field) => readUInt64(bytes, at + field))
    return { count, end: { end: end!, base: base!, size: size!, timestamp_ms: timestamp_ms! } }
  }

  return {
    read(): (PublishedEnd | null)[] {
      file ??= open()
      ;[bytes, before] = [before, bytes]
      const length = file?.read(bytes, 0) ?? 0
      bytes.fill(0, length)
      if (bytes.equals(before)) return ends
      ends = counts.map((_, partition) => {
        const at = partition * 2 * SLOT_BYTES
        const [a, b] = [readSlot(at), readSlot(at + SLOT_BYTES)]
        const latest = a === null || (b !== null && b.count > a.count) ? b : a
        counts[partition] = latest?.count ?? 0
        return latest?.end ?? null
      })
      return ends
    },
    write(partition: number, end: PublishedEnd): void {
      const count = counts[partition]! + 1
      counts[partition] = count
      const fields = [count, end.end, end.base, end.size, end.timestamp_ms]
      fields.forEach((value, index) => {
        writeUInt64(slot, value, index * 8)
      })
      slot.writeUInt32LE(crc32c(slot.subarray(0, CHECKED_BYTES)), CHECKED_BYTES)
      file?.write(slot, (partition * 2 + (count % 2)) * SLOT_BYTES)
    },
    close(): void {
      file?.close()
      file = null
    },
  }
}
