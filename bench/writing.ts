import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuleJudges, judgesConfig } from '../judges/catalogue.ts'
import type { Judge, Verdict } from '../judges/judge.ts'
import { spanInput } from '../judges/span-texts.ts'
import { codePointsBefore } from '../judges/words.ts'
import { aMessage, aSpan } from '../schemas/a-span.ts'
import { createRandom, plantTypos } from './planted-typos.ts'

/**
 * Spelling and grammar: false alarms on text that models wrote, by data set, and what is found of planted typing errors.
 * `--data <folder>`, `--json`.
 */

const given = process.argv.indexOf('--data')
const folder = given > 0 ? process.argv[given + 1]! : join(import.meta.dirname, '../../shared/datasets')
/** Answers of models, and two sets of human text; people make errors, and so some of the alarms there are right. */
const SETS = (
  'ifeval_responses xstest_refusals halueval_general human_pref_pairs llmbar pandalm_pairs hh_harmless_pairs ragtruth_qa ' +
  'gptfuzz_responses factcheck_claims truthfulqa_truth gsm8k_solutions summedits begin_dialog conjnli'
).split(' ')
const PLANTED = ['xstest_refusals', 'halueval_general', 'human_pref_pairs', 'ifeval_responses']
const signal = new AbortController().signal

function outputsOf(set: string): readonly { readonly input: string; readonly output: string }[] | null {
  const file = join(folder, `${set}.dev.jsonl`)
  if (!existsSync(file)) return null
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const row = JSON.parse(line) as Readonly<Record<string, unknown>>
      const input = typeof row.input === 'string' ? row.input : ''
      return ['output', 'output_a', 'output_b']
        .map((field) => row[field])
        .filter((output): output is string => typeof output === 'string' && output.trim() !== '')
        .map((output) => ({ input, output }))
    })
}

function ask(judge: Judge, { input, output }: { input: string; output: string }): Verdict | undefined {
  const span = aSpan({
    input_messages: input === '' ? [] : [aMessage('user', input)],
    output_messages: [aMessage('assistant', output)],
  })
  const answers = judge.evaluate([{ input: spanInput(span), hits: [], cut: false }], signal)
  if (answers instanceof Promise) throw new TypeError('A rule judge answers at once.')
  return answers[0]!.find(({ passed }) => passed === false)
}

/** Every finding, however few: rates by word, not by threshold. */
const anyFinding = {
  spelling: { min_misspelled: 1, max_per_100_words: 0 },
  grammar: { min_errors: 1, max_per_100_words: 0 },
}
const named = (config: unknown, name: string) =>
  createRuleJudges(judgesConfig.parse(config)).find((judge) => judge.name === name)
const round = (value: number, digits: number) => Number(value.toFixed(digits))
const countWords = (text: string) => text.split(/\s+/).length

const alarms = SETS.flatMap((set) => {
  const outputs = outputsOf(set)
  if (outputs === null) return []
  const words = outputs.reduce((sum, { output }) => sum + countWords(output), 0)
  return ['spelling', 'grammar'].flatMap((name) => {
    const judge = named({}, name)
    const eager = named(anyFinding, name)
    if (judge === undefined || eager === undefined) return []
    const failed = outputs.filter((one) => ask(judge, one) !== undefined).length
    const found = outputs.reduce((sum, one) => sum + (ask(eager, one)?.evidence.length ?? 0), 0)
    return [
      {
        judge: name,
        set,
        answers: outputs.length,
        failed_percent: round((failed * 100) / outputs.length, 2),
        found_per_1000_words: round((found * 1000) / words, 3),
      },
    ]
  })
})

const planted = [1, 2, 4].flatMap((per100) => {
  const judge = named({}, 'spelling')
  const eager = named(anyFinding, 'spelling')
  if (judge === undefined || eager === undefined) return []
  const random = createRandom(20_261_120)
  let [errors, found, pointed, answers, failed] = [0, 0, 0, 0, 0]
  for (const { input, output } of PLANTED.flatMap((set) => outputsOf(set) ?? [])) {
    const { text, places, words } = plantTypos(output, { per100, random })
    if (words < 40 || ask(eager, { input, output }) !== undefined) continue
    answers++
    if (ask(judge, { input, output: text }) !== undefined) failed++
    const evidence = ask(eager, { input, output: text })?.evidence ?? []
    const starts = new Set(evidence.map(({ start }) => start))
    errors += places.length
    pointed += evidence.length
    found += places.filter(({ start }) => starts.has(codePointsBefore(text, start))).length
  }
  return [
    {
      planted_per_100_words: per100,
      answers,
      failed_percent: round((failed * 100) / answers, 1),
      recall_of_words: round(found / errors, 3),
      precision_of_words: round(found / pointed, 3),
    },
  ]
})

if (process.argv.includes('--json')) console.log(JSON.stringify({ alarms, planted }))
else {
  console.table(alarms)
  console.table(planted)
}
