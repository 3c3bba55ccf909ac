import { describe, expect, it } from 'vitest'
import { aJudgedSpan, aSpan } from '../schemas/a-span.ts'
import type { Evaluation, Severity } from '../schemas/evaluation.ts'
import { judgesConfig } from './catalogue.ts'
import { createEscalate, NO_ESCALATIONS } from './escalation.ts'
import { combineOutcome } from './outcome.ts'
import { PASS, verdictOf } from './verdicts.ts'

const RULES = [
  { when: { judge: 'pii', label: 'credit_card', severity: 'high' }, judges: ['privacy_llm'], alert: 'leaked-card' },
  { when: { judge: 'pii' }, judges: ['privacy_llm', 'tone_llm'] },
  { when: { severity: 'critical' }, alert: 'page' },
  { when: { where: { services: ['bank'] } }, alert: 'bank' },
]
const external_judges = ['privacy_llm', 'tone_llm']
const escalate = createEscalate(judgesConfig.parse({ external_judges, escalation: RULES }).escalation)

const failing = (judge: string, label: string, severity: Severity): Evaluation => ({
  judge,
  judge_version: '1',
  tier: 'rule',
  track: 'live',
  verdicts: [verdictOf({ label, severity, explanation: 'found', evidence: [] })],
})
const passing = (judge: string): Evaluation => ({ ...failing(judge, '', 'none'), verdicts: PASS })

function ofSpan(evaluations: readonly Evaluation[], service_name = 'shop') {
  return escalate.ofSpan(aJudgedSpan({ service_name }, { evaluations, outcome: combineOutcome(evaluations) }))
}

describe('createEscalate', () => {
  it.each([
    ['nothing from a pass', [passing('pii'), passing('secrets')], [], []],
    ['nothing from a finding that no rule names', [failing('refusal', 'refusal', 'medium')], [], []],
    [
      'every rule that fits, each name once',
      [failing('pii', 'credit_card', 'high')],
      ['privacy_llm', 'tone_llm'],
      ['leaked-card'],
    ],
    ['not below the severity', [failing('pii', 'credit_card', 'medium')], ['privacy_llm', 'tone_llm'], []],
    ['not for another label', [failing('pii', 'email', 'high')], ['privacy_llm', 'tone_llm'], []],
    ['for any judge where none is named', [failing('secrets', 'cloud_key', 'critical')], [], ['page']],
    [
      'for the finding, not for the worst of the span',
      [failing('pii', 'email', 'low'), failing('secrets', 'cloud_key', 'critical')],
      ['privacy_llm', 'tone_llm'],
      ['page'],
    ],
  ] as const)('follows %s', (_name, evaluations, judges, alerts) => {
    expect(ofSpan(evaluations)).toEqual({ judges, alerts })
  })

  it('asks `where` about the span', () => {
    expect(ofSpan([failing('refusal', 'refusal', 'low')], 'bank').alerts).toEqual(['bank'])
    expect(ofSpan([failing('refusal', 'refusal', 'low')], 'shop').alerts).toEqual([])
  })

  it('follows nothing from undecided verdicts, errors and the shadow track', () => {
    const undecided = {
      ...failing('pii', 'credit_card', 'critical'),
      verdicts: [{ ...failing('pii', 'x', 'critical').verdicts[0]!, passed: null }],
    }
    const shadow = { ...failing('pii', 'credit_card', 'critical'), track: 'shadow' as const }
    expect(ofSpan([undecided])).toBe(NO_ESCALATIONS)
    expect(ofSpan([shadow])).toBe(NO_ESCALATIONS)
  })

  it('asks `where` about all spans of a trace', () => {
    const spans = [aSpan({ service_name: 'shop' }), aSpan({ service_name: 'bank' })]
    const evaluations = [failing('agent_loop', 'cycle', 'critical')]
    expect(escalate.ofTrace({ spans }, evaluations)).toEqual({ judges: [], alerts: ['page', 'bank'] })
    expect(escalate.ofTrace({ spans }, [passing('agent_loop')])).toBe(NO_ESCALATIONS)
  })

  it('without rules follows nothing', () => {
    const none = createEscalate([])
    expect(none.ofTrace({ spans: [] }, [failing('pii', 'email', 'high')])).toBe(NO_ESCALATIONS)
  })
})

describe('judges.escalation', () => {
  const problems = (config: unknown) =>
    judgesConfig.safeParse(config).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

  it('takes shipped, custom and external judges', () => {
    const custom = [{ name: 'brand_voice', file: './voice.ts' }]
    const escalation = [
      { when: { judge: 'agent_loop', label: 'cycle' }, judges: ['brand_voice', 'tone_llm'] },
      { when: { judge: 'brand_voice', label: 'anything' }, alert: 'off-brand' },
      { when: { judge: 'tone_llm' }, alert: 'rude' },
    ]
    expect(problems({ custom, external_judges, escalation })).toEqual([])
  })

  it('says what nobody has, with paths', () => {
    const escalation = [
      { when: { judge: 'ppi' }, alert: 'x' },
      { when: { judge: 'pii', label: 'creditcard' }, judges: ['nobody'] },
      { when: { severity: 'none' }, alert: 'x' },
      { when: {} },
      { alert: 'Not A Name' },
    ]
    expect(problems({ escalation: escalation.slice(0, 2) })).toEqual([
      expect.stringMatching(/^escalation\.0\.when\.judge: is no judge/),
      expect.stringMatching(/^escalation\.1\.when\.label: is no label of pii: it has email, /),
      expect.stringMatching(/^escalation\.1\.judges\.0: is no judge/),
    ])
    expect(problems({ escalation: escalation.slice(2) })).toEqual([
      expect.stringMatching(/^escalation\.0\.when\.severity: /),
      expect.stringMatching(/^escalation\.1: needs `judges`, `alert` or both/),
      expect.stringMatching(/^escalation\.2\.alert: small letters/),
    ])
  })
})
