import {
  createRuleJudges,
  createRuleTraceJudges,
  judgesConfig,
  ruleJudgeLabels,
  type ShippedJudge,
} from './catalogue.ts'
import { readGoldenCases, readGoldenTraces, spanOf, traceOf } from './golden-cases.ts'
import { judgeContract, traceJudgeContract } from './judge.contract.ts'

/** Those that are off by default as well. */
const all = judgesConfig.parse(
  Object.fromEntries(Object.keys(ruleJudgeLabels).map((name) => [name, { enabled: true }])),
)
const labelsOf = (name: string) => ruleJudgeLabels[name as ShippedJudge]

for (const judge of createRuleJudges(all)) {
  judgeContract(judge.name, {
    judge,
    labels: labelsOf(judge.name),
    spans: readGoldenCases(judge.name).map(spanOf),
    finds_values: judge.name === 'pii' || judge.name === 'secrets',
  })
}

for (const judge of createRuleTraceJudges(all)) {
  traceJudgeContract(judge.name, {
    judge,
    labels: labelsOf(judge.name),
    traces: readGoldenTraces(judge.name).map(traceOf),
  })
}
