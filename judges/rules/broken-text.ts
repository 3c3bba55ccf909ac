import { z } from 'zod'
import type { Severity } from '../../schemas/evaluation.ts'
import type { Evidence, Judge, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { codeRanges, evidenceAt, isCodeItself, isInside, requestOf, wasGiven } from './answer-text.ts'
import { BROKEN_TEXT_LABELS, type Broken, type BrokenTextLabel, brokenPlaces } from './broken-places.ts'
import { createRuleJudge } from './rule-judge.ts'

const SEVERITY_OF: Readonly<Record<BrokenTextLabel, Severity>> = {
  mojibake: 'medium',
  replacement_character: 'low',
  unfinished_template: 'medium',
  placeholder: 'low',
  leaked_value: 'medium',
  special_token: 'medium',
}

export const brokenTextConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  allow: z
    .array(z.string().min(1).max(200))
    .max(200)
    .default([])
    .describe('Exact strings that may stand in answers, e.g. `{{name}}`.'),
})

export type BrokenTextConfig = z.infer<typeof brokenTextConfig>

/** Characters of one answer that are looked at. */
const MAX_LENGTH = 64 * 1024
const EXPLANATIONS: Readonly<Record<BrokenTextLabel, string>> = {
  mojibake: 'Text that was decoded with the wrong character set (UTF-8 read as Latin-1 or Windows-1252)',
  replacement_character: 'A replacement character (U+FFFD) stands where a character was lost',
  unfinished_template: 'A template variable was not filled in',
  placeholder: 'A placeholder was not filled in',
  leaked_value: 'A value of the program (undefined, NaN, [object Object] and the like) stands in the text',
  special_token: 'A control token of the model stands in the text',
}
/** Who asks for these gets placeholders on purpose. */
const WRITES_TEMPLATES = [
  'template', 'placeholder', 'bracket', 'fill in', 'letter', 'email', 'e-mail', 'mail', 'resume', 'résumé', ' cv', 'cover',
  'memo', 'speech', 'contract', 'agreement', 'invitation', 'script', 'press release', 'proposal', 'announcement', 'form',
  'message', 'bio', 'article', 'report', 'document', 'certificate', 'policy', 'example', 'sample', 'plan', 'post', 'toast',
] // biome-ignore format: a list of words

/**
 * What breaks on the way from the model to the reader. Code, and whatever the request itself holds, is left alone; an
 * answer that is code or markup throughout is asked for its encoding only.
 */
export function createBrokenTextJudge(config: BrokenTextConfig): Judge {
  const allowed = new Set(config.allow)

  function judge({ input }: Scanned<SpanInput>): Verdicts {
    let verdicts: Verdict[] | undefined
    const texts = input.texts
    for (let t = 0; t < texts.length; t++) {
      const text = texts[t]!
      if (text.field !== 'output') continue
      const places = brokenPlaces(text.text.length > MAX_LENGTH ? text.text.slice(0, MAX_LENGTH) : text.text)
      if (places.length === 0) continue
      const verdict = verdictsOf(input, text, places)
      if (verdict.length > 0) verdicts = [...(verdicts ?? []), ...verdict]
    }
    return verdicts ?? PASS
  }

  function verdictsOf(input: SpanInput, answer: SpanText, places: readonly Broken[]): readonly Verdict[] {
    const code = codeRanges(answer.text)
    const isCode = isCodeItself(answer.text)
    const byLabel = new Map<BrokenTextLabel, Evidence[]>()
    let request: string | undefined
    for (const { label, start, end } of places) {
      const isEncoding = label === 'mojibake' || label === 'replacement_character'
      if (isInside(code, start) || (isCode && !isEncoding && label !== 'special_token')) continue
      const found = answer.text.slice(start, end)
      if (allowed.has(found) || wasGiven(input, found)) continue
      if (!isEncoding) {
        request ??= requestOf(input)
        if (isAskedFor(label, found, request)) continue
      }
      const evidence = byLabel.get(label) ?? []
      if (evidence.length < 20) evidence.push(evidenceAt(answer, start, end))
      byLabel.set(label, evidence)
    }
    const verdicts: Verdict[] = []
    for (const label of BROKEN_TEXT_LABELS) {
      const evidence = byLabel.get(label)
      const severity = SEVERITY_OF[label]
      if (evidence === undefined) continue
      const explanation = `${EXPLANATIONS[label]} (${evidence.length} place${evidence.length === 1 ? '' : 's'}).`
      verdicts.push(
        verdictOf({ label, severity, explanation, evidence, confidence: label === 'placeholder' ? 0.6 : 0.9 }),
      )
    }
    return verdicts
  }

  return createRuleJudge({
    name: 'broken_text',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

/** Whether the request talks about such things at all. */
function isAskedFor(label: BrokenTextLabel, found: string, request: string): boolean {
  switch (label) {
    case 'placeholder':
      return request === '' || request.includes('[') || WRITES_TEMPLATES.some((word) => request.includes(word))
    case 'unfinished_template':
      return (
        request.includes(found.slice(0, 2)) ||
        ['template', 'jinja', 'placeholder', 'variable', 'handlebars', 'mustache', 'f-string', 'printf'].some((word) =>
          request.includes(word),
        )
      )
    case 'leaked_value':
      return ['undefined', 'nan', 'null', 'none', '[object', 'javascript', 'python'].some((word) =>
        holdsWord(request, word),
      )
    case 'special_token':
      return request.includes('token') || request.includes('chat template')
    default:
      return false
  }
}

const isLetter = (text: string, at: number) => {
  const code = text.charCodeAt(at)
  return code >= 97 && code <= 122
}

function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!isLetter(text, at - 1) && !isLetter(text, at + word.length)) return true
  return false
}
