import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import { spanInput } from '../span-texts.ts'
import { PASS } from '../verdicts.ts'
import { NOT_CONCERNED, verdictsOf } from './answers.ts'

const input = spanInput(aSpan({ output_messages: [aMessage('assistant', '😀 a text')] }))
const mine = { name: 'mine', labels: null }
const answered = (raw: unknown) => verdictsOf(raw, mine, input)

describe('verdictsOf', () => {
  it('knows a pass, and a span that the judge does not apply to', () => {
    expect(answered(0)).toBe(PASS)
    expect(answered(null)).toBe(NOT_CONCERNED)
  })

  it.each([
    [{ label: 'x' }, { label: 'x', severity: 'medium', passed: false, score: 0.5, confidence: null }],
    [
      { label: 'x', severity: 'critical' },
      { severity: 'critical', passed: false, score: 0 },
    ],
    [
      { label: 'x', passed: true },
      { severity: 'none', passed: true, score: 1 },
    ],
    [
      { score: 0.4, passed: null },
      { label: '', severity: 'none', passed: null, score: 0.4 },
    ],
    [
      { label: 'x', score: null },
      { passed: false, score: null },
    ],
    [{ label: 'x', explanation: 'e'.repeat(5_000) }, { explanation: 'e'.repeat(1_000) }],
    [
      { label: 'x', evidence: [{ path: 'output/0/0', start: 2, end: 8 }] },
      { evidence: [{ path: 'output/0/0', start: 2, end: 8 }] },
    ],
  ])('fills in what %j leaves out', (given, expected) => {
    expect(answered([given])).toMatchObject([expected])
  })

  it.each([
    ['no list', 7, 'no list of verdicts'],
    ['an empty list', [], 'something that is no verdict'],
    ['a score of 2', [{ label: 'x', score: 2 }], 'wrong `score`'],
    ['a label of no form', [{ label: 'A b' }], 'wrong `label`'],
    ['a failure without a label', [{ passed: false }], 'wrong `label`'],
    ['an unknown severity', [{ label: 'x', severity: 'bad' }], 'wrong `severity`'],
    ['a place behind the text', [{ label: 'x', evidence: [{ path: 'output/0/0', start: 0, end: 9 }] }], 'evidence'],
    ['an unknown text', [{ label: 'x', evidence: [{ path: 'output/7/0', start: 0, end: 1 }] }], 'evidence'],
    ['a hundred verdicts', Array(100).fill({ label: 'x' }), 'more than 20'],
  ])('takes %s for an error verdict that says so', (_what, raw, expected) => {
    const [verdict] = answered(raw)
    expect(verdict).toMatchObject({ passed: null, score: null, label: '' })
    expect(verdict!.error).toMatch(/^CUSTOM_JUDGE_ANSWER_INVALID: the judge mine answered /)
    expect(verdict!.error).toContain(expected)
  })

  it('holds a judge to the labels that it names', () => {
    const closed = { name: 'mine', labels: ['x'] }
    expect(verdictsOf([{ label: 'x' }], closed, input)[0]!.error).toBe('')
    expect(verdictsOf([{ label: 'y' }], closed, input)[0]!.error).toContain('not in its `labels`')
  })

  it('makes verdicts of anything at all, and quotes none of it', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string({ minLength: 12 }), (raw, secret) => {
        for (const one of [raw, [raw], [{ label: secret, evidence: raw }], { error: secret }]) {
          for (const { label, score, severity, error } of answered(one)) {
            expect(SEVERITIES).toContain(severity)
            expect(score === null || (score >= 0 && score <= 1)).toBe(true)
            if (error !== '') expect(label).toBe('')
          }
        }
      }),
    )
  })
})
