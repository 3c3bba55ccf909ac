import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuleJudges, judgesConfig } from '../judges/catalogue.ts'
import type { Judge, Verdict } from '../judges/judge.ts'
import { createPatternSet } from '../judges/pattern-set.ts'
import { spanInput } from '../judges/span-texts.ts'
import type { LlmSpan } from '../schemas/llm-span.ts'

/** One labelled row of a set; which fields it has depends on the set (INDEX.md of the folder). */
export interface Row {
  readonly id: string
  readonly group: string
  readonly label: unknown
  readonly text?: string
  readonly input?: string
  readonly output?: string
  readonly output_a?: string
  readonly output_b?: string
  readonly context?: string
  readonly schema?: unknown
  readonly entity?: string
  readonly spans?: readonly { readonly type?: string; readonly start: number; readonly end: number }[]
  readonly bytes_base64?: string
  readonly [field: string]: unknown
}

export interface Case {
  /** The row's. */
  readonly id: string
  readonly span: LlmSpan
  /** Whether the judge should fail it. */
  readonly positive: boolean
  /** Instead of the set's. */
  readonly config?: unknown
  /** Only failures with one of these labels count, instead of the set's. */
  readonly labels?: readonly string[]
}

export interface QualitySet {
  readonly judge: string
  /** The file: `<set>.dev.jsonl`. */
  readonly set: string
  /** Told apart from other measurements on the same set. */
  readonly variant?: string
  readonly config: unknown
  /** Only failures with one of these labels count. */
  readonly labels?: readonly string[]
  readonly cases: (rows: readonly Row[]) => readonly Case[]
}

export interface Decision {
  readonly group: string
  readonly positive: boolean
  readonly failed: boolean
  /** 1 - score: higher is worse. */
  readonly risk: number
}

/** The development part of a set; where a folder holds another part alone, that one. null where the set is absent. */
export function readRows(folder: string, set: string): readonly Row[] | null {
  const names = [`${set}.dev.jsonl`, `${set}.holdout.jsonl`, `${set}.test.jsonl`, `${set}.jsonl`]
  const file = names.map((name) => join(folder, name)).find((path) => existsSync(path))
  if (file === undefined) return null
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Row)
}

/** What every given judge says about a span, as the stream asks them: one scan, null where a judge does not apply. */
export function createAsk(judges: readonly Judge[]): (span: LlmSpan) => readonly (readonly Verdict[] | null)[] {
  const { scan } = createPatternSet(judges)
  const { signal } = new AbortController()
  return (span) => {
    const input = spanInput(span)
    const { hits, cut } = scan(input.texts, () => true)
    return judges.map((judge, index) => {
      if (!judge.applies(input)) return null
      const answers = judge.evaluate([{ input, hits: hits[index]!, cut }], signal)
      if (answers instanceof Promise) throw new TypeError('A rule judge answers at once.')
      return answers[0]!
    })
  }
}

const judgeOf = (name: string, config: unknown): Judge => {
  const asked = config !== null && typeof config === 'object' ? config : {}
  const judge = createRuleJudges(judgesConfig.parse({ [name]: { ...asked, enabled: true } })).find(
    (one) => one.name === name,
  )
  if (judge === undefined) throw new Error(`No rule judge is called ${name}: see judges/catalogue.ts.`)
  return judge
}

/** The version under which the verdicts of a set are stored. */
export const versionOf = ({ judge, config }: QualitySet): string => judgeOf(judge, config).version

/** Asks the judge about every case. */
export function decide(set: QualitySet, rows: readonly Row[]): readonly Decision[] {
  const groups = new Map(rows.map(({ id, group }) => [id, group]))
  const byConfig = new Map<unknown, ReturnType<typeof createAsk>>()
  return set.cases(rows).map((testCase) => {
    const config = testCase.config ?? set.config
    let ask = byConfig.get(config)
    if (ask === undefined) {
      ask = createAsk([judgeOf(set.judge, config)])
      byConfig.set(config, ask)
    }
    const labels = testCase.labels ?? set.labels
    const verdicts = (ask(testCase.span)[0] ?? []).filter(
      ({ passed, label }) => passed !== false || labels === undefined || labels.includes(label),
    )
    return {
      group: groups.get(testCase.id) ?? testCase.id,
      positive: testCase.positive,
      failed: verdicts.some(({ passed }) => passed === false),
      risk: 1 - Math.min(1, ...verdicts.map(({ score }) => score ?? 1)),
    }
  })
}
