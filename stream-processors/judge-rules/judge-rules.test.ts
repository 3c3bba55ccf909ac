import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../core/metrics.ts'
import { createRuleJudges, judgesConfig } from '../../judges/catalogue.ts'
import type { Judge, Verdict } from '../../judges/judge.ts'
import { PASS, verdictOf } from '../../judges/verdicts.ts'
import { aMessage, aSpan } from '../../schemas/a-span.ts'
import { createJudgeRules } from './judge-rules.ts'

const clock = { now: () => 0, monotonic: () => 0, sleep: async () => undefined }

function aJudge(name: string, fields: Partial<Judge> = {}): Judge {
  return {
    name,
    version: '1',
    tier: 'rule',
    unit: 'span',
    applies: () => true,
    evaluate: (inputs) => inputs.map(() => PASS),
    ...fields,
  }
}

function judging(...judges: readonly Judge[]) {
  const registry = new Registry()
  const judgeRules = createJudgeRules({ judges, metrics: createMetrics(registry), clock })
  return { judgeRules, counted: (name: string) => registry.getSingleMetric(`evalforge_${name}`)!.get() }
}

const says = (text: string, project = 'default') =>
  aSpan({ project, output_messages: [aMessage('assistant', text)], finish_reasons: ['stop'] })
const failing = (fields: Partial<Verdict> = {}): Verdict => ({
  ...verdictOf({ label: 'bad', severity: 'medium', explanation: 'bad', evidence: [] }),
  ...fields,
})

/** Some of the shipped ones: what is tested here does not change with every new judge. */
const SIX = ['output_format', 'truncation', 'refusal', 'pii', 'secrets', 'prompt_injection']
const sixJudges = () => createRuleJudges(judgesConfig.parse({})).filter(({ name }) => SIX.includes(name))

describe('judgeRules', () => {
  it('judges real spans: one answer a span, in order, only judges that apply', () => {
    const { judgeRules } = judging(...sixJudges())
    const spans = [
      says('It arrives on Tuesday.'),
      says("I'm sorry, but I can't help with that."),
      says('Write to ada.okafor@northwind-freight.com'),
      aSpan({ kind: 'tool', output_messages: [aMessage('tool', 'done')] }),
    ]
    const judged = judgeRules(spans)
    expect(judged.map(({ span }) => span)).toEqual(spans)
    expect(judged.map(({ outcome }) => [outcome.passed, outcome.severity, outcome.deciding_judges])).toEqual([
      [true, 'none', []],
      [false, 'medium', ['refusal']],
      [false, 'medium', ['pii']],
      [true, 'none', []],
    ])
    expect(judged[0]!.evaluations).toHaveLength(6)
    expect(judged[3]!.evaluations.map(({ judge }) => judge)).toEqual(['pii', 'secrets', 'prompt_injection'])
  })

  it('shares the answer of spans that pass', () => {
    const { judgeRules } = judging(...sixJudges())
    const [a, b] = judgeRules([says('It arrives on Tuesday.'), says('It arrives on Friday.')])
    expect(a!.evaluations).toBe(b!.evaluations)
    expect(a!.outcome).toBe(b!.outcome)
    expect(a!.outcome.quality_score).toBe(1)
  })

  it('answers an empty batch and spans that no judge applies to', () => {
    const { judgeRules } = judging(aJudge('never', { applies: () => false }))
    expect(judgeRules([])).toEqual([])
    expect(judgeRules([says('x')])[0]).toMatchObject({
      evaluations: [],
      outcome: { passed: null, quality_score: null },
    })
  })

  it('gives an error verdict to the span that breaks a judge, and goes on', () => {
    const fragile = aJudge('fragile', {
      evaluate: (inputs) =>
        inputs.map(({ input }) => {
          if (input.texts[0]?.text === 'poison') throw new RangeError('quotes the poison')
          return PASS
        }),
    })
    const { judgeRules } = judging(fragile, aJudge('steady'))
    const judged = judgeRules([says('a'), says('poison'), says('b')])
    expect(judged.map(({ outcome }) => outcome.passed)).toEqual([true, null, true])
    expect(judged[1]!.evaluations[0]!.verdicts).toEqual([
      expect.objectContaining({
        passed: null,
        score: null,
        error: 'UNEXPECTED: the judge fragile failed with a RangeError.',
      }),
    ])
    expect(judged[1]!.evaluations[1]!.verdicts).toBe(PASS)
    expect(judged[1]!.outcome.deciding_judges).toEqual(['fragile'])
  })

  it.each([
    ['too few answers', { evaluate: () => [] }],
    ['a promise', { evaluate: async () => [PASS] }],
    ['a rejected promise', { evaluate: () => Promise.reject(new Error('late')) }],
    [
      'an applies() that throws',
      {
        applies: () => {
          throw new TypeError('no')
        },
      },
    ],
  ] satisfies [string, Partial<Judge>][])('takes %s for an error, never a pass', (_what, fields) => {
    const { judgeRules } = judging(aJudge('broken', fields), aJudge('steady'))
    const [judged] = judgeRules([says('x')])
    expect(judged!.outcome).toMatchObject({ passed: null, deciding_judges: ['broken'] })
    expect(judged!.evaluations.map(({ verdicts }) => verdicts[0]!.error !== '')).toEqual([true, false])
  })

  it('names the worst failure first, before errors', () => {
    const answering = (name: string, verdict: Verdict) =>
      aJudge(name, { evaluate: (inputs) => inputs.map(() => [verdict]) })
    const { judgeRules } = judging(
      answering('mild', failing({ severity: 'low', score: 0.7 })),
      answering('error', failing({ passed: null, score: null, error: 'X: y' })),
      answering('grave', failing({ severity: 'critical', score: 0.1 })),
    )
    expect(judgeRules([says('x')])[0]!.outcome).toEqual({
      passed: false,
      severity: 'critical',
      quality_score: 0.1,
      deciding_judges: ['grave', 'mild', 'error'],
    })
  })

  it('counts evaluations by project and outcome, and times each judge and the scan', async () => {
    const { judgeRules, counted } = judging(...sixJudges())
    judgeRules([says('fine', 'a'), says('fine too', 'a'), says("I'm sorry, but I can't help with that.", 'b')])
    const { values } = await counted('evaluations_total')
    const count = (project: string, outcome: string) =>
      values
        .filter(({ labels }) => labels.project === project && labels.outcome === outcome)
        .reduce((n, { value }) => n + value, 0)
    expect([count('a', 'passed'), count('a', 'failed'), count('b', 'passed'), count('b', 'failed')]).toEqual([
      12, 0, 5, 1,
    ])
    const timed = new Set((await counted('judge_duration_seconds')).values.map(({ labels }) => labels.judge))
    expect(timed).toEqual(
      new Set(['patterns', 'output_format', 'truncation', 'refusal', 'pii', 'secrets', 'prompt_injection']),
    )
  })

  it('counts texts beyond the scan limit and says so in the verdict', async () => {
    const { judgeRules, counted } = judging(...sixJudges())
    const [judged] = judgeRules([says('All is well. '.repeat(25_000))])
    expect((await counted('judge_texts_cut_total')).values[0]!.value).toBe(1)
    const pii = judged!.evaluations.find(({ judge }) => judge === 'pii')!
    expect(pii.verdicts[0]).toMatchObject({ passed: true, explanation: expect.stringContaining('262144') })
  })
})
