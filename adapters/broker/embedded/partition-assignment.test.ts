import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignPartitions } from './partition-assignment.ts'

const situation = fc
  .integer({ min: 1, max: 6 })
  .chain((members) => fc.tuple(fc.array(fc.integer({ min: -1, max: members - 1 })), fc.constant(members)))

describe('assignPartitions', () => {
  it('gives every partition an owner and no member more than one above another', () => {
    fc.assert(
      fc.property(situation, ([owners, members]) => {
        const next = assignPartitions(owners, members)
        const counts = Array.from({ length: members }, (_, member) => next.filter((owner) => owner === member).length)
        expect(next).toHaveLength(owners.length)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(owners.length)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('moves nothing when the spread is even already', () => {
    fc.assert(
      fc.property(situation, ([owners, members]) => {
        const even = assignPartitions(owners, members)
        expect(assignPartitions(even, members)).toEqual(even)
      }),
    )
  })

  it('moves only what a new member needs', () => {
    const before = [0, 0, 0, 1, 1, 1]
    const after = assignPartitions(before, 3)
    expect(after.filter((owner, partition) => owner !== before[partition])).toEqual([2, 2])
  })

  it('leaves partitions without an owner when there are no members', () => {
    expect(assignPartitions([0, -1], 0)).toEqual([-1, -1])
  })
})
