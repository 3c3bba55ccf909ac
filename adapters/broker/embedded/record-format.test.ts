import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutgoingRecord } from '../broker.ts'
import {
  decodeRecord,
  encodeRecord,
  isIntact,
  isLarge,
  recordBytes,
  scratchBytes,
  sizeRecord,
} from './record-format.ts'

const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array))
const large = fc.integer({ min: 0, max: 255 }).map((fill) => Buffer.alloc(20_000, fill))
const records: fc.Arbitrary<OutgoingRecord> = fc.record({
  key: fc.option(bytes),
  value: fc.option(fc.oneof({ weight: 9, arbitrary: bytes }, { weight: 1, arbitrary: large })),
  headers: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 4 }),
})
const positions = fc.record({ offset: fc.maxSafeNat(), timestamp_ms: fc.maxSafeNat() })

/** The record's bytes as they are written: scratch, then a large value from where it lies. */
function onDisk(record: OutgoingRecord, position: { offset: number; timestamp_ms: number }): Buffer {
  const sized = sizeRecord(record)
  const scratch = Buffer.alloc(scratchBytes(sized))
  expect(encodeRecord(sized, position, scratch, 0)).toBe(scratch.length)
  return isLarge(sized) ? Buffer.concat([scratch, sized.value]) : scratch
}

describe('record format', () => {
  it('reads back what was written, at any place in a buffer', () => {
    fc.assert(
      fc.property(records, positions, fc.nat(20), (record, position, before) => {
        const written = onDisk(record, position)
        const buffer = Buffer.concat([Buffer.alloc(before, 7), written, Buffer.alloc(3, 7)])
        expect(recordBytes(buffer, before)).toBe(written.length)
        expect(isIntact(buffer, before, written.length)).toBe(true)
        const decoded = decodeRecord(buffer, before, { topic: 't', partition: 2 })
        expect(decoded).toEqual({
          ...record,
          topic: 't',
          partition: 2,
          offset: BigInt(position.offset),
          timestamp_ms: position.timestamp_ms,
        })
        expect(Object.keys(decoded.headers)).toEqual(Object.keys(record.headers))
      }),
    )
  })

  it('notices any flipped bit', () => {
    const record = { key: Buffer.from('key'), value: Buffer.from('value'), headers: { project: 'demo' } }
    const written = onDisk(record, { offset: 5, timestamp_ms: 1_700_000_000_000 })
    for (let bit = 0; bit < written.length * 8; bit += 1) {
      const flipped = Buffer.from(written)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(isIntact(flipped, 0, recordBytes(flipped, 0)), `bit ${bit}`).toBe(false)
    }
  })
})
