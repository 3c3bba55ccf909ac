/**
 * Writes rows in ClickHouse's RowBinary (https://clickhouse.com/docs/interfaces/formats/RowBinary) straight into growing
 * chunks, so that a row costs no object and no copy. A row that fails half-way is undone with `mark` and `undo`.
 */
const CHUNK_BYTES = 1 << 20
/** Most ranges of a quiet instance hold a few rows. */
const FIRST_CHUNK_BYTES = 32 << 10
/** A string of at most 42 UTF-16 units has at most 126 UTF-8 bytes: its length fits one byte. */
const SHORT_STRING = 42

export interface RowMark {
  readonly chunk: number
  readonly position: number
}

export type RowWriter = ReturnType<typeof createRowWriter>

export function createRowWriter(chunkBytes = CHUNK_BYTES) {
  const full: Buffer[] = []
  let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, FIRST_CHUNK_BYTES))
  let view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  let position = 0
  let bytesInFull = 0

  function reserve(bytes: number): void {
    if (position + bytes <= buffer.length) return
    full.push(buffer.subarray(0, position))
    bytesInFull += position
    buffer = Buffer.allocUnsafe(Math.max(chunkBytes, bytes))
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    position = 0
  }

  function varint(value: number): void {
    reserve(10)
    let rest = value
    while (rest > 0x7f) {
      buffer[position++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 128)
    }
    buffer[position++] = rest
  }

  function longString(value: string): void {
    const bytes = Buffer.byteLength(value)
    varint(bytes)
    reserve(bytes)
    position += buffer.write(value, position, bytes)
  }

  function string(value: string): void {
    const { length } = value
    if (length > SHORT_STRING) {
      longString(value)
      return
    }
    reserve(length * 3 + 1)
    const start = position + 1
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) {
        const written = buffer.write(value, start)
        buffer[position] = written
        position = start + written
        return
      }
      buffer[start + index] = code
    }
    buffer[position] = length
    position = start + length
  }

  function u8(value: number): void {
    reserve(1)
    buffer[position++] = value
  }

  function u16(value: number): void {
    reserve(2)
    view.setUint16(position, value, true)
    position += 2
  }

  function u32(value: number): void {
    reserve(4)
    view.setUint32(position, value, true)
    position += 4
  }

  function u64(value: bigint): void {
    reserve(8)
    view.setBigUint64(position, value, true)
    position += 8
  }

  function i64(value: bigint): void {
    reserve(8)
    view.setBigInt64(position, value, true)
    position += 8
  }

  /** A whole number of at most 2^53 as UInt64, without a bigint. */
  function u64Number(value: number): void {
    reserve(8)
    view.setUint32(position, value % 0x1_0000_0000, true)
    view.setUint32(position + 4, Math.floor(value / 0x1_0000_0000), true)
    position += 8
  }

  function f64(value: number): void {
    reserve(8)
    view.setFloat64(position, value, true)
    position += 8
  }

  function bool(value: boolean): void {
    u8(value ? 1 : 0)
  }

  /** Token counts: null, and what is no count (negative, fraction, beyond 2^53), become NULL. */
  function nullableCount(value: number | null): void {
    const isNull = value === null || !Number.isSafeInteger(value) || value < 0
    u8(isNull ? 1 : 0)
    if (!isNull) u64Number(value)
  }

  function nullableF64(value: number | null): void {
    const isNull = value === null || !Number.isFinite(value)
    u8(isNull ? 1 : 0)
    if (!isNull) f64(value)
  }

  function nullableBool(value: boolean | null): void {
    u8(value === null ? 1 : 0)
    if (value !== null) bool(value)
  }

  function array<Item>(items: readonly Item[], write: (item: Item) => void): void {
    varint(items.length)
    for (const item of items) write(item)
  }

  function strings(items: readonly string[]): void {
    varint(items.length)
    for (const item of items) string(item)
  }

  function map(entries: ReadonlyMap<string, string>): void {
    varint(entries.size)
    for (const [key, value] of entries) {
      string(key)
      string(value)
    }
  }

  /** Bytes already in RowBinary. */
  function raw(bytes: Uint8Array): void {
    reserve(bytes.length)
    buffer.set(bytes, position)
    position += bytes.length
  }

  function mark(): RowMark {
    return { chunk: full.length, position }
  }

  /** Forgets everything written since `mark`. */
  function undo(to: RowMark): void {
    if (to.chunk < full.length) {
      const chunk = full[to.chunk]!
      const gone = full.splice(to.chunk)
      for (const part of gone) bytesInFull -= part.length
      buffer = Buffer.allocUnsafe(Math.max(chunkBytes, to.position))
      view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      chunk.copy(buffer, 0, 0, to.position)
    }
    position = to.position
  }

  return {
    array,
    bool,
    f64,
    i64,
    map,
    mark,
    nullableBool,
    nullableCount,
    nullableF64,
    raw,
    string,
    strings,
    u8,
    u16,
    u32,
    u64,
    u64Number,
    undo,
    varint,
    bytes: () => bytesInFull + position,
    /** The rows so far; the writer must not be used afterwards. */
    chunks: (): readonly Uint8Array[] => [...full, buffer.subarray(0, position)],
  }
}
