import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import { judgesConfig } from '../catalogue.ts'
import { judgeOne } from '../golden-cases.ts'
import { judgeContract } from '../judge.contract.ts'
import { createPatternSet } from '../pattern-set.ts'
import { createCustomPatternsJudge, customPatternsConfig } from './custom-patterns.ts'

const TICKET = { name: 'ticket', label: 'internal_id', source: '\\bTCK-\\d{4,8}\\b', literals: ['TCK-'] }
const judgeOf = (...patterns: object[]) => createCustomPatternsJudge(customPatternsConfig.parse(patterns))!
const says = (output: string, input = '') =>
  aSpan({ input_messages: [aMessage('user', input)], output_messages: [aMessage('assistant', output)] })
const problemsOf = (...patterns: unknown[]) =>
  (customPatternsConfig.safeParse(patterns).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )

judgeContract('custom_patterns', {
  judge: judgeOf(TICKET, { name: 'rude', label: 'rude', source: '(?i)\\bidiot\\b', severity: 'low' }),
  labels: ['internal_id', 'rude'],
  spans: [says('TCK-20417 you idiot'), says('none')],
  finds_values: true,
})

describe('createCustomPatternsJudge', () => {
  it('gives a verdict for each label, the worst severity of its patterns, and their places', () => {
    const judge = judgeOf(
      { ...TICKET, severity: 'low', explanation: 'A ticket.' },
      { name: 'order', label: 'internal_id', source: 'ORD-(\\d+)', severity: 'high' },
      { name: 'shout', label: 'shouting', source: '!!!', severity: 'none' },
    )
    expect(judgeOne(judge, says('TCK-20417, ORD-77 and TCK-11111!!!'))).toMatchObject([
      {
        label: 'internal_id',
        severity: 'high',
        passed: false,
        explanation: 'The pattern order matches in output/0/0 and 2 more.',
        evidence: [
          { path: 'output/0/0', start: 0, end: 9 },
          { start: 15, end: 17 },
          { start: 22, end: 31 },
        ],
      },
      { label: 'shouting', severity: 'none', passed: true },
    ])
    expect(judgeOne(judge, says('nothing here'))).toMatchObject([{ label: '', passed: true }])
  })

  it('looks at its fields and spans only', () => {
    const judge = judgeOf({ ...TICKET, fields: ['input'], where: { models: ['gpt-*'] } })
    const asked = { ...says('TCK-20417', 'TCK-20417'), request_model: 'gpt-5' }
    expect(judgeOne(judge, asked)[0]!.evidence).toMatchObject([{ path: 'input/0/0' }])
    expect(judgeOne(judge, { ...asked, request_model: 'claude', response_model: 'claude' })).toEqual([])
  })

  it('is there only where there are patterns, and changes its version with them', () => {
    expect(createCustomPatternsJudge([])).toBeNull()
    expect(judgeOf(TICKET).version).toBe(judgeOf(TICKET).version)
    expect(judgeOf({ ...TICKET, severity: 'low' }).version).not.toBe(judgeOf(TICKET).version)
  })
})

describe('customPatternsConfig', () => {
  it.each([
    ['look-ahead', { source: '(?=a)b' }, /0\.source: is not an RE2 pattern/],
    ['a back-reference', { source: '(a)\\1' }, /0\.source: is not an RE2 pattern/],
    ['a repetition beyond 1,000', { source: 'a{1001}' }, /0\.source: is not an RE2 pattern/],
    ['repetitions in repetitions', { source: '((((a{9}){9}){9}){9})' }, /0\.source: (?:is not|compiles to)/],
    ['a thousand times anything', { source: '.{1000}b' }, /0\.source: compiles to \d+ instructions/],
    ['large classes many times', { source: '(?:[\\pL\\d]{200}x){3}' }, /0\.source: compiles to/],
    [
      'a huge alternation',
      { source: Array.from({ length: 30 }, (_, i) => `${i}x{40}`).join('|') },
      /0\.source: compiles/,
    ],
    ['more than 500 without literals', { source: 'a{700}', literals: undefined }, /With literals it may be larger/],
    ['a source of 2,000 characters', { source: 'a'.repeat(2_000) }, /0\.source: Too big/],
    ['a literal that stands everywhere', { source: 'abc', literals: ['e'] }, /literals\.0: at least 2/],
    ['a literal of a boundary alone', { source: 'abc', literals: ['|'] }, /0\.literals\.0: at least 2/],
    ['no label', { label: '' }, /0\.label: small letters/],
  ])('refuses %s, and says why', (_what, fields, expected) => {
    const { literals: _, ...plain } = TICKET
    expect(problemsOf({ ...plain, ...fields }).join('\n')).toMatch(expected)
  })

  it('refuses names that stand twice, too many patterns and too many literals', () => {
    expect(problemsOf(TICKET, TICKET)).toEqual(['1.name: stands twice in the list.'])
    const many = Array.from({ length: 101 }, (_, i) => ({ ...TICKET, name: `p${i}` }))
    expect(problemsOf(...many).join()).toMatch(/Too big/)
    const wordy = many.slice(0, 100).map((one) => ({ ...one, literals: ['x'.repeat(90)] }))
    expect(problemsOf(...wordy)).toEqual([expect.stringMatching(/9000 characters of literals/)])
  })

  it('takes what is large but harmless', () => {
    expect(problemsOf({ ...TICKET, source: 'a{900}' })).toEqual([])
    expect(problemsOf({ ...TICKET, source: Array.from({ length: 120 }, (_, i) => `name${i}`).join('|') })).toEqual([])
  })

  it('refuses or compiles any source, and never throws', () => {
    const pieces = fc.constantFrom(
      'a',
      '\\d',
      '[\\pL]',
      '.',
      '(',
      ')',
      '|',
      '*',
      '+',
      '?',
      '{2,30}',
      '{9}',
      '^',
      '\\b',
      '\\',
      '[^a',
      '(?i)',
    )
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 12 }), fc.string({ maxLength: 200 }), (parts, text) => {
        const parsed = judgesConfig.shape.patterns.safeParse([
          { ...TICKET, source: parts.join(''), literals: ['a1', '('] },
        ])
        if (!parsed.success) return
        const judge = createCustomPatternsJudge(parsed.data)!
        expect(judgeOne(judge, says(`a1 ${text}`)).length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })

  it('compiles the most that can be configured', () => {
    const most = Array.from({ length: 100 }, (_, i) => ({
      ...TICKET,
      name: `p${i}`,
      literals: [`${'x'.repeat(30)}${i}`],
    }))
    const set = createPatternSet([judgeOf(...most)])
    expect(set.pattern_count).toBe(100)
  })
})
