import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkJsonBounds } from './json-bounds.ts'

const check = (text: string, max_depth = 4, max_values = 10) =>
  checkJsonBounds(Buffer.from(text), { max_depth, max_values })
const tooLarge = expect.objectContaining({ code: 'REQUEST_TOO_LARGE' })

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('checkJsonBounds', () => {
  it.each(['[[[[1]]]]', '{"a":{"b":{"c":{}}}}', '"[[[[[["', '["\\"[[[[[[","\\\\",[[[]]]]', '', '[1,2,3]', '"'])(
    'takes %s',
    (text) => expect(() => check(text)).not.toThrow(),
  )

  it.each([
    '[[[[[1]]]]]',
    '["\\\\",[[[[]]]]]',
    '[1,2,3,4,5,6,7,8,9,10,11]',
    '[{},{},{},{},{},{}]',
    '['.repeat(10_000_000),
  ])('refuses it (%#)', (text) => expect(() => check(text)).toThrow(tooLarge))

  it('agrees with the depth of what JSON.parse builds', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), (text) => {
        const depth = depthOf(JSON.parse(text))
        expect(() => check(text, depth, 1e6)).not.toThrow()
        if (depth > 0) expect(() => check(text, depth - 1, 1e6)).toThrow(tooLarge)
      }),
    )
  })
})
