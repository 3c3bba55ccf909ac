import type { Message, RetrievedDocument } from '../../schemas/llm-span.ts'
import type { Attributes, AttributeValue, OtlpEvent } from '../../schemas/otlp/otlp.ts'
import { type ReadOptions, readAny } from './content.ts'
import { isList, isObject, type Json, type JsonObject, parseText, scalarText, toJson } from './json.ts'
import { readParts } from './message-parts.ts'
import { MAX_MESSAGES, message, readMessage } from './messages.ts'
import { number, text } from './readers.ts'

/** What a span's events say: content of the older conventions, the error, documents, the first token. */
export interface EventFindings {
  readonly input: readonly Message[]
  readonly output: readonly Message[]
  readonly system: readonly Message[]
  readonly documents: readonly RetrievedDocument[]
  readonly error_type: string
  readonly error_message: string
  /** ns since 1970; 0n where no event marks it. */
  readonly first_token_time: bigint
  readonly finish_reasons: readonly string[]
}

export const NO_EVENTS: EventFindings = {
  input: [],
  output: [],
  system: [],
  documents: [],
  error_type: '',
  error_message: '',
  first_token_time: 0n,
  finish_reasons: [],
}

/** Events read per span: a streamed answer may add one per chunk, and only the first chunk says anything. */
const MAX_EVENTS = 10_000
const ROLES: ReadonlyMap<string, string> = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
])

type MutableFindings = {
  -readonly [K in keyof EventFindings]: EventFindings[K] extends readonly (infer T)[] ? T[] : EventFindings[K]
}

function createFindings(): MutableFindings {
  return { ...NO_EVENTS, input: [], output: [], system: [], documents: [], finish_reasons: [] }
}

export function readEvents(events: readonly OtlpEvent[], is_model: boolean): EventFindings {
  const findings = createFindings()
  for (const event of events.slice(0, MAX_EVENTS)) {
    if (findings.input.length + findings.output.length > MAX_MESSAGES) break
    readEvent(event, findings, is_model)
  }
  return findings
}

/** Logfire's `events` attribute: the same events as JSON objects. */
export function readEventList(list: readonly JsonObject[]): EventFindings {
  const findings = createFindings()
  for (const event of list.slice(0, MAX_EVENTS)) {
    const name = scalarText(event['event.name']) || `gen_ai.${scalarText(event.role) || 'user'}.message`
    if (name === 'gen_ai.choice' || isObject(event.message)) readChoice(event, findings)
    else readRoleMessage(ROLES.get(name) ?? scalarText(event.role), event, findings)
  }
  return findings
}

function readEvent(event: OtlpEvent, findings: MutableFindings, is_model: boolean): void {
  const role = ROLES.get(event.name)
  if (role !== undefined) readRoleMessage(role, bodyOf(event.attributes), findings)
  else EVENTS.get(event.name)?.(event, findings, is_model)
}

type EventReader = (event: OtlpEvent, findings: MutableFindings, is_model: boolean) => void

const readFirstToken: EventReader = ({ time_unix_nano }, findings) => {
  if (findings.first_token_time === 0n) findings.first_token_time = time_unix_nano
}

const readException: EventReader = ({ attributes }, findings) => {
  findings.error_type = text(attributes.get('exception.type') ?? '') ?? ''
  findings.error_message = text(attributes.get('exception.message') ?? '') ?? ''
}

/** 1.37 and later; a span may have several of these, each with a part of the content. */
const readDetails: EventReader = ({ attributes }, findings, is_model) => {
  readInto(findings.input, attributes.get('gen_ai.input.messages'), { role: 'user', is_model })
  readInto(findings.output, attributes.get('gen_ai.output.messages'), { role: 'assistant', is_model })
  readInto(findings.system, attributes.get('gen_ai.system_instructions'), { role: 'system', is_model })
}

/** OpenLLMetry's vector stores: one event a document. */
const readDocument: EventReader = ({ name, attributes }, findings) => {
  const id = text(attributes.get(`${name}.id`) ?? '') ?? ''
  const content = text(attributes.get(`${name}.document`) ?? '') ?? ''
  const score = number(attributes.get(`${name}.score`) ?? '') ?? null
  if (id || content) findings.documents.push({ id, content, score })
}

const EVENTS: ReadonlyMap<string, EventReader> = new Map([
  ['First Token Stream Event', readFirstToken],
  ['gen_ai.content.completion.chunk', readFirstToken],
  ['llm.content.completion.chunk', readFirstToken],
  ['exception', readException],
  ['gen_ai.client.operation.exception', readException],
  ['gen_ai.choice', ({ attributes }, findings) => readChoice(bodyOf(attributes), findings)],
  [
    'gen_ai.content.prompt',
    ({ attributes }, findings, is_model) =>
      readInto(findings.input, attributes.get('gen_ai.prompt'), { role: 'user', is_model }),
  ],
  [
    'gen_ai.content.completion',
    ({ attributes }, findings, is_model) =>
      readInto(findings.output, attributes.get('gen_ai.completion'), { role: 'assistant', is_model }),
  ],
  ['gen_ai.client.inference.operation.details', readDetails],
  ['db.query.result', readDocument],
  ['db.search.result', readDocument],
])

function readInto(target: Message[], value: AttributeValue | undefined, options: ReadOptions): void {
  if (value === undefined || value === null) return
  target.push(...readAny(toJson(value), typeof value === 'string' ? value : undefined, options))
}

/** The body of a message event: its attributes, or Logfire's `event_body`; JSON texts opened. */
function bodyOf(attributes: Attributes): JsonObject {
  const body: Record<string, Json> = Object.create(null)
  for (const [key, value] of attributes) body[key] = toJson(value)
  const inner = body.event_body
  return isObject(inner) ? { ...inner } : body
}

function readRoleMessage(role: string, body: JsonObject, findings: MutableFindings): void {
  const withRole = { ...body, role: role || 'user', tool_call_id: body.tool_call_id ?? body.id }
  const read = readMessage(withRole, role)
  if (!read) return
  if (role === 'system') findings.system.push(read)
  else findings.input.push(read)
}

function readChoice(body: JsonObject, findings: MutableFindings): void {
  const reason = scalarText(body.finish_reason)
  const said = typeof body.message === 'string' ? parseText(body.message) : body.message
  const content: Json = said ?? body.content
  const read = isObject(content)
    ? readMessage({ role: 'assistant', ...content }, 'assistant')
    : message('assistant', readParts(content ?? null))
  const parts = [...(read?.parts ?? [])]
  if (isList(body.tool_calls)) {
    parts.push(...(readMessage({ role: 'assistant', tool_calls: body.tool_calls }, 'assistant')?.parts ?? []))
  }
  if (reason) findings.finish_reasons.push(reason)
  if (parts.length > 0) findings.output.push(message(read?.role ?? 'assistant', parts, reason || read?.finish_reason))
}
