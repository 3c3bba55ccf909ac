import { readFileSync } from 'node:fs'

/** RowBinary, reading side, after https://clickhouse.com/docs/interfaces/formats/RowBinary and the tables of our migrations. */
interface Cursor {
  readonly bytes: Buffer
  at: number
}

type Read = (cursor: Cursor) => unknown

export interface TableFormat {
  readonly columns: ReadonlyMap<string, Read>
}

const fixed =
  (size: number, read: (bytes: Buffer, at: number) => unknown): Read =>
  (cursor) => {
    const value = read(cursor.bytes, cursor.at)
    cursor.at += size
    return value
  }

const PLAIN: Readonly<Record<string, Read>> = {
  UInt8: fixed(1, (bytes, at) => bytes.readUInt8(at)),
  Bool: fixed(1, (bytes, at) => bytes.readUInt8(at) === 1),
  Enum8: fixed(1, (bytes, at) => bytes.readInt8(at)),
  Date: fixed(2, (bytes, at) => bytes.readUInt16LE(at)),
  UInt32: fixed(4, (bytes, at) => bytes.readUInt32LE(at)),
  DateTime: fixed(4, (bytes, at) => bytes.readUInt32LE(at)),
  UInt64: fixed(8, (bytes, at) => bytes.readBigUInt64LE(at)),
  DateTime64: fixed(8, (bytes, at) => bytes.readBigInt64LE(at)),
  Float64: fixed(8, (bytes, at) => bytes.readDoubleLE(at)),
  String: (cursor) => {
    const length = readVarint(cursor)
    cursor.at += length
    return cursor.bytes.toString('utf8', cursor.at - length, cursor.at)
  },
}

function readVarint(cursor: Cursor): number {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = cursor.bytes.readUInt8(cursor.at++)
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
  }
}

function readArray(item: Read): Read {
  return (cursor) => Array.from({ length: readVarint(cursor) }, () => item(cursor))
}

/** The arguments of `Tuple(a, b(c, d))`: what stands between its brackets, split at its own commas. */
function argumentsOf(type: string): string[] {
  const inside = type.slice(type.indexOf('(') + 1, type.lastIndexOf(')'))
  const parts = ['']
  let depth = 0
  for (const character of inside) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim())
}

function reader(type: string): Read {
  const name = /^\w+/.exec(type)?.[0] ?? ''
  const plain = PLAIN[name]
  if (plain) return plain
  const given = argumentsOf(type)
  if (name === 'FixedString') return fixed(Number(given[0]), (bytes, at) => bytes.subarray(at, at + Number(given[0])))
  if (name === 'LowCardinality') return reader(given[0]!)
  if (name === 'SimpleAggregateFunction') return reader(given[1]!)
  if (name === 'Nullable') {
    const read = reader(given[0]!)
    return (cursor) => (cursor.bytes.readUInt8(cursor.at++) === 1 ? null : read(cursor))
  }
  if (name === 'Array') return readArray(reader(given[0]!))
  if (name === 'Map') return readArray(readTuple(given))
  if (name === 'Tuple') return readTuple(given.map((field) => field.slice(field.indexOf(' ') + 1)))
  throw new Error(`the model cannot read the type ${type}`)
}

function readTuple(types: readonly string[]): Read {
  const items = types.map(reader)
  return (cursor) => items.map((read) => read(cursor))
}

/** The tables of a migration file and how their columns are written. */
export function readTableFormats(sql: string): ReadonlyMap<string, TableFormat> {
  const formats = new Map<string, TableFormat>()
  for (const [, table, body] of sql.matchAll(/CREATE TABLE IF NOT EXISTS (\w+)\s*\(\n(.*?)\n\)\n/gs)) {
    const columns = new Map<string, Read>()
    for (const line of body!.split('\n')) {
      const [, name, rest] = /^\s*(?:`([\w.]+)`|(?!INDEX|--)(?:\w+))\s+(.*?),?$/.exec(line) ?? []
      if (rest === undefined) continue
      columns.set(name ?? line.trim().split(' ')[0]!, reader(rest.replace(/ (CODEC|DEFAULT).*$/, '')))
    }
    formats.set(table!, { columns })
  }
  return formats
}

/** Rows as objects with the columns `keep`, from RowBinary with `columns` in this order. Throws where bytes are left or missing. */
export function decodeRows(
  format: TableFormat,
  bytes: Buffer,
  { columns, keep }: { columns: readonly string[]; keep: ReadonlySet<string> },
): Record<string, unknown>[] {
  const plan = columns.map((name) => {
    const read = format.columns.get(name)
    if (!read) throw new Error(`the table has no column ${name}`)
    return { name, read, kept: keep.has(name) }
  })
  const cursor = { bytes, at: 0 }
  const rows: Record<string, unknown>[] = []
  while (cursor.at < bytes.length) {
    const row: Record<string, unknown> = {}
    for (const { name, read, kept } of plan) {
      const value = read(cursor)
      if (kept) row[name] = value
    }
    rows.push(row)
  }
  if (cursor.at !== bytes.length) throw new Error('a row reaches beyond its bytes')
  return rows
}

export function readSchema(): ReadonlyMap<string, TableFormat> {
  return readTableFormats(readFileSync(new URL('../../../schemas/clickhouse/0001-spans.sql', import.meta.url), 'utf8'))
}
