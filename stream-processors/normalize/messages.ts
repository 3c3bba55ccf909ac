import type { Message, MessagePart } from '../../schemas/llm-span.ts'
import { firstOf, isList, isObject, type Json, type JsonObject, scalarText } from './json.ts'
import { part, readParts, textPart, toolCallPart, toolResultPart } from './message-parts.ts'

/** Messages of one side of a span; a record of 900 KB cannot hold more that say anything. */
export const MAX_MESSAGES = 10_001

/** What other words for a role mean; any other role stays as the sender wrote it. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ['human', 'user'],
  ['ai', 'assistant'],
  ['model', 'assistant'],
  ['AIMessageChunk', 'assistant'],
  ['function', 'tool'],
  ['HumanMessage', 'user'],
  ['AIMessage', 'assistant'],
  ['SystemMessage', 'system'],
  ['ToolMessage', 'tool'],
  ['FunctionMessage', 'tool'],
  ['ChatMessage', 'user'],
  ['HumanMessageChunk', 'user'],
  // Spring AI and others shout their roles.
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['system', 'system'],
  ['tool', 'tool'],
])
/** `type` of a LangChain message that was serialized without its constructor. */
const LANGCHAIN_TYPES = new Set(['human', 'ai', 'system', 'tool', 'function', 'AIMessageChunk'])

const MESSAGE_CLASS = /Message(Chunk)?$/

export function message(role: string, parts: readonly MessagePart[], finish_reason = ''): Message {
  return { role, name: '', parts, finish_reason }
}

export const textMessage = (role: string, text: string) => message(role, [textPart(text)])

function roleOf(word: string, fallback: string): string {
  if (!word) return fallback
  // Python prints its enums with their class: `MessageRole.USER`.
  const last = word.startsWith('MessageRole.') ? word.slice('MessageRole.'.length) : word
  return ROLES.get(last) ?? ROLES.get(last.toLowerCase()) ?? word
}

/** A message in the shape of any of the SDKs, or undefined where `value` is none. */
export function readMessage(value: Json, fallbackRole: string): Message | undefined {
  if (!isObject(value)) return undefined
  if (isObject(value.message)) return withOuterReason(readMessage(value.message, fallbackRole), value)
  if (isObject(value.kwargs) && isList(value.id)) {
    const className = scalarText(value.id.at(-1))
    // A document or a prompt of LangChain's is serialized the same way, and is none.
    return MESSAGE_CLASS.test(className) ? langchainMessage(value.kwargs, className, fallbackRole) : undefined
  }
  const type = scalarText(value.type)
  if (typeof value.role !== 'string') {
    if (LANGCHAIN_TYPES.has(type))
      return langchainMessage(isObject(value.data) ? value.data : value, type, fallbackRole)
    if (isResponsesItem(type)) return message(responsesRole(type, fallbackRole), readParts(value))
  }
  if (!isMessageLike(value)) return undefined
  const role = roleOf(scalarText(value.role), fallbackRole)
  return {
    role,
    name: scalarText(value.name),
    parts: partsOf(value, role),
    finish_reason: scalarText(firstOf(value, ['finish_reason', 'finishReason', 'stop_reason'])),
  }
}

/** OpenAI's and Gemini's choices carry the reason beside the message. */
function withOuterReason(inner: Message | undefined, outer: JsonObject): Message | undefined {
  const reason = scalarText(firstOf(outer, ['finish_reason', 'finishReason']))
  return inner && reason && !inner.finish_reason ? { ...inner, finish_reason: reason } : inner
}

function isMessageLike(value: JsonObject): boolean {
  return (
    typeof value.role === 'string' ||
    isList(value.parts) ||
    isList(value.tool_calls) ||
    (isList(value.contents) && !value.contents.some(hasRole)) ||
    value.function_call_name !== undefined ||
    (value.content !== undefined && Object.keys(value).every((key) => ROLELESS_KEYS.has(key)))
  )
}

/** Gemini's `contents` are messages; OpenInference's are parts of one. */
const hasRole = (item: Json) => isObject(item) && typeof item.role === 'string'

/** What an answer without a role may hold; an object with any other key is data, not a message. */
const ROLELESS_KEYS = new Set([
  'content',
  'finish_reason',
  'index',
  'refusal',
  'name',
  'reasoning',
  'content_filter_results',
  'function_call',
])

/** OpenAI's Responses API lists calls, results and reasoning beside the messages. */
function isResponsesItem(type: string): boolean {
  return type === 'function_call' || type === 'function_call_output' || type === 'reasoning'
}

function responsesRole(type: string, fallbackRole: string): string {
  if (type === 'function_call_output') return 'tool'
  return fallbackRole === 'user' ? 'assistant' : fallbackRole
}

function partsOf(value: JsonObject, role: string): readonly MessagePart[] {
  const parts: MessagePart[] = []
  const reasoning = firstOf(value, ['reasoning_content', 'reasoning'])
  if (reasoning !== undefined) readReasoning(reasoning, parts)
  const toolCallId = firstOf(value, ['tool_call_id', 'toolCallId'])
  const content = firstOf(value, ['parts', 'contents', 'content', 'user'])
  if (role === 'tool' && !isList(value.parts) && !hasResultParts(content)) {
    parts.push(toolResultPart({ id: toolCallId, name: value.name, content }))
  } else readParts(content, parts)
  if (typeof value.refusal === 'string' && value.refusal) parts.push(part('refusal', value.refusal))
  readToolCalls(value, parts)
  return parts
}

function hasResultParts(content: Json): boolean {
  if (!isList(content)) return false
  return content.some(
    (item) => isObject(item) && (scalarText(item.type).includes('result') || isObject(item.toolResult)),
  )
}

function readReasoning(reasoning: Json, parts: MessagePart[]): void {
  const text = isList(reasoning)
    ? reasoning.map((item) => (isObject(item) ? scalarText(item.text) : scalarText(item))).join('\n')
    : scalarText(reasoning)
  if (text) parts.push(part('reasoning', text))
}

function readToolCalls(value: JsonObject, parts: MessagePart[]): void {
  const known = new Set(parts.filter((item) => item.type === 'tool_call').map((item) => item.id))
  if (isList(value.tool_calls)) {
    for (const call of value.tool_calls) {
      const read = isObject(call) ? toolCallPart(call) : undefined
      // The same call stands in the content and in tool_calls where a framework translated between two APIs.
      if (read && !(read.id && known.has(read.id))) parts.push(read)
    }
  }
  const single = value.function_call
  if (isObject(single)) parts.push(toolCallPart(single))
  const flat = scalarText(value.function_call_name)
  if (flat) parts.push(part('tool_call', scalarText(value.function_call_arguments_json), { name: flat }))
}

function langchainMessage(fields: JsonObject, className: string, fallbackRole: string): Message {
  const role = roleOf(className, fallbackRole)
  const extra = isObject(fields.additional_kwargs) ? fields.additional_kwargs : {}
  const metadata = isObject(fields.response_metadata) ? fields.response_metadata : {}
  const hasCalls = isList(fields.tool_calls) && fields.tool_calls.length > 0
  const value: JsonObject = { ...fields, tool_calls: hasCalls ? fields.tool_calls : extra.tool_calls }
  const parts = partsOf(value, role).filter((item) => item.type !== 'text' || item.content !== '')
  return {
    role,
    name: scalarText(fields.name),
    parts,
    finish_reason: scalarText(firstOf(metadata, ['finish_reason', 'stop_reason'])),
  }
}

/** Every element that is a message; undefined where one is none, so that nothing is lost silently. */
export function readMessageList(list: readonly Json[], fallbackRole: string): readonly Message[] | undefined {
  const messages: Message[] = []
  for (const item of list) {
    if (messages.length >= MAX_MESSAGES) break
    const nested = isList(item) ? readMessageList(item, fallbackRole) : undefined
    if (nested) messages.push(...nested)
    else {
      const read = readMessage(item, fallbackRole)
      if (!read) return undefined
      messages.push(read)
    }
  }
  return messages
}
