import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../core/random.ts'
import { createRuleJudges, judgesConfig } from './catalogue.ts'
import { readGoldenCases, spanOf } from './golden-cases.ts'
import { ANY_TEXT, type Pattern, type SpanText, TEXT_FIELDS } from './judge.ts'
import { createPatternSet, MAX_HITS_PER_PATTERN, MAX_SCAN_LENGTH, patternProblem } from './pattern-set.ts'
import { re2 } from './re2.ts'
import { spanInput } from './span-texts.ts'

const aText = (text: string, fields: Partial<SpanText> = {}): SpanText => ({
  path: 'output/0/0',
  field: 'output',
  role: 'assistant',
  text,
  ...fields,
})
const aPattern = (fields: Partial<Pattern>): Pattern => ({ id: 'p', source: 'x', fields: ['output'], ...fields })
const hitsOf = (pattern: Partial<Pattern>, text: string) =>
  createPatternSet([{ name: 'j', patterns: [aPattern(pattern)] }]).scan([aText(text)], () => true).hits[0]!

describe('createPatternSet', () => {
  it('gives positions in code points, and the context around them', () => {
    const [hit] = hitsOf({ source: 'key=(\\w+)' }, '😀😀 key=abc 😀')
    expect(hit).toMatchObject({ start: 7, end: 10, match: 'abc', before: '😀😀 key=', after: ' 😀' })
  })

  it('counts a lone surrogate as one code point, as Array.from does', () => {
    const text = '\ud800\ud83d😀needle'
    const [hit] = hitsOf({ source: 'needle' }, text)
    expect(Array.from(text).slice(hit!.start, hit!.end).join('')).toBe('needle')
  })

  it.each([
    ['by its literal', { source: 'needle', literals: ['needle'] }],
    ['by the set', { source: 'needle' }],
  ])('finds a pattern %s at every distance into a long text', (_how, pattern) => {
    for (let length = 0; length < 3000; length += 97) {
      const hits = hitsOf(pattern, `${'😀'.repeat(length % 50)}${'a '.repeat(length)}needle${' b'.repeat(700)}`)
      expect(hits.map(({ start }) => start)).toEqual([(length % 50) + 2 * length])
    }
  })

  it('finds a number wherever its digits stand', () => {
    const pattern = { source: '\\b\\d{3}-\\d{2}-\\d{4}\\b', min_digits: 9 }
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (before, after) => {
        const text = `${before} 536-90-4399 ${after}`
        expect(hitsOf(pattern, text).map(({ match }) => match)).toContain('536-90-4399')
      }),
    )
    expect(hitsOf(pattern, 'only 12 digits 34')).toEqual([])
  })

  it('bounds the hits of a pattern', () => {
    expect(hitsOf({ source: 'a' }, 'a'.repeat(5000))).toHaveLength(MAX_HITS_PER_PATTERN)
  })

  it('keeps the order of the texts, and looks only at the fields and owners asked for', () => {
    const set = createPatternSet([
      { name: 'one', patterns: [aPattern({ source: 'a' }), aPattern({ id: 'q', source: 'b', literals: ['b'] })] },
      { name: 'two', patterns: [aPattern({ source: 'a', fields: ['input'] })] },
    ])
    const texts = [
      aText('b a', { path: 'input/0/0', field: 'input' }),
      aText('x b a'),
      aText('a', { path: 'output/1/0' }),
    ]
    const both = set.scan(texts, () => true).hits
    expect(both[0]!.map(({ path, pattern }) => `${path} ${pattern}`)).toEqual([
      'output/0/0 q',
      'output/0/0 p',
      'output/1/0 p',
    ])
    expect(both[1]!.map(({ path }) => path)).toEqual(['input/0/0'])
    expect(set.scan(texts, (owner) => owner === 1).hits[0]).toEqual([])
  })

  it('looks at the first part of a long text and says so', () => {
    const set = createPatternSet([{ name: 'j', patterns: [aPattern({ source: 'needle', literals: ['needle'] })] }])
    const filler = 'a'.repeat(MAX_SCAN_LENGTH - 6)
    expect(set.scan([aText(`${filler}needle and more`)], () => true)).toMatchObject({
      cut: true,
      hits: [[{ match: 'needle' }]],
    })
    expect(set.scan([aText(`${filler} needle`)], () => true)).toMatchObject({ cut: true, hits: [[]] })
    expect(set.scan([aText('needle')], () => true).cut).toBe(false)
  })

  it('folds case as RE2 does, in literals too: the long s and the Kelvin sign', () => {
    const pattern = { source: 'task', case_insensitive: true }
    expect(hitsOf(pattern, 'TASK')).toHaveLength(1)
    expect(hitsOf(pattern, 'ta\u017f\u212a')).toHaveLength(1)
    expect(hitsOf({ ...pattern, literals: ['|task|'] }, 'a ta\u017f\u212a.')).toHaveLength(1)
    expect(hitsOf({ ...pattern, literals: ['|task|'] }, 'multitasking')).toHaveLength(0)
  })
})

describe('patternProblem', () => {
  it.each(['(?=a)', '(?<!a)b', '(a)\\1', '[', 'a{1001}'])('refuses %s', (source) => {
    expect(patternProblem(source)).toContain('not an RE2 pattern')
  })
  it('takes RE2', () => expect(patternProblem('(?i)\\bkd-\\d{4}\\b')).toBe(''))
})

describe('the patterns of all judges', () => {
  const judges = createRuleJudges(judgesConfig.parse({}))
  const golden = judges.flatMap(({ name }) => readGoldenCases(name).flatMap((one) => spanInput(spanOf(one)).texts))

  it('find with their literals and digits whatever they find without', () => {
    let found = 0
    for (const pattern of judges.flatMap(({ patterns = [] }) => patterns)) {
      if (pattern.source === ANY_TEXT) continue
      const regexp = re2(`${pattern.case_insensitive === true ? '(?i)' : ''}${pattern.source}`)
      const set = createPatternSet([{ name: 'j', patterns: [{ ...pattern, fields: TEXT_FIELDS }] }])
      for (const text of golden) {
        if (!regexp.test(text.text)) continue
        found++
        expect(set.scan([text], () => true).hits[0], `${pattern.id}: ${text.text.slice(0, 80)}`).not.toEqual([])
      }
    }
    expect(found).toBeGreaterThan(150)
  })

  const LENGTH = 100_000
  const random = createRandom(20_261_120)
  const randomBase64 = (length: number) =>
    Buffer.from(Array.from({ length }, () => random(256)))
      .toString('base64')
      .slice(0, length)
  const repeated = (piece: string) => piece.repeat(Math.ceil(LENGTH / piece.length)).slice(0, LENGTH)
  it.each([
    ['letters', repeated('a')],
    ['at signs', repeated('a@a.')],
    ['digits', repeated('4')],
    ['digit groups', repeated('4111 1111-')],
    ['quotes and signs', repeated('password="\' = : ')],
    ['words of every judge', repeated('ignore sorry your code password card ssn iban i cannot ')],
    ['base64', randomBase64(LENGTH)],
    ['all golden texts', repeated(golden.map(({ text }) => text).join(' '))],
  ])('take time in proportion to 100 KB of %s', (_what, text) => {
    const set = createPatternSet(judges)
    const time = (length: number) => {
      const texts = TEXT_FIELDS.map((field, i) => aText(text.slice(0, length), { field, path: `output/0/${i}` }))
      const { user, system } = process.cpuUsage()
      set.scan(texts.slice(1, 3), () => true)
      const after = process.cpuUsage({ user, system })
      return (after.user + after.system) / 1000
    }
    time(LENGTH)
    // The first pass may still build automata; a quadratic engine would take minutes.
    expect(time(LENGTH)).toBeLessThan(10_000)
  })
})
