import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readIntent, writeIntent } from './intent.ts'

it('reads back what it wrote', () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, 2n ** 63n - 1n),
      fc.bigInt(0n, 2n ** 63n - 1n),
      fc.string(),
      (start, end, pipeline_version) => {
        const intent = { start, end, pipeline_version, config_offset: -1n }
        expect(readIntent(writeIntent(intent))).toEqual(intent)
      },
    ),
  )
})

it('takes anything else for no intent', () => {
  for (const metadata of [
    '',
    '{',
    'null',
    '{}',
    '[]',
    '{"start":"1"}',
    '{"start":1,"end":2,"pipeline_version":"v","config_offset":"0"}',
  ])
    expect(readIntent(metadata)).toBeNull()
  fc.assert(fc.property(fc.string(), (metadata) => void readIntent(metadata)))
})
