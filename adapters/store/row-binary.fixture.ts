/** RowBinary by hand (https://clickhouse.com/docs/interfaces/formats/RowBinary), so that tests share no code with the product. */
export type Encoder<T> = (value: T) => Buffer

const fixed = <T>(bytes: number, write: (buffer: Buffer, value: T) => void): Encoder<T> => {
  return (value) => {
    const buffer = Buffer.alloc(bytes)
    write(buffer, value)
    return buffer
  }
}

export const uint8 = fixed<number>(1, (buffer, value) => buffer.writeUInt8(value))
export const uint16 = fixed<number>(2, (buffer, value) => buffer.writeUInt16LE(value))
export const uint32 = fixed<number>(4, (buffer, value) => buffer.writeUInt32LE(value))
export const uint64 = fixed<bigint>(8, (buffer, value) => buffer.writeBigUInt64LE(value))
export const int8 = fixed<number>(1, (buffer, value) => buffer.writeInt8(value))
export const int64 = fixed<bigint>(8, (buffer, value) => buffer.writeBigInt64LE(value))
export const float64 = fixed<number>(8, (buffer, value) => buffer.writeDoubleLE(value))

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

export const string: Encoder<string | Buffer> = (value) => {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value, 'utf8')
  return Buffer.concat([varint(bytes.length), bytes])
}

export const nullable =
  <T>(encode: Encoder<T>): Encoder<T | null> =>
  (value) =>
    value === null ? uint8(1) : Buffer.concat([uint8(0), encode(value)])

export const array =
  <T>(encode: Encoder<T>): Encoder<readonly T[]> =>
  (values) =>
    Buffer.concat([varint(values.length), ...values.map(encode)])

export const map =
  <T>(encode: Encoder<T>): Encoder<Readonly<Record<string, T>>> =>
  (value) => {
    const entries = Object.entries(value)
    return Buffer.concat([varint(entries.length), ...entries.flatMap(([key, item]) => [string(key), encode(item)])])
  }
