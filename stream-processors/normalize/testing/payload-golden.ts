import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LlmSpan, Message, MessagePart } from '../../../schemas/llm-span.ts'
import type { EventFindings } from '../span-events.ts'
import type { PayloadSpan } from './payload-files.ts'

/**
 * What a person approved about one span of a payload, without a word of it: counts, numbers, words of ours, names of
 * models, and texts and ids as `<length>:<hash>`.
 */
export type Golden = Readonly<Record<string, unknown>>

const GOLDEN = join(import.meta.dirname, '../../../schemas/fixtures/golden/payloads')

/** Approved spans of a folder by their id; none where nobody approved any. */
export function readGolden(folder: string): Readonly<Record<string, Golden>> {
  try {
    return JSON.parse(readFileSync(join(GOLDEN, `${folder}.json`), 'utf8'))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw cause
  }
}

export function writeGolden(folder: string, golden: Readonly<Record<string, Golden>>): void {
  const lines = Object.entries(golden).map(([id, entry]) => `${JSON.stringify(id)}:${JSON.stringify(entry)}`)
  writeFileSync(join(GOLDEN, `${folder}.json`), `{\n${lines.join(',\n')}\n}\n`)
}

export function goldenOf(read: PayloadSpan['read']): Golden {
  if (typeof read === 'string') return { failure: read }
  return Object.fromEntries([...factsOf(read), ...contentOf(read)].filter(([, value]) => isSaid(value)))
}

/** What one log record contributes, said the same way; `says` is false where it says nothing about a model call. */
export function goldenOfRecord(read: EventFindings | undefined): Golden {
  if (!read) return { says: false }
  const facts: Facts = [
    ['system', read.system.map(messageOf)],
    ['input', read.input.map(messageOf)],
    ['output', read.output.map(messageOf)],
    ['finish', read.finish_reasons],
    ['error_type', hashed(read.error_type)],
    [
      'reported_evaluations',
      read.reported_evaluations.map(({ judge, judge_version, verdicts }) => [
        hashed(judge),
        judge_version,
        ...verdicts.map(({ label, score, passed, explanation }) => [
          hashed(label ?? ''),
          score,
          passed,
          hashed(explanation ?? ''),
        ]),
      ]),
    ],
  ]
  return Object.fromEntries(facts.filter(([, value]) => isSaid(value)))
}

type Facts = readonly (readonly [string, unknown])[]

function factsOf(span: LlmSpan): Facts {
  const { parameters } = span
  const set = Object.entries(parameters).filter(([, value]) => isSaid(value))
  return [
    ['dialect', span.dialect],
    ['kind', span.kind],
    ['is_call', span.is_call],
    ['operation', span.operation],
    ['provider', span.provider],
    ['models', span.request_model || span.response_model ? [span.request_model, span.response_model] : ''],
    ['response_id', hashed(span.response_id)],
    ['tokens', counts([span.input_tokens, span.output_tokens])],
    [
      'parts_of_tokens',
      counts([span.cache_read_input_tokens, span.cache_write_input_tokens, span.reasoning_output_tokens]),
    ],
    ['reported_tokens', counts([span.reported_input_tokens, span.reported_output_tokens])],
    ['reported_cost_usd', span.reported_cost_usd],
    ['finish', span.finish_reasons],
    ['first_token_ms', span.time_to_first_token_ms === null ? null : Math.round(span.time_to_first_token_ms)],
    ['parameters', set.length > 0 ? hashed(JSON.stringify(set)) : ''],
    ['duration_us', String((span.end_time - span.start_time) / 1_000n)],
    ['time_inferred', span.time_inferred],
    ['status', span.status === 'unset' ? '' : span.status],
    ['error_type', hashed(span.error_type)],
    ['session', hashed(span.session_id)],
    ['user', hashed(span.user_id)],
    ['agent', hashed(span.agent_name)],
    ['workflow', hashed(span.workflow_name)],
    ['tool', hashed(span.tool_name)],
    ['tool_call', hashed(span.tool_call_id)],
    [
      'prompt',
      [span.prompt_name, span.prompt_version].some(Boolean) ? [hashed(span.prompt_name), span.prompt_version] : '',
    ],
    ['tags', span.tags.length],
    ['environment', hashed(span.environment)],
    ['release', hashed(span.release)],
    ['reported_evaluations', span.reported_evaluations.length],
  ]
}

function contentOf(span: LlmSpan): Facts {
  return [
    ['captured', [span.input_captured, span.output_captured].map(Number).join('')],
    ['system', hashed(span.system_instructions)],
    ['input', span.input_messages.map(messageOf)],
    ['output', span.output_messages.map(messageOf)],
    ['query', hashed(span.query)],
    ['documents', span.documents.map(({ id, content, score }) => [hashed(id), hashed(content), score])],
    ['tool_definitions', hashed(span.tool_definitions)],
  ]
}

/** `role part part finish`; a role that is no common word may be a customer's. */
function messageOf({ role, parts, finish_reason }: Message): string {
  const who = ROLES.has(role) ? role : hashed(role)
  return [who, ...parts.map(partOf), finish_reason].filter(Boolean).join(' ')
}
const ROLES = new Set(['system', 'user', 'assistant', 'tool', 'developer'])

function partOf({ type, content, id, name, mime_type, uri }: MessagePart): string {
  const said = [content, id, name, mime_type, uri].map(hashed)
  return `${type}(${said.join(',').replace(/,+$/, '')})`
}

function hashed(text: string): string {
  if (text === '') return ''
  return `${text.length}:${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}

function counts(numbers: readonly (number | null)[]): readonly (number | null)[] | null {
  return numbers.some((count) => count !== null) ? numbers : null
}

function isSaid(value: unknown): boolean {
  if (value === '' || value === null || value === false || value === 0) return false
  return !(Array.isArray(value) && value.length === 0)
}
