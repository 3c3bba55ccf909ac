import { createWriter, writeVarint, writtenBytes } from '../../schemas/otlp/writer.ts'

/** One field of a message, or of a message inside. Positions are bytes of the whole request. */
export interface Field {
  readonly number: number
  readonly wire: number
  /** Where its tag begins, */
  readonly start: number
  /** its value (behind the length, where there is one), */
  readonly value: number
  /** and what follows it. */
  readonly end: number
  /** The fields around it, outermost first. */
  readonly parents: readonly Field[]
  readonly is_message: boolean
}

const MAX_DEPTH = 12

/** All fields, those of messages inside as well. Bytes that could be a message are taken for one. */
export function readFields(bytes: Buffer): Field[] {
  const found: Field[] = []
  collect({ bytes, found }, 0, bytes.length, [])
  return found
}

interface Reading {
  readonly bytes: Buffer
  readonly found: Field[]
}

/** False, and nothing found, where these bytes are no message. */
function collect(reading: Reading, from: number, end: number, parents: readonly Field[]): boolean {
  const { bytes, found } = reading
  const known = found.length
  let at = from
  while (at < end) {
    const field = fieldAt(bytes, at, end)
    if (field === null) {
      found.length = known
      return false
    }
    const place = found.length
    const own: Field = { ...field, parents, is_message: false }
    found.push(own)
    if (field.wire === 2 && field.end > field.value && parents.length < MAX_DEPTH) {
      const message: Field = { ...own, is_message: true }
      found[place] = message
      if (!collect(reading, field.value, field.end, [...parents, message])) found[place] = own
    }
    at = field.end
  }
  return true
}

function fieldAt(bytes: Buffer, start: number, end: number) {
  const tag = varintAt(bytes, start, end)
  if (tag === null || tag.value < 8) return null
  const number = Math.floor(tag.value / 8)
  const wire = tag.value % 8
  if (number > 100) return null
  const rest = { number, wire, start, value: tag.end }
  if (wire === 0) {
    const varint = varintAt(bytes, tag.end, end)
    return varint && { ...rest, end: varint.end }
  }
  if (wire === 1) return tag.end + 8 <= end ? { ...rest, end: tag.end + 8 } : null
  if (wire === 5) return tag.end + 4 <= end ? { ...rest, end: tag.end + 4 } : null
  if (wire !== 2) return null
  const length = varintAt(bytes, tag.end, end)
  if (length === null || length.end + length.value > end) return null
  return { ...rest, value: length.end, end: length.end + length.value }
}

function varintAt(bytes: Buffer, at: number, end: number): { value: number; end: number } | null {
  let value = 0
  for (let n = 0; n < 10 && at + n < end; n++) {
    const byte = bytes[at + n]!
    value += (byte & 0x7f) * 2 ** (7 * n)
    if (byte < 0x80) return { value, end: at + n + 1 }
  }
  return null
}

export function varint(value: number): Buffer {
  const writer = createWriter(16)
  writeVarint(writer, value)
  return Buffer.from(writtenBytes(writer))
}

/** A field of bytes. */
export function bytesField(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

/** Puts `piece` in the place of a field, and lets the lengths of all around it be true again. */
export function replaceField(bytes: Buffer, { start, end, parents }: Field, piece: Buffer): Buffer {
  let from = start
  let to = end
  let content = piece
  for (const parent of parents.toReversed()) {
    content = bytesField(
      parent.number,
      Buffer.concat([bytes.subarray(parent.value, from), content, bytes.subarray(to, parent.end)]),
    )
    from = parent.start
    to = parent.end
  }
  return Buffer.concat([bytes.subarray(0, from), content, bytes.subarray(to)])
}

/** Puts `piece` there and leaves the lengths around it as they were: now they lie. */
export function overwrite(bytes: Buffer, from: number, to: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(to)])
}
