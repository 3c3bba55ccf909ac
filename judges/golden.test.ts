import { describe, expect, it } from 'vitest'
import { createRuleJudges, createRuleTraceJudges, judgesConfig, ruleJudgeLabels } from './catalogue.ts'
import { judgeOne, judgeTrace, readGoldenCases, readGoldenTraces, spanOf, traceOf } from './golden-cases.ts'
import type { Verdicts } from './judge.ts'

const TRACE_NAMES = createRuleTraceJudges(judgesConfig.parse({})).map(({ name }) => name)
const SPAN_NAMES = Object.keys(ruleJudgeLabels).filter((name) => !TRACE_NAMES.includes(name))

const configOf = (name: string, config: unknown) =>
  judgesConfig.parse({ [name]: { enabled: true, ...(config as object | undefined) } })

function expectLabels(verdicts: Verdicts, labels: readonly string[]): void {
  const failing = verdicts.filter(({ passed }) => passed === false)
  expect(failing.map(({ label }) => label).sort()).toEqual([...labels].sort())
}

function expectNamedCases(cases: readonly { readonly name: string }[]): void {
  expect(cases.length).toBeGreaterThanOrEqual(40)
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
}

describe.each(SPAN_NAMES)('golden cases of %s', (name) => {
  const cases = readGoldenCases(name)

  it('are at least forty, with names of their own', () => expectNamedCases(cases))

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_title, golden) => {
    const judge = createRuleJudges(configOf(name, golden.config)).find((one) => one.name === name)
    expectLabels(judgeOne(judge!, spanOf(golden)), golden.labels)
  })
})

describe.each(TRACE_NAMES)('golden traces of %s', (name) => {
  const cases = readGoldenTraces(name)

  it('are at least forty, with names of their own', () => expectNamedCases(cases))

  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', (_title, golden) => {
    const judge = createRuleTraceJudges(configOf(name, golden.config)).find((one) => one.name === name)
    expectLabels(judgeTrace(judge!, traceOf(golden)), golden.labels)
  })
})
