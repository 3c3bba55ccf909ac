import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  codePointsBefore,
  foldedAt,
  IDEOGRAPH,
  MAX_WORDS_TEXT,
  NUMBER,
  numberAt,
  sentencesIn,
  sentencesOf,
  WORD,
  wordAt,
  wordHash,
  wordsIn,
  wordsOf,
} from './words.ts'

const listed = (text: string) => {
  const words = wordsIn(text)
  return Array.from({ length: words.count }, (_, i) => wordAt(words, i))
}
const sentences = (text: string) => {
  const found = sentencesIn(wordsIn(text))
  return Array.from({ length: found.count }, (_, i) => text.slice(found.starts[i], found.ends[i]))
}

describe('wordsIn', () => {
  it.each([
    ["Don't panic: it’s well-known.", ["Don't", 'panic', 'it’s', 'well', 'known']],
    ['1,250.50 EUR, 3rd of 10.', ['1,250.50', 'EUR', '3rd', 'of', '10']],
    ['Grüße, ÉTÉ Ångström', ['Grüße', 'ÉTÉ', 'Ångström']],
    ['我有 2 只猫', ['我', '有', '2', '只', '猫']],
    ['हिन्दी में', ['हिन्दी', 'में']],
    ["'quoted' rock 'n' roll", ['quoted', 'rock', 'n', 'roll']],
    [' \n\t…!? ', []],
    ['', []],
  ])('%j', (text, expected) => {
    expect(listed(text)).toEqual(expected)
  })

  it('tells words, numbers and ideographs apart', () => {
    expect(wordsIn('a 12 猫 2x 1.5').kinds).toEqual([WORD, NUMBER, IDEOGRAPH, WORD, NUMBER])
  })

  it('gives words the same hash whatever their case and apostrophe, and others another one', () => {
    const { hashes } = wordsIn('Straße STRASSE don’t DON’T Don')
    expect(hashes[0]).not.toBe(hashes[1])
    expect(hashes[2]).toBe(hashes[3])
    expect(hashes[2]).toBe(wordHash("don't"))
    expect(hashes[4]).not.toBe(hashes[3])
  })

  it('keeps to its contract on any text', () => {
    const anyText = fc
      .array(
        fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(32, 39, 46, 44, 0x2019, 48, 65, 97, 0x4e00)),
        { maxLength: 80 },
      )
      .map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(anyText, (text) => {
        const words = wordsIn(text)
        let behind = 0
        for (let i = 0; i < words.count; i++) {
          expect(words.starts[i]).toBeGreaterThanOrEqual(behind)
          expect(words.ends[i]).toBeGreaterThan(words.starts[i]!)
          behind = words.ends[i]!
          expect(words.hashes[i]).toBe(wordHash(wordAt(words, i)))
        }
        expect(behind).toBeLessThanOrEqual(text.length)
        const found = sentencesIn(words)
        let word = 0
        for (let i = 0; i < found.count; i++) {
          expect(found.first_words[i]).toBe(word)
          expect(found.last_words[i]).toBeGreaterThan(word)
          word = found.last_words[i]!
        }
        expect(word).toBe(words.count)
      }),
    )
  })

  it('looks at the beginning of a long text only', () => {
    const words = wordsIn('ab '.repeat(MAX_WORDS_TEXT))
    expect(words.ends.at(-1)).toBeLessThanOrEqual(MAX_WORDS_TEXT)
    expect(words.count).toBe(Math.ceil(MAX_WORDS_TEXT / 3))
  })

  it('is computed once per text of a span', () => {
    const text = { path: 'output/0/0', field: 'output', role: 'assistant', text: 'One. Two.' } as const
    expect(wordsOf(text)).toBe(wordsOf(text))
    expect(sentencesOf(text)).toBe(sentencesOf(text))
  })
})

describe('numberAt', () => {
  it.each([
    ['42', 42],
    ['1,250.50', 1250.5],
    ['1.250,50', 1250.5],
    ['1,250', 1250],
    ['1.250', 1.25],
    ['1.250.000', 1_250_000],
    ['2,5', 2.5],
    ['10.11.12', null],
  ])('%s is %s', (text, expected) => {
    expect(numberAt(wordsIn(text), 0)).toBe(expected)
  })
})

describe('sentencesIn', () => {
  it.each([
    ['One two. Three four! Five? Six', ['One two.', 'Three four!', 'Five?', 'Six']],
    ['Dr. Ada came at 3.15 p.m. and left.', ['Dr. Ada came at 3.15 p.m. and left.']],
    ['He said "no." Then he left.', ['He said "no."', 'Then he left.']],
    ['First line\nSecond line', ['First line', 'Second line']],
    ['今天下雨。明天晴。', ['今天下雨。', '明天晴。']],
    ['It costs 3.50 today', ['It costs 3.50 today']],
    ['...', []],
  ])('%j', (text, expected) => {
    expect(sentences(text)).toEqual(expected)
  })
})

it('codePointsBefore counts code points, lone surrogates as one', () => {
  expect(codePointsBefore('a😀b', 3)).toBe(2)
  expect(codePointsBefore('\ud800a', 2)).toBe(2)
})

it('foldedAt is the same for words of one hash', () => {
  const words = wordsIn('Don’t')
  expect(foldedAt(words, 0)).toBe("don't")
})
