import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aRecord } from '../contract-bench.ts'
import { aTopic, createTestLog, type TestLog } from './test-log.ts'

const SEGMENT_BYTES = 1_500_000
/** Around the read chunk (1 MiB), the large-value threshold (16 KiB), and much smaller. */
const sizes = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 4, arbitrary: fc.integer({ min: 16_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_040_000, max: 1_060_000 }) },
)
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ produce: fc.array(sizes, { minLength: 1, maxLength: 12 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({ from: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(40), max: sizes }),
  },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
)

type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never

/** Does each step to the log and to a list of values, and compares. */
async function follow(script: readonly Step[], log: TestLog): Promise<void> {
  const open = () => log.open({ segment_bytes: SEGMENT_BYTES })
  let broker = await open()
  await broker.ensureTopics([aTopic('t')])
  const model: Buffer[] = []
  for (const step of script) {
    if (step === 'reopen') {
      await broker.close()
      broker = await open()
    } else if ('produce' in step) {
      const values = step.produce.map((size, index) => Buffer.alloc(size, model.length + index + 1))
      const positions = await broker.produce(
        't',
        values.map((value) => aRecord(value)),
      )
      expect(positions.map(({ offset }) => Number(offset))).toEqual(values.map((_, index) => model.length + index))
      model.push(...values)
    } else {
      const start = Math.floor(step.from * model.length)
      const end = Math.min(start + step.length, model.length)
      const records = await broker.fetch('t', 0, BigInt(start), { end: BigInt(end), max_bytes: step.max })
      expect(records.map(({ offset }) => Number(offset))).toEqual(records.map((_, index) => start + index))
      expect(records.length).toBeLessThanOrEqual(end - start)
      if (end > start) expect(records.length).toBeGreaterThan(0)
      expect(records.every((record, index) => record.value!.equals(model[start + index]!))).toBe(true)
      const bytes = records.reduce((sum, record) => sum + record.value!.length, 0)
      if (records.length > 1) expect(bytes).toBeLessThanOrEqual(step.max)
      const following = model[start + records.length]
      if (start + records.length < end) expect(bytes + following!.length).toBeGreaterThan(step.max)
    }
  }
}

describe('the embedded log', () => {
  it('is a list of records, whatever their sizes, over segments, chunks and reopens', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 25 }), async (script) => {
        const log = createTestLog()
        try {
          await follow(script, log)
        } finally {
          await log.remove()
        }
      }),
      { numRuns: 20 },
    )
  })
})
