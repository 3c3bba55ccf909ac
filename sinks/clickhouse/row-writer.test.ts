import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRowWriter } from './row-writer.ts'

const bytes = (writer: ReturnType<typeof createRowWriter>) => Buffer.concat(writer.chunks())

/** An independent reader of what RowBinary says a String is: LEB128 length, UTF-8 bytes. */
function readStrings(buffer: Buffer): string[] {
  const strings: string[] = []
  let position = 0
  while (position < buffer.length) {
    let length = 0
    let shift = 0
    for (;;) {
      const byte = buffer[position++]!
      length += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (byte < 0x80) break
    }
    strings.push(buffer.toString('utf8', position, position + length))
    position += length
  }
  return strings
}

describe('row writer', () => {
  it('writes every string as length and UTF-8, over any chunk size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 45 }))),
        fc.integer({ min: 16, max: 2048 }),
        (strings, chunkBytes) => {
          const writer = createRowWriter(chunkBytes)
          for (const value of strings) writer.string(value)
          expect(readStrings(bytes(writer))).toEqual(strings.map((value) => Buffer.from(value).toString('utf8')))
          expect(writer.bytes()).toBe(bytes(writer).length)
        },
      ),
    )
  })

  it('writes numbers little-endian', () => {
    const writer = createRowWriter()
    writer.u8(1)
    writer.u16(0x0203)
    writer.u32(0x04050607)
    writer.u64(0x08090a0b0c0d0e0fn)
    writer.u64Number(2 ** 53 - 1)
    writer.i64(-2n)
    writer.f64(1.5)
    expect(bytes(writer).toString('hex')).toBe(
      ['01', '0302', '07060504', '0f0e0d0c0b0a0908', 'ffffffffffff1f00', 'feffffffffffffff', '000000000000f83f'].join(
        '',
      ),
    )
  })

  it('writes NULL for what is no count and no finite number', () => {
    const writer = createRowWriter()
    for (const value of [null, -1, 1.5, 2 ** 53, Number.NaN]) writer.nullableCount(value)
    for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY]) writer.nullableF64(value)
    writer.nullableBool(null)
    expect(bytes(writer).toString('hex')).toBe('01'.repeat(9))
  })

  it('undoes a row, also over a chunk border', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 60 })),
        fc.array(fc.string({ maxLength: 60 })),
        fc.array(fc.string({ maxLength: 60 })),
        fc.integer({ min: 64, max: 200 }),
        (kept, undone, after, chunkBytes) => {
          const writer = createRowWriter(chunkBytes)
          for (const value of kept) writer.string(value)
          const mark = writer.mark()
          for (const value of undone) writer.string(value)
          writer.undo(mark)
          for (const value of after) writer.string(value)
          const expected = createRowWriter()
          for (const value of [...kept, ...after]) expected.string(value)
          expect(bytes(writer).equals(bytes(expected))).toBe(true)
          expect(writer.bytes()).toBe(bytes(expected).length)
        },
      ),
    )
  })
})
