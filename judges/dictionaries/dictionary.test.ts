import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodingOf, parseAffixFile } from './affix-file.ts'
import { createDictionary, MAX_WORD, writeWord } from './dictionary.ts'
import { createStemTable, HASH_START, hashOn } from './stem-table.ts'

const AFFIXES = `SET UTF-8
TRY esianrtolcdugmphbyfvkwz
FORBIDDENWORD X
NEEDAFFIX N
ONLYINCOMPOUND O
CIRCUMFIX C
ICONV 1
ICONV ﬁ fi

PFX R Y 1
PFX R 0 re .

PFX G Y 1
PFX G 0 ge/C .

SFX D Y 3
SFX D 0 d e
SFX D y ied [^aeiou]y
SFX D 0 ed [^ey]

SFX T Y 1
SFX T 0 t/C .

SFX L N 1
SFX L 0 ly/P .

SFX P N 1
SFX P 0 s .
`
const WORDS = [
  'bake/RD',
  'try/D',
  'walk/D',
  'quick/L',
  'wrong/X',
  'root/ND',
  'part/O',
  'mach/GT',
  'plain',
  'walk/P',
  'file\tpo:noun',
]
const dic = (words: readonly string[]) => `${words.length}\n${words.join('\n')}\n`

function lookup(affixes: string, words: readonly string[]) {
  const dictionary = createDictionary(parseAffixFile(affixes), dic(words))
  const units = new Uint16Array(MAX_WORD)
  return (word: string) => dictionary.has(units, writeWord(dictionary.convert(word), units))
}

describe('a dictionary', () => {
  const has = lookup(AFFIXES, WORDS)

  it.each([
    'plain',
    'bake',
    'baked',
    'rebake',
    'rebaked',
    'tried',
    'walked',
    'walks',
    'quickly',
    'quicklys',
    'rooted',
    'gemacht',
    'file',
    'ﬁle',
  ])('knows %s', (word) => expect(has(word)).toBe(true))

  it.each([
    ['bakeed', 'the condition of the suffix'],
    ['trys', 'a suffix of another stem'],
    ['retried', 'a prefix that the stem does not take'],
    ['wrong', 'a forbidden word'],
    ['root', 'a stem that needs an affix'],
    ['part', 'a part of compounds'],
    ['gemach', 'half of a circumfix'],
    ['macht', 'the other half'],
    ['quicks', 'a second suffix without the first'],
    ['plainly', 'a stem without flags'],
    ['po:noun', 'what is said about a stem'],
    ['', 'nothing'],
  ])('does not know %s: %s', (word) => expect(has(word)).toBe(false))

  it('reads flags of two letters and flags that are numbers', () => {
    const pairs = lookup('FLAG long\nSFX Aa Y 1\nSFX Aa 0 s .\n', ['cat/BbAa', 'dog/aA'])
    expect(['cats', 'dogs'].map(pairs)).toEqual([true, false])
    const numbers = lookup('FLAG num\nSFX 12 Y 1\nSFX 12 0 s .\n', ['cat/1,12', 'dog/1,2,121'])
    expect(['cats', 'dogs'].map(numbers)).toEqual([true, false])
  })

  it('refuses aliases of flags, which it does not read', () => {
    expect(() => parseAffixFile('AF 1\nAF AB\n')).toThrow(/aliases/)
  })

  it('finds the encoding', () => {
    expect(encodingOf('# x\nSET ISO8859-15\n')).toBe('ISO8859-15')
    expect(encodingOf('TRY abc\n')).toBe('iso-8859-1')
  })

  it('answers any word, and the same again', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: MAX_WORD })
    fc.assert(
      fc.property(
        fc.oneof(
          units.map((codes) => String.fromCharCode(...codes)),
          fc.string(),
          fc.constantFrom(...WORDS),
        ),
        (word) => {
          const answer = has(word)
          expect(has(word)).toBe(answer)
        },
      ),
    )
  })
})

describe('a table of stems', () => {
  it('finds every stem of any list, with its flags, and no other', () => {
    const stem = fc.stringMatching(/^[a-zäßж']{1,12}$/)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(stem, fc.stringMatching(/^[A-Z]{0,4}$/)), { maxLength: 60 }),
        stem,
        (entries, other) => {
          const lines = entries.map(([word, flags]) => (flags === '' ? word : `${word}/${flags}`))
          const table = createStemTable(dic(lines), 'character')
          const flagsOf = (word: string) => {
            const units = Uint16Array.from(word, (letter) => letter.charCodeAt(0))
            let hash = HASH_START
            for (const unit of units) hash = hashOn(hash, unit)
            const found = []
            for (let at = table.find(units, units.length, hash); at >= 0; at = table.next(units, units.length, at)) {
              found.push(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
                  .split('')
                  .filter((flag) => table.hasFlag(at, word.length, flag.charCodeAt(0)))
                  .join(''),
              )
            }
            return new Set(found)
          }
          const sorted = (flags: string) => [...new Set(flags)].sort().join('')
          for (const [word] of entries) {
            expect(flagsOf(word)).toEqual(
              new Set(entries.filter(([one]) => one === word).map(([, flags]) => sorted(flags))),
            )
          }
          if (!entries.some(([word]) => word === other)) expect(flagsOf(other).size).toBe(0)
        },
      ),
    )
  })

  it('takes a file without a last line end, with Windows line ends, or with nothing in it', () => {
    const has = (text: string, word: string) => {
      const units = Uint16Array.from(word, (letter) => letter.charCodeAt(0))
      let hash = HASH_START
      for (const unit of units) hash = hashOn(hash, unit)
      return createStemTable(text, 'character').find(units, units.length, hash) >= 0
    }
    expect(has('2\none\ntwo', 'two')).toBe(true)
    expect(has('2\r\none/A\r\ntwo\r\n', 'two')).toBe(true)
    expect(has('', 'two')).toBe(false)
    expect(has('0\n', 'two')).toBe(false)
  })
})
