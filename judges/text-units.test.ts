import { describe, expect, it } from 'vitest'
import { languageBetween } from './language/language.ts'
import { MAX_UNITS, unitsOf } from './text-units.ts'
import { holdsWord, wordSet } from './words.ts'

describe('unitsOf', () => {
  it.each(['', 'plain', 'Grüße, привет', 'a\ud800b', '🔓 open'])(
    'holds the units of %j and a 0 behind them',
    (text) => {
      unitsOf('what stood there before, and was longer')
      const units = unitsOf(text)
      expect(Array.from(units.subarray(0, text.length))).toEqual(codes(text))
      expect(units[text.length]).toBe(0)
    },
  )

  it('holds the beginning of a text that is too long', () => {
    const units = unitsOf(`${'a'.repeat(MAX_UNITS)}b`)
    expect(units[MAX_UNITS - 1]).toBe(97)
    expect(units[MAX_UNITS]).toBe(0)
  })
})

const codes = (text: string) => text.split('').map((unit) => unit.charCodeAt(0))

it('tells the language at the end of a text longer than the array', () => {
  const text = `${'x '.repeat(MAX_UNITS)}and this is what the people of the town said to us when they came`
  expect(languageBetween(text, text.length - 60, text.length)?.language).toBe('en')
})

describe('holdsWord', () => {
  const words = wordSet(['comma', "don't"])
  it.each([
    ['No COMMA, please.', true],
    ['I don’t know', true],
    ['commas', false],
    ['', false],
  ])('%j: %s', (text, holds) => {
    expect(holdsWord(text, words)).toBe(holds)
  })
})
