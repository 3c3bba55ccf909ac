/**
 * For eyes: what a payload's spans say, and below it what normalize made of them.
 * `node stream-processors/normalize/testing/show-payload.ts <folder> [options of payload-choice.ts]`
 */
import type { LlmSpan } from '../../../schemas/llm-span.ts'
import { jsonText, plain } from '../json.ts'
import { chosenSpans } from './payload-choice.ts'
import type { PayloadSpan } from './payload-files.ts'
import { summaryOf } from './summary.ts'

const MAX_EVENTS = 12
const { spans, fitting, width } = chosenSpans(process.argv.slice(2))

function short(text: string): string {
  return text.length > width + 20 ? `${text.slice(0, width)}…(${text.length})` : text
}

function attributeLines(attributes: PayloadSpan['given']['attributes'], indent: string): readonly string[] {
  return [...attributes].map(([key, value]) => `${indent}${key} = ${short(jsonText(plain(value, 0)))}`)
}

function show({ id, scope_name, given, read, langfuse_expected }: PayloadSpan): string {
  const took_ms = (given.end_time_unix_nano - given.start_time_unix_nano) / 1_000_000n
  const head = `### ${id} | ${given.name} | scope ${scope_name} | status ${given.status_code} ${short(given.status_message)} | ${took_ms} ms`
  const events = given.events
    .slice(0, MAX_EVENTS)
    .flatMap((event) => [`  * ${event.name}`, ...attributeLines(event.attributes, '      ')])
  const expected = langfuse_expected ? [`  expected ${JSON.stringify(langfuse_expected)}`] : []
  return [head, ...attributeLines(given.attributes, '  '), ...events, ...expected, ` -> ${readingOf(read)}`].join('\n')
}

function readingOf(read: PayloadSpan['read']): string {
  if (typeof read === 'string') return read
  const row = JSON.parse(summaryOf([read]))[0] as Record<string, unknown>
  const { name: _name, span: _span, parent: _parent, ...rest } = row
  const more = {
    reported_cost: read.reported_cost_usd ?? '',
    prompt: promptOf(read),
    inferred: read.time_inferred || '',
    evaluations: read.reported_evaluations.length || '',
  }
  return Object.entries({ ...rest, ...more })
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${shown(value)}`)
    .join('\n    ')
}

function promptOf({ prompt_name, prompt_version }: LlmSpan): string {
  return [prompt_name, prompt_version].filter(Boolean).join(' ')
}

function shown(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' ? short(value) : JSON.stringify(value)
  return value.map((item) => short(typeof item === 'string' ? item : JSON.stringify(item))).join(' ¦ ')
}

process.stdout.write(`${spans.map(show).join('\n')}\n(${fitting} in all)\n`)
