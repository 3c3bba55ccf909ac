import type { Attributes, AttributeValue } from './otlp.ts'
import { readKey, readString } from './strings.ts'
import { type Cursor, readDouble, readEnd, readInt64, readTag, readUnsigned, skipField, syntaxError } from './wire.ts'

/** How many arrays and maps may lie within each other in one attribute. */
export const MAX_VALUE_DEPTH = 32

/** Attributes of one span, event, scope or resource, and values in one array or map. */
export const MAX_VALUES = 100_000

export const NO_ATTRIBUTES: Attributes = new Map()

type MutableAttributes = Map<string, AttributeValue>

/**
 * Reads one KeyValue of a repeated attributes field into `attributes`, which is created on the first one, so that
 * thousands of empty messages share one empty map.
 */
export function readAttribute(cursor: Cursor, end: number, attributes: Attributes): Attributes {
  const target = attributes === NO_ATTRIBUTES ? new Map<string, AttributeValue>() : (attributes as MutableAttributes)
  readKeyValue(cursor, end, target, 0)
  return target
}

function readKeyValue(cursor: Cursor, parentEnd: number, target: MutableAttributes, depth: number): void {
  const end = readEnd(cursor, parentEnd)
  let key = ''
  let value: AttributeValue = null
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) key = readKey(cursor, readEnd(cursor, end))
    else if (tag === 18) value = readAnyValue(cursor, end, value, depth)
    else skipField(cursor, tag, end)
  }
  target.set(key, value)
  if (target.size > MAX_VALUES) throw syntaxError(cursor.position, `more than ${MAX_VALUES} attributes`)
}

/** `previous` is what the same field held before: protobuf merges a message that occurs twice. */
export function readAnyValue(
  cursor: Cursor,
  parentEnd: number,
  previous: AttributeValue,
  depth: number,
): AttributeValue {
  const end = readEnd(cursor, parentEnd)
  let value = previous
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    switch (tag) {
      case 10:
        value = readString(cursor, readEnd(cursor, end))
        break
      case 16:
        value = readUnsigned(cursor, end) !== 0
        break
      case 24:
        value = readInt64(cursor, end)
        break
      case 33: {
        const number = readDouble(cursor, end)
        value = Number.isFinite(number) ? number : null
        break
      }
      case 42:
        value = readArray(cursor, end, value, depth + 1)
        break
      case 50:
        value = readMap(cursor, end, value, depth + 1)
        break
      case 58: {
        const valueEnd = readEnd(cursor, end)
        value = new Uint8Array(cursor.bytes.subarray(cursor.position, valueEnd))
        cursor.position = valueEnd
        break
      }
      default:
        skipField(cursor, tag, end)
    }
  }
  return value
}

function readArray(cursor: Cursor, parentEnd: number, previous: AttributeValue, depth: number): AttributeValue {
  checkDepth(cursor, depth)
  const end = readEnd(cursor, parentEnd)
  const items: AttributeValue[] = Array.isArray(previous) ? previous : []
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) items.push(readAnyValue(cursor, end, null, depth))
    else skipField(cursor, tag, end)
    if (items.length > MAX_VALUES) throw syntaxError(cursor.position, `an array has more than ${MAX_VALUES} values`)
  }
  return items
}

function readMap(cursor: Cursor, parentEnd: number, previous: AttributeValue, depth: number): AttributeValue {
  checkDepth(cursor, depth)
  const end = readEnd(cursor, parentEnd)
  const entries: MutableAttributes = previous instanceof Map ? previous : new Map()
  while (cursor.position < end) {
    const tag = readTag(cursor, end)
    if (tag === 10) readKeyValue(cursor, end, entries, depth)
    else skipField(cursor, tag, end)
  }
  return entries
}

function checkDepth(cursor: Cursor, depth: number): void {
  if (depth > MAX_VALUE_DEPTH) {
    throw syntaxError(cursor.position, `a value is nested deeper than ${MAX_VALUE_DEPTH} levels`)
  }
}
