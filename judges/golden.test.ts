import { describe, expect, it } from 'vitest'
import { createRuleJudges, judgesConfig, ruleJudgeLabels } from './catalogue.ts'
import { judgeOne, readGoldenCases, spanOf } from './golden-cases.ts'

const NAMES = Object.keys(ruleJudgeLabels)

describe.each(NAMES)('golden cases of %s', (name) => {
  const cases = readGoldenCases(name)

  it('are at least forty, with names of their own', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40)
    expect(new Set(cases.map((golden) => golden.name)).size).toBe(cases.length)
  })

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_title, golden) => {
    const judges = createRuleJudges(judgesConfig.parse({ [name]: golden.config ?? {} }))
    const verdicts = judgeOne(judges.find((judge) => judge.name === name)!, spanOf(golden))
    const failing = verdicts.filter(({ passed }) => passed === false)
    expect(failing.map(({ label }) => label).sort()).toEqual([...golden.labels].sort())
  })
})
