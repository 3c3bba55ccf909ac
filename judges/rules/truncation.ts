import { z } from 'zod'
import { SEVERITIES } from '../../schemas/evaluation.ts'
import type { LlmSpan } from '../../schemas/llm-span.ts'
import type { Evidence, Judge, Scanned, SpanInput, Verdicts } from '../judge.ts'
import { PASS, verdictOf } from '../verdicts.ts'
import { whereConfig } from '../where.ts'
import { finishKinds } from './finish-reasons.ts'
import { createRuleJudge } from './rule-judge.ts'

export const TRUNCATION_LABELS = ['truncated', 'cut_off', 'empty'] as const

export const truncationConfig = z.strictObject({
  enabled: z.boolean().default(true),
  where: whereConfig(['llm']).prefault({}),
  severity: z.enum(SEVERITIES).default('medium'),
  /** Severity of `empty`. */
  empty_severity: z.enum(SEVERITIES).default('high'),
  /** Also look for ends that the finish reason does not tell: open code fences and JSON (label `cut_off`, one step milder). */
  check_structure: z.boolean().default(true),
})

export type TruncationConfig = z.infer<typeof truncationConfig>

/**
 * Whether the answer is all there. `truncated`: the model reached a limit. `cut_off`: the text ends inside a code fence
 * or JSON. `empty`: captured, finished, and nothing in it. Failed calls and answers that were not captured are never empty.
 */
export function createTruncationJudge(config: TruncationConfig): Judge {
  const milder = SEVERITIES[Math.max(1, SEVERITIES.indexOf(config.severity) - 1)]!

  function judge({ input: { span } }: Scanned<SpanInput>): Verdicts {
    const kinds = finishKinds(span)
    if (kinds.has('length')) {
      const limit = span.parameters.max_tokens
      const explanation = `The model stopped at its limit${limit === null ? '' : ` of ${limit} tokens`}.`
      return [
        verdictOf({ label: 'truncated', severity: config.severity, explanation, evidence: endOf(span), confidence: 1 }),
      ]
    }
    if (!span.output_captured) return PASS
    if (isEmpty(span)) {
      if (!(kinds.has('stop') || (kinds.size === 0 && span.output_messages.length > 0))) return PASS
      const explanation = 'The call finished normally, and the answer holds no text, no tool call and no media.'
      return [
        verdictOf({ label: 'empty', severity: config.empty_severity, explanation, evidence: [], confidence: 0.95 }),
      ]
    }
    if (!config.check_structure || kinds.has('tool') || kinds.has('filter') || hasStopSequence(span)) return PASS
    const text = lastText(span)
    const open = text === undefined ? '' : whatIsOpen(text.content)
    if (open !== '') {
      return [
        verdictOf({
          label: 'cut_off',
          severity: milder,
          explanation: `The text ends inside ${open}.`,
          evidence: endOf(span),
          confidence: 0.7,
        }),
      ]
    }
    return hitLimitMidSentence(span, text?.content ?? '')
      ? [
          verdictOf({
            label: 'truncated',
            severity: config.severity,
            explanation: 'The answer uses all allowed tokens and stops inside a sentence.',
            evidence: endOf(span),
            confidence: 0.8,
          }),
        ]
      : PASS
  }

  return createRuleJudge({
    name: 'truncation',
    code_version: '1.0.0',
    config,
    concerns: ({ span }) => span.status !== 'error' && span.error_type === '',
    judge,
  })
}

/** Code points before a fence, of lists in lists and quotes, that are looked at. */
const MAX_FENCE_INDENT = 200

const isBlank = (text: string) => text.trimStart() === ''

function isEmpty({ output_messages }: LlmSpan): boolean {
  for (const { parts } of output_messages) {
    for (const { type, content } of parts) {
      if (type === 'tool_call' || type === 'media' || type === 'tool_call_response') return false
      // An answer that is all reasoning never reached the user.
      if (type !== 'reasoning' && !isBlank(content)) return false
    }
  }
  return true
}

const hasStopSequence = ({ finish_reasons, parameters }: LlmSpan) =>
  parameters.stop_sequences.length > 0 || finish_reasons.some((reason) => reason.toLowerCase() === 'stop_sequence')

interface PlacedText {
  readonly path: string
  readonly content: string
}

function lastText({ output_messages }: LlmSpan): PlacedText | undefined {
  for (let m = output_messages.length - 1; m >= 0; m--) {
    const { parts } = output_messages[m]!
    for (let p = parts.length - 1; p >= 0; p--) {
      const { type, content } = parts[p]!
      if (type === 'text' && content !== '') return { path: `output/${m}/${p}`, content }
    }
  }
  return undefined
}

/** The last 40 code points of the answer. */
function endOf(span: LlmSpan): readonly Evidence[] {
  const text = lastText(span)
  if (text === undefined) return []
  let end = 0
  for (const _ of text.content) end++
  return [{ path: text.path, start: Math.max(0, end - 40), end }]
}

function whatIsOpen(text: string): string {
  if (hasOpenFence(text)) return 'a code block'
  const first = text.trimStart()[0]
  const last = text.trimEnd().at(-1)
  const isCandidate = (first === '{' && last !== '}') || (first === '[' && last !== ']')
  return isCandidate && hasOpenJson(text) ? 'JSON' : ''
}

/** Fences stand at the start of a line (CommonMark 4.5); an odd number leaves the last one open. */
function hasOpenFence(text: string): boolean {
  let isOpen = false
  let lineFrom = 0
  let before = 0
  for (let at = text.indexOf('```'); at >= 0; before = at, at = text.indexOf('```', at + 3)) {
    // Looked for only since the fence before: a long line may be full of fences.
    const lineBreak = text.slice(before, at).lastIndexOf('\n')
    if (lineBreak >= 0) lineFrom = before + lineBreak + 1
    if (at - lineFrom > MAX_FENCE_INDENT) continue
    const line = text.slice(lineFrom, at).trim()
    if (line === '' || line === '>') isOpen = !isOpen
  }
  return isOpen
}

/** Counts brackets outside strings: JSON that was cut still has some open; prose that merely starts with one has none, or never had a key. */
function hasOpenJson(text: string): boolean {
  let depth = 0
  let isString = false
  let strings = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (isString) {
      if (character === '\\') i++
      else if (character === '"') isString = false
      continue
    }
    if (character === '"') {
      isString = true
      strings++
    } else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth === 0 && i > 0 && character !== undefined && character.trim() !== '') return false
  }
  return depth > 0 && strings > 0
}

const SENTENCE_ENDS = new Set('.!?…。！？"\'”’»)]}*`|:;'.split(''))

function hitLimitMidSentence({ output_tokens, parameters: { max_tokens } }: LlmSpan, text: string): boolean {
  if (max_tokens === null || output_tokens === null || output_tokens < max_tokens) return false
  const last = text.trimEnd().at(-1)
  return last !== undefined && !SENTENCE_ENDS.has(last)
}
