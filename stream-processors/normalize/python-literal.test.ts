import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseText } from './json.ts'
import { pythonToJson } from './python-literal.ts'

describe('the repr of Python values', () => {
  it.each<[string, unknown]>([
    ["{'role': 'user', 'content': 'Q'}", { role: 'user', content: 'Q' }],
    ["{'a': True, 'b': False, 'c': None, 'd': 1.5, 'e': -2e3}", { a: true, b: false, c: null, d: 1.5, e: -2000 }],
    [`[{'text': "it's"}, ('x', 1,), ]`, [{ text: "it's" }, ['x', 1]]],
    [String.raw`{'t': 'a\nb\'c\\d\x41é\U0001F44B "q"'}`, { t: 'a\nb\'c\\d\x41é👋 "q"' }],
  ])('%s', (text, value) => {
    expect(parseText(text)).toEqual(value)
  })

  it.each(["{'a': Message(content='x')}", "{'a': b'bytes'}", "{'a", "{'a': '\\xZZ'}", "it's", "{'a': 1"])(
    'keeps %s a text',
    (text) => {
      expect(parseText(text)).toBe(text)
    },
  )

  it('never throws, and takes time that grows with the length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '"', '\\', '{', '}', '[', ')', 'x', 'U', 'T', ',', ' ', '1') }),
        (text) => {
          pythonToJson(text)
        },
      ),
      { numRuns: 500 },
    )
    expect(pythonToJson(`{'${'a'.repeat(250_000)}': 1}`)).toHaveLength(250_007)
    expect(pythonToJson(`{'a': '${'\\'.repeat(250_000)}'}`)).toBeDefined()
  })
})
