import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasLeet, withoutLeet } from './leet.ts'
import { createTermSearch } from './term-search.ts'

const placesIn = (text: string, ...terms: string[]) =>
  createTermSearch(terms)
    .find(text)
    .map(({ start, end }) => text.slice(start, end))

describe('createTermSearch', () => {
  it.each([
    ['Kill the LIGHTS, kill them', ['kill'], ['Kill', 'kill']],
    ['overkill, killer, kill_it', ['kill'], []],
    ['a suicidal, suicide-like text', ['suicid*'], ['suicidal', 'suicide']],
    ['parasuicid', ['suicid*'], []],
    ['éKill kill', ['kill'], ['kill']],
    ['I’m here', ["i'm here"], ['I’m here']],
    ['KONKURRENZÜBER über', ['über'], ['über']],
    ['это Слово, слова', ['слово'], ['Слово']],
    ['我想自杀了', ['想自杀'], ['想自杀']],
    ['İstanbul kill', ['kill'], ['kill']],
    ['one two', ['two', 'one two'], ['one two', 'two']],
    ['', ['a b'], []],
  ])('in %j finds %j as %j', (text, terms, found) => {
    expect(placesIn(text, ...terms)).toEqual(found)
  })

  it('finds whole words where a plain comparison of words does', () => {
    const word = fc.constantFrom('kill', 'bill', 'KILL', 'ki', 'll', 'kille', 'я', 'é')
    const gap = fc.constantFrom(' ', ', ', '-', '\n', '!')
    fc.assert(
      fc.property(fc.array(fc.tuple(word, gap), { maxLength: 12 }), (pairs) => {
        const text = pairs.flat().join('')
        const expected = pairs.filter(([one]) => one.toLowerCase() === 'kill').length
        expect(placesIn(text, 'kill')).toHaveLength(expected)
      }),
    )
  })

  it('stays bounded in a text that is all terms', () => {
    const terms = Array.from({ length: 500 }, (_, i) => `term number ${i}`)
    const found = createTermSearch(terms).find(`${terms.join(' ')} ${'term number 7 '.repeat(5000)}`)
    expect(found.length).toBeLessThanOrEqual(64 * 20)
    expect(found.length).toBeGreaterThan(60)
  })
})

describe('letters behind digits and signs', () => {
  it.each([
    ['k1ll', 'kill'],
    ['ki11 b0mb', 'kill bomb'],
    ['$arin', 'sarin'],
    ['m3th', 'meth'],
    ['h4t3', 'hate'],
  ])('reads %j as %j', (text, plain) => {
    expect(hasLeet(text)).toBe(true)
    expect(withoutLeet(text)).toBe(plain)
  })

  it.each(['plain words', 'In 2024, 15 of 30', 'Hello! Well: 7.', '$5 and 100 %', '', 'Straße 12'])(
    'leaves %j alone',
    (text) => {
      expect(hasLeet(text)).toBe(false)
    },
  )

  it('keeps every place, whatever the text', () => {
    const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
    fc.assert(fc.property(anyText, (text) => withoutLeet(text).length === text.length))
  })
})
