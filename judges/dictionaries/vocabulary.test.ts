import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wordHash } from '../words.ts'
import { parseAffixFile } from './affix-file.ts'
import { createDictionary } from './dictionary.ts'
import { installedLanguages, vocabularyOf } from './dictionary-files.ts'
import { SPELLING_LANGUAGES } from './spelling-languages.ts'
import { BUILT, createVocabulary, KNOWN, STANDING, UNKNOWN, type Vocabulary } from './vocabulary.ts'

const standing = (vocabulary: Vocabulary, word: string) =>
  vocabulary.check(`(${word})`, { start: 1, end: 1 + word.length, hash: wordHash(word) }) & STANDING

describe('the English vocabulary', () => {
  const english = installedLanguages({}).languages.find(({ about }) => about.language === 'en')!
  const vocabulary = vocabularyOf(english)

  it('is read once', () => expect(vocabularyOf(english)).toBe(vocabulary))

  it.each([
    'running',
    'colour',
    'color',
    "don't",
    'don’t',
    "company's",
    'Paris',
    'paris',
    'café',
    'kubernetes',
    'HTTP',
    'getUser',
    'h2o',
    'of',
  ])('takes %s as known', (word) => expect(standing(vocabulary, word)).toBe(KNOWN))
  it.each(['recieve', 'thats', 'untill', 'writting', 'paperserver'])('does not know %s', (word) =>
    expect(standing(vocabulary, word)).toBe(UNKNOWN),
  )
  it.each(['recieve', 'expcts', 'teh', 'mannner', 'quaterly', 'tommorow', 'beggining'])('sees a word in %s', (word) =>
    expect(vocabulary.resembles(word)).toBe(true),
  )
  it.each(['flurbel', 'paperserver', 'xqzw', 'zz', ''])('sees no word in %s', (word) =>
    expect(vocabulary.resembles(word)).toBe(false),
  )

  it('answers the same, with the same effort, when a word was looked up before and when others were', () => {
    const words = ['recieve', 'paperserver', 'running', 'flurbel', 'a'.repeat(40)]
    const answers = () =>
      words.map((word) => vocabulary.check(word, { start: 0, end: word.length, hash: wordHash(word) }))
    const first = answers()
    for (let i = 0; i < 20_000; i++)
      standing(vocabulary, `word${String.fromCharCode(97 + (i % 26))}${i.toString(26).replace(/\d/g, 'x')}`)
    expect(answers()).toEqual(first)
  })
})

describe('a language with compounds', () => {
  const words = ['Haus', 'Tür', 'Schlüssel', 'Arbeit', 'Zeit', 'Hof', 'alt']
  const vocabulary = createVocabulary({
    language: 'de',
    dictionaries: [createDictionary(parseAffixFile('SET UTF-8\n'), `${words.length}\n${words.join('\n')}\n`)],
    terms: new Set(),
    alphabet: 'abcdefghijklmnopqrstuvwxyzäöüß',
    compounding: { shortest: 3, link: 's', most_parts: 4 },
    has_capital_nouns: true,
  })

  it.each(['Haustür', 'Haustürschlüssel', 'Arbeitszeit', 'Hofarbeitszeit'])('builds %s', (word) =>
    expect(standing(vocabulary, word)).toBe(BUILT),
  )
  it.each(['Haustürr', 'Arbeitzeits', 'Hausxtür', 'HausHausHausHausHaus'.toLowerCase()])('does not build %s', (word) =>
    expect(standing(vocabulary, word)).toBe(UNKNOWN),
  )
})

describe('installedLanguages', () => {
  it('finds what comes along', () => {
    const found = installedLanguages({}).languages.map(({ about }) => about.language)
    for (const { language, bundled } of SPELLING_LANGUAGES) if (bundled) expect(found).toContain(language)
  })

  it('reads files of the user, in their encoding, and says which are not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'evalforge-dictionary-'))
    try {
      writeFileSync(join(folder, 'it.aff'), Buffer.from('SET ISO8859-1\nSFX A Y 1\nSFX A à ò à\n', 'latin1'))
      writeFileSync(join(folder, 'it.dic'), Buffer.from('1\ncittà/A\n', 'latin1'))
      const { languages, missing } = installedLanguages({ it: join(folder, 'it'), fr: join(folder, 'fr') })
      expect(missing).toEqual(['fr'])
      const italian = languages.find(({ about }) => about.language === 'it')!
      expect(italian.files[0]!.version).toMatch(/^[0-9a-f]{16}$/)
      const vocabulary = vocabularyOf(italian)
      expect(['città', 'cittò', 'citta'].map((word) => standing(vocabulary, word))).toEqual([KNOWN, KNOWN, UNKNOWN])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
