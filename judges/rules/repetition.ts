import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Judge, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { wordsOf } from '../words.ts'
import { codeRanges, evidenceAt, isCodeItself, isInside, requestOf } from './answer-text.ts'
import { characterRun, type Repeated, tokenSoup, wordLoop } from './repeated-places.ts'
import { createRuleJudge } from './rule-judge.ts'

export const REPETITION_LABELS = ['loop', 'repetitive', 'character_run', 'token_soup'] as const

export const repetitionConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('high').describe('Severity of loops, character runs and token soup.'),
  repetitive_severity: z
    .enum(SEVERITIES)
    .default('medium')
    .describe('Severity of `repetitive`: most of the text was said before, though not in one loop.'),
})

export type RepetitionConfig = z.infer<typeof repetitionConfig>

const EXPLANATIONS: Readonly<Record<Repeated['label'], string>> = {
  loop: 'The same words follow each other again and again',
  repetitive: 'Most of the text repeats what it said before',
  character_run: 'One character, or a pair, runs on and on',
  token_soup: 'Words of several scripts are thrown together',
}

/** Who asks for these gets repetition on purpose. */
const ASKS_FOR_IT = [
  'repeat', ' times', 'over and over', 'again and again', 'song', 'lyrics', 'poem', 'chant', 'mantra', 'refrain', 'chorus', 'palindrome',
  'tongue twister', 'lorem', 'copies', 'every line', 'each line', 'random', 'rap', 'scream', 'pattern', 'ascii', 'rhyme',
] // biome-ignore format: a list of words

/**
 * Degeneration: an answer that loops. Numbers are left out of the comparison, so that a counter in front does not hide a
 * loop; code, tables and markup are not looked at. Linear in the text, whose first 64 Ki characters count.
 */
export function createRepetitionJudge(config: RepetitionConfig): Judge {
  function judge({ input }: Scanned<SpanInput>): Verdicts {
    let verdicts: Verdict[] | undefined
    for (let t = 0; t < input.texts.length; t++) {
      const text = input.texts[t]!
      if (text.field !== 'output' || text.text.length < 40) continue
      const found = characterRun(text.text) ?? wordLoop(wordsOf(text)) ?? tokenSoup(wordsOf(text))
      if (found === null) continue
      const verdict = verdictFor(input, text, found)
      if (verdict !== null) verdicts = [...(verdicts ?? []), verdict]
    }
    return verdicts ?? PASS
  }

  function verdictFor(input: SpanInput, answer: SpanText, found: Repeated): Verdict | null {
    const { label, start, end } = found
    const severity = label === 'repetitive' ? config.repetitive_severity : config.severity
    if (severity === 'none') return null
    if (isCodeItself(answer.text) || isInside(codeRanges(answer.text), start)) return null
    if (isTableLike(answer.text, start, end)) return null
    const request = requestOf(input)
    if (ASKS_FOR_IT.some((word) => request.includes(word))) return null
    const times = found.times === 0 ? '' : ` (${found.times} times)`
    return verdictOf({
      label,
      severity,
      explanation: `${EXPLANATIONS[label]}${times}.`,
      evidence: [evidenceAt(answer, start, end)],
      confidence: label === 'repetitive' ? 0.7 : 0.9,
    })
  }

  return createRuleJudge({
    name: 'repetition',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

/** Rows of a table, forms with blanks: their lines repeat by design. */
function isTableLike(text: string, start: number, end: number): boolean {
  let lines = 0
  let rows = 0
  for (let line = start; line < end && lines < 200; ) {
    const newline = text.indexOf('\n', line)
    const stop = newline < 0 || newline > end ? end : newline
    const content = text.slice(line, stop)
    line = stop + 1
    if (content.trim() === '') continue
    lines++
    if (content.split('|').length > 2 || content.includes('\t') || content.includes('___')) rows++
  }
  return rows * 2 > lines
}
