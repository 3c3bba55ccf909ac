import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { Judge, Scanned, SpanInput, SpanText, Verdict, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { evidenceAt } from './answer-text.ts'
import { finishKinds } from './finish-reasons.ts'
import { type Violation, violationOf } from './format-checks.ts'
import { formatInstructions } from './format-instructions.ts'
import { requestedFormat } from './requested-format.ts'
import { createRuleJudge } from './rule-judge.ts'
import { asksForJsonAlone } from './system-format.ts'

export const instructionFormatConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium'),
  fields: z
    .array(z.enum(['input', 'system']))
    .min(1)
    .default(['input'])
    .describe(
      'Where instructions are looked for: the last message of the user, the system instructions. JSON only is looked for in both.',
    ),
})

export type InstructionFormatConfig = z.infer<typeof instructionFormatConfig>

const NO_INSTRUCTIONS: ReturnType<typeof formatInstructions> = Object.freeze([])
const JSON_ALONE: typeof NO_INSTRUCTIONS = Object.freeze([{ kind: 'json' }])
/** Characters of an answer that are counted; a longer one is not judged. */
const MAX_ANSWER = 64 * 1024

/**
 * Does the answer keep plain instructions about its form: how many words, sentences, paragraphs, bullets; no commas; one case;
 * quotation marks, a title, JSON only; an ending, words that must or must not occur? English instructions, stated without
 * condition. Where ways of counting differ, only what breaks the bound in all of them fails. Cut answers are not judged.
 */
export function createInstructionFormatJudge(config: InstructionFormatConfig): Judge {
  const readsSystem = config.fields.includes('system')
  const readsInput = config.fields.includes('input')

  function judge({ input }: Scanned<SpanInput>): Verdicts {
    const message = readsInput ? lastRequest(input) : undefined
    const instructions = message === undefined ? [] : formatInstructions(message)
    const ofSystem = systemInstructions(input, readsSystem)
    const all = ofSystem.length === 0 ? instructions : [...instructions, ...ofSystem]
    if (all.length === 0) return PASS
    const answer = onlyAnswer(input)
    if (answer === undefined || answer.text.length > MAX_ANSWER) return PASS
    const kinds = finishKinds(input.span)
    if (kinds.has('length') || kinds.has('filter') || kinds.has('tool')) return PASS
    // Where the request itself asked for JSON, output_format judges it.
    const asksJson = all.some(({ kind }) => kind === 'json') && !requestedFormat(input.span).json
    const verdicts = new Map<string, Verdict>()
    for (const instruction of all) {
      if (instruction.kind === 'json' && !asksJson) continue
      const violation = violationOf(instruction, answer)
      if (violation !== null && !verdicts.has(violation.label))
        verdicts.set(violation.label, verdictFor(violation, answer))
    }
    return verdicts.size === 0 ? PASS : [...verdicts.values()]
  }

  function verdictFor({ label, explanation }: Violation, answer: SpanText): Verdict {
    const evidence = [evidenceAt(answer, 0, answer.text.length)]
    return verdictOf({ label, severity: config.severity, explanation, evidence, confidence: 0.85 })
  }

  return createRuleJudge({
    name: 'instruction_format',
    code_version: '1.1.0',
    config,
    concerns: ({ span }) => span.output_captured && span.status !== 'error',
    judge,
  })
}

/** Rules of a system prompt mostly hold for some answers; that it must be JSON alone holds for all that a program reads. */
function systemInstructions({ texts }: SpanInput, readsAll: boolean): ReturnType<typeof formatInstructions> {
  const system = texts.find(({ field }) => field === 'system')
  if (system === undefined) return NO_INSTRUCTIONS
  if (readsAll) return formatInstructions(system)
  return asksForJsonAlone(system.text) ? JSON_ALONE : NO_INSTRUCTIONS
}

function lastRequest({ texts }: SpanInput): SpanText | undefined {
  for (let t = texts.length - 1; t >= 0; t--) {
    const text = texts[t]!
    if (text.field === 'input' && text.role !== 'assistant' && text.role !== 'model' && text.role !== 'ai') return text
  }
  return undefined
}

/** The one text of the answer; undefined where there are several, or tool calls beside it. */
function onlyAnswer({ texts, span }: SpanInput): SpanText | undefined {
  let found: SpanText | undefined
  for (const text of texts) {
    if (text.field !== 'output') continue
    if (found !== undefined) return undefined
    found = text
  }
  const hasOther = span.output_messages.some(({ parts }) =>
    parts.some(({ type }) => type === 'tool_call' || type === 'refusal'),
  )
  return hasOther || found?.text.trim() === '' ? undefined : found
}
