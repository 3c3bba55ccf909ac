import { createRuleJudges, judgesConfig, ruleJudgeLabels } from './catalogue.ts'
import { readGoldenCases, spanOf } from './golden-cases.ts'
import { judgeContract } from './judge.contract.ts'

for (const judge of createRuleJudges(judgesConfig.parse({}))) {
  judgeContract(judge.name, {
    judge,
    labels: ruleJudgeLabels[judge.name as keyof typeof ruleJudgeLabels],
    spans: readGoldenCases(judge.name).map(spanOf),
    finds_values: judge.name === 'pii' || judge.name === 'secrets',
  })
}
