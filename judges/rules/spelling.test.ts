import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRandom, plantTypos } from '../../bench/planted-typos.ts'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import { SPELLING_LANGUAGES } from '../dictionaries/spelling-languages.ts'
import { judgeOne } from '../golden-cases.ts'
import type { Judge, Verdict } from '../judge.ts'
import { createGrammarJudge, grammarConfig } from './grammar.ts'
import { createSpellingJudge, spellingConfig } from './spelling.ts'

const says = (text: string) => aSpan({ output_messages: [aMessage('assistant', text, 'stop')] })
const failure = (judge: Judge, text: string): Verdict | undefined =>
  judgeOne(judge, says(text)).find(({ passed }) => passed === false)
const spelling = createSpellingJudge(spellingConfig.parse({}))
const grammar = createGrammarJudge(grammarConfig.parse({}))

describe('spelling', () => {
  it('points at the words, counted in code points, and tells how many of how many', () => {
    const text = '👍 We recieved your request and beleive that it will be handled soon, as the others were.'
    const verdict = failure(spelling, text)!
    const characters = Array.from(text)
    expect(verdict.evidence.map(({ start, end }) => characters.slice(start, end).join(''))).toEqual([
      'recieved',
      'beleive',
    ])
    expect(verdict.explanation).toMatch(/^2 of \d+ words look misspelled/)
    expect(verdict.severity).toBe('low')
  })

  it('says so when a dictionary that was named is not there', () => {
    const judge = createSpellingJudge(spellingConfig.parse({ dictionaries: { en: '/nowhere/en' } }))
    const [verdict] = judgeOne(judge, says('This is a sentence that anybody would take for an English one.'))
    expect(verdict!.passed).toBeNull()
    expect(verdict!.error).toMatch(/^CONFIG_INVALID: .*judges\.spelling\.dictionaries\.en/)
    expect(verdict!.error).not.toContain('/nowhere')
  })

  it('has another version with other dictionaries', () => {
    const version = (config: unknown) => createSpellingJudge(spellingConfig.parse(config)).version
    expect(version({})).toBe(version({}))
    expect(version({ languages: ['en'] })).not.toBe(version({}))
    expect(version({ dictionaries: { en: '/nowhere/en' } })).not.toBe(version({}))
  })

  it('is told by the manual: every language with its packages', () => {
    const manual = readFileSync(new URL('../../docs/spelling.md', import.meta.url), 'utf8')
    for (const { language, packages } of SPELLING_LANGUAGES) {
      expect(manual).toMatch(new RegExp(`^\\| (?:\\w\\w, )?${language}\\b`, 'm'))
      for (const name of packages) expect(manual).toContain(`\`${name}\``)
    }
  })
})

/** Some 100 KB each. The promise is 1 ms for 10 KB; the limit here leaves room for a busy machine. */
describe.each([
  ['words that nobody knows', () => `This is the text that we have. ${randomWords(14_000, 8)}`],
  ['endless words', () => `This is the text that we have. ${randomWords(2000, 50)}`],
  ['words that are hardly known', () => `This is the text that we have. ${randomWords(10_000, 3)}`],
  ['signs of code', () => 'the `and` of ``` '.repeat(6000)],
  ['quotation marks', () => 'This is the "wrng" '.repeat(5000)],
  ['full stops', () => 'the.The '.repeat(12_000)],
  ['the same word', () => 'the '.repeat(25_000)],
])('a text of %s', (_name, make) => {
  it.each([spelling, grammar])('takes no time: $name', (judge) => {
    const span = says(make())
    judgeOne(judge, span)
    const before = process.cpuUsage()
    judgeOne(judge, says(make()))
    const { user } = process.cpuUsage(before)
    expect(user / 1000).toBeLessThan(1000)
  })
})

function randomWords(count: number, length: number): string {
  const random = createRandom(7)
  const word = () => Array.from({ length }, () => String.fromCharCode(97 + random(26))).join('')
  return Array.from({ length: count }, word).join(' ')
}

const SET = join(import.meta.dirname, '../../../shared/datasets/xstest_refusals.dev.jsonl')

describe.skipIf(!existsSync(SET))('on answers of models (xstest_refusals)', () => {
  const answers = () =>
    readFileSync(SET, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { output: string }).output)

  it('hardly fails what is clean', () => {
    const all = answers()
    for (const judge of [spelling, grammar]) {
      const failed = all.filter((answer) => failure(judge, answer) !== undefined).length
      expect(failed / all.length).toBeLessThan(0.01)
    }
  })

  it('finds planted errors, and points at nothing else', () => {
    const eager = createSpellingJudge(spellingConfig.parse({ max_per_100_words: 0 }))
    const random = createRandom(11)
    let [planted, pointed, found] = [0, 0, 0]
    for (const answer of answers().filter((_, i) => i % 5 === 0)) {
      if (failure(eager, answer) !== undefined) continue
      const { text, places } = plantTypos(answer, { per100: 2, random })
      const evidence = failure(eager, text)?.evidence ?? []
      const starts = new Set(evidence.map(({ start }) => start))
      planted += places.length
      pointed += evidence.length
      found += places.filter(({ start }) => starts.has(Array.from(text.slice(0, start)).length)).length
    }
    expect(planted).toBeGreaterThan(100)
    expect(found / planted).toBeGreaterThan(0.7)
    expect(found / pointed).toBeGreaterThan(0.98)
  })
})
