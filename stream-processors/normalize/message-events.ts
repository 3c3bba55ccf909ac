import type { Message } from '../../schemas/llm-span.ts'
import type { Attributes, AttributeValue } from '../../schemas/otlp/otlp.ts'
import { isList, isObject, type Json, type JsonObject, jsonText, parseText, scalarText, toJson } from './json.ts'
import { readParts } from './message-parts.ts'
import { message, readMessage, textMessage } from './messages.ts'

/** What one choice of an answer says. */
export interface Choice {
  readonly message: Message | undefined
  readonly finish_reason: string
  /** What the tools gave that this choice called: Strands puts it beside the message. */
  readonly results: Message | undefined
}

/** Attributes that hold the whole body: Logfire's, and that of Azure's inference SDK. */
const BODY_NAMES = ['event_body', 'gen_ai.event.content'] as const

/**
 * The body of a message event, JSON texts opened: a log record's own, or what stands for it among the attributes. A body of
 * plain text is the content.
 */
export function bodyOf(attributes: Attributes, body: AttributeValue | undefined): JsonObject {
  const fields: Record<string, Json> = Object.create(null)
  for (const [key, value] of attributes) fields[key] = toJson(value)
  const own = body === undefined || body === null ? undefined : toJson(body)
  if (isObject(own)) return { ...fields, ...own }
  if (own !== undefined && own !== '') return { ...fields, content: own }
  for (const name of BODY_NAMES) {
    const inner = fields[name]
    if (isObject(inner)) return { ...inner }
  }
  return fields
}

const CONTENT_KEYS = ['content', 'parts', 'tool_calls', 'message'] as const

/** `gen_ai.{system,user,assistant,tool}.message`; undefined where capture is off and only ids were sent. */
export function readRoleMessage(role: string, body: JsonObject): Message | undefined {
  if (CONTENT_KEYS.every((key) => body[key] === undefined || body[key] === null)) return undefined
  // OpenLLMetry tells of the tools as if the user had said them.
  if (isObject(body.content) && isList(body.content.tools) && Object.keys(body.content).length === 1) return undefined
  const id = body.tool_call_id ?? body.id
  return readMessage({ ...body, role: role || 'user', tool_call_id: id }, role)
}

/** `gen_ai.choice`: the message as a map, as JSON text or as plain text; the calls of tools beside or within it. */
export function readChoice(body: JsonObject): Choice {
  const reason = scalarText(body.finish_reason)
  const said = typeof body.message === 'string' ? parseText(body.message) : body.message
  const content: Json = said ?? body.content
  const read = isObject(content) ? readAnswer(content) : message('assistant', readParts(content ?? null))
  const parts = [...(read?.parts ?? [])]
  if (isList(body.tool_calls)) {
    parts.push(...(readMessage({ role: 'assistant', tool_calls: body.tool_calls }, 'assistant')?.parts ?? []))
  }
  const given = readParts(body['tool.result'])
  const results = given.length > 0 ? message('tool', given) : undefined
  const finish_reason = reason || (read?.finish_reason ?? '')
  if (parts.length === 0) return { message: undefined, finish_reason: reason, results }
  return { message: message(read?.role ?? 'assistant', parts, finish_reason), finish_reason: reason, results }
}

const MESSAGE_KEYS = [...CONTENT_KEYS, 'role', 'refusal', 'function_call', 'reasoning', 'reasoning_content']

/** A structured answer may stand where the message does; its own keys are its text. */
function readAnswer(content: JsonObject): Message | undefined {
  const isMessage = MESSAGE_KEYS.some((key) => content[key] !== undefined)
  if (isMessage) return readMessage({ role: 'assistant', ...content }, 'assistant')
  return Object.keys(content).length > 0 ? textMessage('assistant', jsonText(content)) : undefined
}
