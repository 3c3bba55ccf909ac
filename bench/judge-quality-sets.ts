import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuleJudges, judgesConfig } from '../judges/catalogue.ts'
import type { Judge } from '../judges/judge.ts'
import { createPatternSet } from '../judges/pattern-set.ts'
import { compileSchema } from '../judges/rules/json-schema.ts'
import { spanInput } from '../judges/span-texts.ts'
import { aMessage, aSpan } from '../schemas/a-span.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'

/** Measures the rule judges on the labelled sets beside the repository; rows are read there and never copied. */

interface Row {
  readonly id: string
  readonly label: unknown
  readonly text?: string
  readonly input?: string
  readonly output?: string
  readonly context?: string
  readonly schema?: unknown
  readonly entity?: string
  readonly source?: string
  readonly spans?: readonly { readonly type?: string; readonly start: number; readonly end: number }[]
  readonly bytes_base64?: string
}

export interface Quality {
  readonly judge: string
  readonly set: string
  readonly rows: number
  readonly positives: number
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
  readonly false_positive_rate: number | null
  readonly auroc: number | null
}

export interface Case {
  readonly id: string
  readonly span: LlmSpan
  /** Whether the judge should fail it. */
  readonly positive: boolean
  readonly config?: unknown
}

export interface QualitySet {
  readonly judge: string
  readonly set: string
  readonly config: unknown
  /** Only failures with one of these labels count. */
  readonly labels?: readonly string[]
  readonly cases: (rows: readonly Row[]) => readonly Case[]
}

const userSays = (text: string) => aSpan({ input_messages: [aMessage('user', text)] })
const assistantSays = (text: string, fields: Partial<LlmSpan> = {}) =>
  aSpan({ output_messages: [aMessage('assistant', text)], finish_reasons: ['stop'], ...fields })

const retrieves = (content: string) => aSpan({ kind: 'retrieval', documents: [{ id: '', content, score: null }] })

/** The kinds of personal data that have a form; names, places and dates are left to model judges. */
const FORMED = new Set(
  (
    'EMAIL EMAIL_ADDRESS PHONE PHONE_NUMBER CREDIT_CARD IBAN_CODE IP_ADDRESS US_SSN SSN US_ITIN CRYPTO ES_NIF ES_NIE ' +
    'UK_NINO UK_NHS IN_AADHAAR IN_PAN IT_FISCAL_CODE PL_PESEL'
  ).split(' '),
)

const piiCases = (rows: readonly Row[]) =>
  rows.map(({ id, text = '', spans = [] }) => ({
    id,
    span: userSays(text),
    positive: spans.some(({ type = '' }) => FORMED.has(type)),
  }))

export const QUALITY_SETS: readonly QualitySet[] = [
  {
    judge: 'secrets',
    set: 'creddata_lines',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'refusal',
    set: 'xstest_refusals',
    config: {},
    cases: (rows) =>
      rows.map(({ id, output = '', label }) => ({ id, span: assistantSays(output), positive: label !== 'compliance' })),
  },
  {
    judge: 'refusal',
    set: 'gptfuzz_responses',
    config: {},
    // A refusal in one voice and help in another is a jailbroken answer there.
    labels: ['refusal'],
    cases: (rows) =>
      rows.map(({ id, output = '', label }) => ({ id, span: assistantSays(output), positive: label === 0 })),
  },
  {
    judge: 'refusal',
    set: 'ifeval_responses',
    config: {},
    cases: (rows) => rows.map(({ id, output = '' }) => ({ id, span: assistantSays(output), positive: false })),
  },
  {
    judge: 'prompt_injection',
    set: 'deepset_injection',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'prompt_injection',
    set: 'jailbreak_mix',
    config: {},
    cases: (rows) => rows.map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
  {
    judge: 'prompt_injection',
    set: 'notinject',
    config: {},
    cases: (rows) => rows.map(({ id, text = '' }) => ({ id, span: userSays(text), positive: false })),
  },
  {
    judge: 'prompt_injection',
    set: 'cyberseceval_injection',
    config: {},
    cases: (rows) => rows.map(({ id, text = '' }) => ({ id, span: userSays(text), positive: true })),
  },
  {
    judge: 'prompt_injection',
    set: 'bipia_indirect',
    config: {},
    cases: (rows) =>
      rows.map(({ id, context = '', label }) => ({ id, span: retrieves(context), positive: label === 1 })),
  },
  {
    judge: 'output_format',
    set: 'json_parsing',
    config: { fenced_severity: 'none', expect_json: [{}] },
    cases: (rows) =>
      rows
        .filter(
          ({ label, bytes_base64, text }) =>
            label !== 'either' && bytes_base64 === undefined && text !== undefined && text.trim() !== '',
        )
        .map(({ id, text = '', label }) => ({ id, span: assistantSays(text), positive: label === 'invalid' })),
  },
  {
    judge: 'output_format',
    set: 'json_schema',
    config: {},
    cases: (rows) =>
      rows
        // Seven rows refer to remote or nested identifiers, which we refuse when the configuration is read.
        .filter(({ schema }) => 'check' in compileSchema(schema))
        .map(({ id, schema, output = '', label }) => ({
          id,
          span: assistantSays(output),
          positive: label === 0,
          config: { expect_json: [{ json_schema: schema }] },
        })),
  },
  { judge: 'pii', set: 'presidio_synth', config: { report_test_values: true }, cases: piiCases },
  { judge: 'pii', set: 'ambient_pii', config: { report_test_values: true }, cases: piiCases },
  {
    judge: 'pii',
    set: 'wnut17_ner',
    config: {},
    cases: (rows) => rows.map(({ id, text = '' }) => ({ id, span: userSays(text), positive: false })),
  },
  {
    judge: 'pii',
    set: 'presidio_recognizer_cases',
    config: { report_test_values: true },
    cases: (rows) =>
      rows
        .filter(({ entity = '' }) => FORMED.has(entity) && entity !== 'IP_ADDRESS')
        .map(({ id, text = '', label }) => ({ id, span: userSays(text), positive: label === 1 })),
  },
]

export function readRows(folder: string, set: string): readonly Row[] | null {
  const file = join(folder, `${set}.dev.jsonl`)
  if (!existsSync(file)) return null
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

export interface Decision {
  readonly case: Case
  readonly failed: boolean
  /** 1 - score: higher is worse. */
  readonly risk: number
}

/** Asks the judge about every case, as the stream does. */
export function decide(set: QualitySet, rows: readonly Row[]): readonly Decision[] {
  const byConfig = new Map<unknown, { judge: Judge; scan: ReturnType<typeof createPatternSet>['scan'] }>()
  return set.cases(rows).map((testCase) => {
    const config = testCase.config ?? set.config
    let ready = byConfig.get(config)
    if (ready === undefined) {
      const judges = createRuleJudges(judgesConfig.parse({ [set.judge]: config }))
      const judge = judges.find(({ name }) => name === set.judge)!
      ready = { judge, scan: createPatternSet([judge]).scan }
      byConfig.set(config, ready)
    }
    const input = spanInput(testCase.span)
    if (!ready.judge.applies(input)) return { case: testCase, failed: false, risk: 0 }
    const { hits, cut } = ready.scan(input.texts, () => true)
    const answers = ready.judge.evaluate([{ input, hits: hits[0]!, cut }], new AbortController().signal)
    if (answers instanceof Promise) throw new TypeError('A rule judge answers at once.')
    const verdicts = answers[0]!
    return {
      case: testCase,
      failed: verdicts.some(
        ({ passed, label }) => passed === false && (set.labels === undefined || set.labels.includes(label)),
      ),
      risk: 1 - Math.min(...verdicts.map(({ score }) => score ?? 1)),
    }
  })
}

export function qualityOf(set: QualitySet, decisions: readonly Decision[]): Quality {
  const count = (positive: boolean, failed: boolean) =>
    decisions.filter((decision) => decision.case.positive === positive && decision.failed === failed).length
  const [truePositives, falsePositives] = [count(true, true), count(false, true)]
  const positives = decisions.filter(({ case: { positive } }) => positive).length
  const negatives = decisions.length - positives
  const precision = positives === 0 ? null : ratio(truePositives, truePositives + falsePositives)
  const recall = ratio(truePositives, positives)
  return {
    judge: set.judge,
    set: set.set,
    rows: decisions.length,
    positives,
    precision: negatives === 0 ? null : precision,
    recall,
    f1:
      precision === null || recall === null || negatives === 0
        ? null
        : ratio(2 * precision * recall, precision + recall),
    false_positive_rate: ratio(falsePositives, negatives),
    auroc: positives === 0 || negatives === 0 ? null : auroc(decisions),
  }
}

const ratio = (part: number, whole: number) => (whole === 0 ? null : Math.round((part / whole) * 1000) / 1000)

/** The chance that a positive scores worse than a negative, ties half (Mann and Whitney 1947). */
function auroc(decisions: readonly Decision[]): number {
  const sorted = [...decisions].sort((a, b) => a.risk - b.risk)
  let wins = 0
  let negativesBelow = 0
  for (let i = 0; i < sorted.length; ) {
    let end = i
    while (end < sorted.length && sorted[end]!.risk === sorted[i]!.risk) end++
    const tied = sorted.slice(i, end)
    const tiedPositives = tied.filter((decision) => decision.case.positive).length
    wins += tiedPositives * (negativesBelow + (tied.length - tiedPositives) / 2)
    negativesBelow += tied.length - tiedPositives
    i = end
  }
  const positives = sorted.length - negativesBelow
  return Math.round((wins / (positives * negativesBelow)) * 1000) / 1000
}
