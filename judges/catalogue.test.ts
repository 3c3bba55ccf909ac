import { describe, expect, it } from 'vitest'
import { aSpan } from '../schemas/a-span.ts'
import { createRuleJudges, judgesConfig, ruleJudgeLabels } from './catalogue.ts'
import { judgeOne } from './golden-cases.ts'
import { PASS } from './verdicts.ts'

describe('judgesConfig', () => {
  it('enables judges by default, each under the name of its section', () => {
    const judges = createRuleJudges(judgesConfig.parse({}))
    expect(Object.keys(ruleJudgeLabels)).toEqual(expect.arrayContaining(judges.map(({ name }) => name)))
    expect(judges.map(({ name }) => name)).toEqual(expect.arrayContaining(['output_format', 'pii', 'tool_calls']))
  })

  it('lists all that is wrong at once, with paths and reasons', () => {
    const { error } = judgesConfig.safeParse({
      pii: { patterns: [{ id: 'customer', source: '(?<=KD-)\\d+' }], min_confidence: 2 },
      refusal: { phrases: ['(no)\\1'] },
      output_format: { expect_json: [{}, { json_schema: { type: 'strnig' } }, { json_schema: { pattern: '(?=a)' } }] },
      truncation: { severity: 'terrible' },
      secrets: { where: { kind: ['llm'] } },
      profanity: {},
    })
    const found = error!.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^pii\.patterns\.0\.source: is not an RE2 pattern/),
        expect.stringMatching(/^pii\.min_confidence: /),
        expect.stringMatching(/^refusal\.phrases\.0: is not an RE2 pattern/),
        expect.stringMatching(/^output_format\.expect_json\.1\.json_schema: is not a JSON Schema/),
        expect.stringMatching(/^output_format\.expect_json\.2\.json_schema: does not compile/),
        expect.stringMatching(/^truncation\.severity: /),
        expect.stringMatching(/^secrets\.where: .*kind/),
        expect.stringMatching(/profanity/),
      ]),
    )
  })
})

describe('createRuleJudges', () => {
  it('leaves out what is switched off', () => {
    const names = (config: unknown) => createRuleJudges(judgesConfig.parse(config)).map(({ name }) => name)
    const off = { pii: { enabled: false }, refusal: { enabled: false } }
    expect(names(off)).toEqual(names({}).filter((name) => name !== 'pii' && name !== 'refusal'))
  })

  it('changes a version with the configuration of that judge, and only then', () => {
    const versions = (config: unknown) => createRuleJudges(judgesConfig.parse(config)).map(({ version }) => version)
    const before = versions({})
    expect(versions({})).toEqual(before)
    const after = versions({ refusal: { threshold: 0.4 } })
    expect(after.filter((version, i) => version !== before[i])).toHaveLength(1)
  })
})

describe('severities', () => {
  const verdicts = (config: unknown) => {
    const judge = createRuleJudges(judgesConfig.parse({ truncation: config })).find(({ name }) => name === 'truncation')
    return judgeOne(judge!, aSpan({ finish_reasons: ['length'] }))
  }

  it('are configuration in every section, by label', () => {
    for (const [name, labels] of Object.entries(ruleJudgeLabels)) {
      const config = { [name]: { severities: { [labels[0]!]: 'critical' } } }
      expect(judgesConfig.safeParse(config).success, name).toBe(true)
      expect(judgesConfig.safeParse({ [name]: { severities: { nonsense: 'low' } } }).success, name).toBe(false)
    }
  })

  it('change how bad a finding is and the score that came from it', () => {
    expect(verdicts({})[0]).toMatchObject({ label: 'truncated', severity: 'medium', score: 0.5 })
    const critical = verdicts({ severity: 'low', severities: { truncated: 'critical' } })
    expect(critical).toMatchObject([{ label: 'truncated', severity: 'critical', score: 0, passed: false }])
  })

  it('take a finding out with `none`, and leave the other labels alone', () => {
    expect(verdicts({ severities: { truncated: 'none' } })).toBe(PASS)
    expect(verdicts({ severities: { empty: 'none' } })).toMatchObject([{ label: 'truncated', severity: 'medium' }])
  })
})
