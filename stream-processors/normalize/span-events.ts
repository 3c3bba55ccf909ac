import type { Evaluation } from '../../schemas/evaluation.ts'
import type { Message, RetrievedDocument } from '../../schemas/llm-span.ts'
import type { Attributes, AttributeValue, OtlpEvent } from '../../schemas/otlp/otlp.ts'
import { readAny } from './content.ts'
import type { ReadOptions } from './envelope.ts'
import { isObject, type JsonObject, parseText, scalarText, toJson } from './json.ts'
import { bodyOf, readChoice, readRoleMessage } from './message-events.ts'
import { MAX_MESSAGES, textMessage } from './messages.ts'
import { list, number, text } from './readers.ts'
import { MAX_REPORTED, readLangwatchEvaluation, readReportedEvaluation } from './reported-evaluation.ts'

/** What a span's events say: content of the older conventions, the error, documents, the first token, evaluations. */
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
  readonly reported_evaluations: readonly Evaluation[]
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
  reported_evaluations: [],
}

/** Events read per span: a streamed answer may add one per chunk, and only the first chunk says anything. */
const MAX_EVENTS = 10_000
const ROLES: ReadonlyMap<string, string> = new Map([
  ['gen_ai.system.message', 'system'],
  ['gen_ai.user.message', 'user'],
  ['gen_ai.assistant.message', 'assistant'],
  ['gen_ai.tool.message', 'tool'],
  // OpenLIT's spelling.
  ['gen_ai.tools.message', 'tool'],
])

type MutableFindings = {
  -readonly [K in keyof EventFindings]: EventFindings[K] extends readonly (infer T)[] ? T[] : EventFindings[K]
}

function createFindings(): MutableFindings {
  return {
    ...NO_EVENTS,
    input: [],
    output: [],
    system: [],
    documents: [],
    finish_reasons: [],
    reported_evaluations: [],
  }
}

export function readEvents(events: readonly OtlpEvent[], is_model: boolean): EventFindings {
  const findings = createFindings()
  for (const event of events.slice(0, MAX_EVENTS)) {
    if (findings.input.length + findings.output.length > MAX_MESSAGES) break
    readEvent({ ...event, body: undefined, is_model }, findings)
  }
  return findings
}

/**
 * What one event says, be it a span's or a log record: `body` is the log record's. Where `name` is '', the attribute
 * `event.name` (older SDKs) or the beginning of the body (Spring AI) tells which event it is. undefined for every record that
 * says nothing about a model call. Never throws, whatever the types of the values.
 */
export function readContentEvent(
  name: string,
  attributes: Attributes,
  body: AttributeValue | undefined,
): EventFindings | undefined {
  const known = name || text(attributes.get('event.name') ?? '') || springEventOf(body)
  if (!ROLES.has(known) && !EVENTS.has(known)) return undefined
  const findings = createFindings()
  readEvent({ name: known, attributes, body, time_unix_nano: 0n, is_model: true }, findings)
  return findings
}

/** Logfire's `events` attribute: the same events as JSON objects. */
export function readEventList(events: readonly JsonObject[]): EventFindings {
  const findings = createFindings()
  for (const event of events.slice(0, MAX_EVENTS)) {
    const name = scalarText(event['event.name']) || `gen_ai.${scalarText(event.role) || 'user'}.message`
    if (name === 'gen_ai.choice' || isChoice(event)) addChoice(event, findings)
    else addMessage(ROLES.get(name) ?? scalarText(event.role), event, findings)
  }
  if (findings.output.length === 0) moveAnswers(findings)
  return findings
}

function isChoice(event: JsonObject): boolean {
  return isObject(event.message) || (event.role === undefined && typeof event.finish_reason === 'string')
}

/** The OpenAI Agents list an answer as one more message of the assistant: what nobody answered is the answer. */
function moveAnswers({ input, output }: MutableFindings): void {
  while (input.at(-1)?.role === 'assistant') output.unshift(input.pop() as Message)
}

interface ContentEvent {
  readonly name: string
  readonly attributes: Attributes
  readonly body: AttributeValue | undefined
  readonly time_unix_nano: bigint
  readonly is_model: boolean
}

function readEvent(event: ContentEvent, findings: MutableFindings): void {
  const role = ROLES.get(event.name)
  if (role !== undefined) addMessage(role, bodyOf(event.attributes, event.body), findings)
  else EVENTS.get(event.name)?.(event, findings)
}

function addMessage(role: string, body: JsonObject, findings: MutableFindings): void {
  const read = readRoleMessage(role, body)
  if (!read) return
  if (role === 'system') findings.system.push(read)
  else findings.input.push(read)
}

function addChoice(body: JsonObject, findings: MutableFindings): void {
  const { message, finish_reason, results } = readChoice(body)
  if (finish_reason) findings.finish_reasons.push(finish_reason)
  if (message) findings.output.push(message)
  if (results) findings.output.push(results)
}

type EventReader = (event: ContentEvent, findings: MutableFindings) => void

const readFirstToken: EventReader = ({ time_unix_nano }, findings) => {
  if (findings.first_token_time === 0n) findings.first_token_time = time_unix_nano
}

const readException: EventReader = ({ attributes }, findings) => {
  findings.error_type = text(attributes.get('exception.type') ?? '') ?? ''
  findings.error_message = text(attributes.get('exception.message') ?? '') ?? ''
}

/** 1.37 and later; a span may have several of these, each with a part of the content. */
const readDetails: EventReader = ({ attributes: own, body, is_model }, findings) => {
  // Where the conventions were drafts, log records carried these in the body.
  const attributes = body instanceof Map ? new Map([...body, ...own]) : own
  readInto(findings.input, attributes.get('gen_ai.input.messages'), { role: 'user', is_model })
  readInto(findings.output, attributes.get('gen_ai.output.messages'), { role: 'assistant', is_model })
  readInto(findings.system, attributes.get('gen_ai.system_instructions'), { role: 'system', is_model: true })
  findings.finish_reasons.push(...(list(attributes.get('gen_ai.response.finish_reasons') ?? '') ?? []))
  const error = text(attributes.get('error.type') ?? '')
  if (error) findings.error_type = error
}

/** OpenLLMetry's vector stores: one event a document. */
const readDocument: EventReader = ({ name, attributes }, findings) => {
  const id = text(attributes.get(`${name}.id`) ?? '') ?? ''
  const content = text(attributes.get(`${name}.document`) ?? '') ?? ''
  const score = number(attributes.get(`${name}.score`) ?? '') ?? null
  if (id || content) findings.documents.push({ id, content, score })
}

const readPrompt: EventReader = ({ attributes, body, is_model }, findings) =>
  readInto(findings.input, attributes.get('gen_ai.prompt') ?? body, { role: 'user', is_model })

const readCompletion: EventReader = ({ attributes, body, is_model }, findings) =>
  readInto(findings.output, attributes.get('gen_ai.completion') ?? body, { role: 'assistant', is_model })

const readEvaluation: EventReader = ({ attributes, body }, findings) => {
  const all = body instanceof Map ? new Map([...body, ...attributes]) : attributes
  report(readReportedEvaluation(all), findings)
}

const readLangwatch: EventReader = ({ attributes }, findings) =>
  report(readLangwatchEvaluation(toJson(attributes.get('json_encoded_event'))), findings)

function report(evaluation: Evaluation | undefined, findings: MutableFindings): void {
  if (evaluation && findings.reported_evaluations.length < MAX_REPORTED) findings.reported_evaluations.push(evaluation)
}

/** Command-line agents write what was asked and answered as log records with one text attribute. */
const textAttribute =
  (key: string, role: 'user' | 'assistant'): EventReader =>
  ({ attributes }, findings) => {
    const value = attributes.get(key)
    if (typeof value !== 'string' || value === '') return
    ;(role === 'user' ? findings.input : findings.output).push(textMessage(role, value))
  }

const SPRING_PROMPT = 'Chat Model Prompt Content:'
const SPRING_COMPLETION = 'Chat Model Completion:'

/** Spring AI logs its content as text behind a fixed heading; its records have no event name. */
function springEventOf(body: AttributeValue | undefined): string {
  if (typeof body !== 'string') return ''
  return [SPRING_PROMPT, SPRING_COMPLETION].find((heading) => body.startsWith(heading)) ?? ''
}

/** `["first", "second"]`, quoted but not escaped. */
const readSpring: EventReader = ({ name, body }, findings) => {
  const said = String(body).slice(name.length).trim()
  const json = parseText(said)
  const isQuoted = json === said && said.startsWith('["') && said.endsWith('"]')
  const role = name === SPRING_PROMPT ? 'user' : 'assistant'
  const messages = isQuoted ? [textMessage(role, said.slice(2, -2))] : readAny(json, said, { role, is_model: true })
  ;(role === 'user' ? findings.input : findings.output).push(...messages)
}

const EVENTS: ReadonlyMap<string, EventReader> = new Map([
  ['First Token Stream Event', readFirstToken],
  ['gen_ai.content.completion.chunk', readFirstToken],
  ['llm.content.completion.chunk', readFirstToken],
  ['ai.stream.firstChunk', readFirstToken],
  ['exception', readException],
  ['gen_ai.client.operation.exception', readException],
  ['gen_ai.choice', ({ attributes, body }, findings) => addChoice(bodyOf(attributes, body), findings)],
  ['gen_ai.content.prompt', readPrompt],
  ['gen_ai.content.completion', readCompletion],
  ['gen_ai.client.inference.operation.details', readDetails],
  ['gen_ai.evaluation.result', readEvaluation],
  ['langwatch.evaluation.custom', readLangwatch],
  ['db.query.result', readDocument],
  ['db.search.result', readDocument],
  ['claude_code.user_prompt', textAttribute('prompt', 'user')],
  ['codex.user_prompt', textAttribute('prompt', 'user')],
  ['gemini_cli.user_prompt', textAttribute('prompt', 'user')],
  ['gemini_cli.api_response', textAttribute('response_text', 'assistant')],
  [SPRING_PROMPT, readSpring],
  [SPRING_COMPLETION, readSpring],
])

function readInto(target: Message[], value: AttributeValue | undefined, options: ReadOptions): void {
  if (value === undefined || value === null) return
  target.push(...readAny(toJson(value), typeof value === 'string' ? value : undefined, options))
}
