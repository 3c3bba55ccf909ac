import type { Random } from '../../../core/random.ts'

type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }

/** A file: what processes see of it (the page cache), and what is on the platter. Positions and sizes are bytes. */
export interface Inode {
  read(buffer: Buffer, position: number): number
  size(): number
  write(bytes: Buffer, position: number): void
  truncate(size: number): void
  /** Everything written so far is on the platter. */
  sync(): void
  /** A flush that failed: the kernel calls the pages clean, but they are not on the platter (as Linux does since 4.13). */
  loseUnsynced(): void
  /** The power is gone: of what was not synced each change is there, not there, or there in part. */
  losePower(random: Random): void
  /** A bit changes on the platter and in the cache; the same again undoes it. */
  flip(bit: number): void
}

const SECTOR_BYTES = 512

export function createInode(): Inode {
  const cache = createContent()
  const platter = createContent()
  let unsynced: Change[] = []

  function apply(change: Change): void {
    if (change.kind === 'write') platter.write(change.bytes, change.position)
    else platter.truncate(change.size)
  }

  /** Sectors reach the platter in any order. */
  function applyTorn({ bytes, position }: { bytes: Buffer; position: number }, random: Random): void {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + SECTOR_BYTES - ((position + at) % SECTOR_BYTES))
      const part = random(4) === 0 ? at + random(end - at) : end
      if (random(2) === 0) platter.write(bytes.subarray(at, part), position + at)
      at = end
    }
  }

  return {
    read: cache.read,
    size: cache.size,
    write(bytes, position) {
      cache.write(bytes, position)
      unsynced.push({ kind: 'write', position, bytes: Buffer.from(bytes) })
    },
    truncate(size) {
      cache.truncate(size)
      unsynced.push({ kind: 'truncate', size })
    },
    sync() {
      for (const change of unsynced) apply(change)
      unsynced = []
    },
    loseUnsynced() {
      unsynced = []
    },
    losePower(random) {
      for (const change of unsynced) {
        const fate = random(3)
        if (fate === 0) apply(change)
        else if (fate === 1 && change.kind === 'write') applyTorn(change, random)
      }
      unsynced = []
      cache.become(platter)
    },
    flip(bit) {
      cache.flip(bit)
      platter.flip(bit)
    },
  }
}

function createContent() {
  let bytes = Buffer.alloc(1024)
  let length = 0
  return {
    size: () => length,
    all: () => bytes.subarray(0, length),
    read: (buffer: Buffer, position: number) => bytes.copy(buffer, 0, position, Math.max(position, length)),
    write(written: Buffer, position: number) {
      const end = position + written.length
      if (end > bytes.length) bytes = Buffer.concat([bytes.subarray(0, length)], Math.max(end, bytes.length * 2))
      written.copy(bytes, position)
      length = Math.max(length, end)
    },
    truncate(size: number) {
      if (size < length) bytes.fill(0, size, length)
      if (size > bytes.length) bytes = Buffer.concat([bytes.subarray(0, length)], size)
      length = size
    },
    become(other: { all(): Buffer }) {
      const all = other.all()
      bytes = Buffer.concat([all], Math.max(1024, all.length))
      length = all.length
    },
    flip(bit: number) {
      const at = bit >> 3
      if (at < length) bytes[at] = bytes[at]! ^ (1 << (bit & 7))
    },
  }
}
