import type { Message } from '../../schemas/llm-span.ts'
import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { isBare, type ReadOptions, readEnvelope } from './envelope.ts'
import { type IndexedEntry, unflatten } from './indexed.ts'
import {
  firstOf,
  isList,
  isObject,
  type Json,
  type JsonObject,
  jsonText,
  parseText,
  scalarText,
  toJson,
} from './json.ts'
import { isKnownPart, part, readParts } from './message-parts.ts'
import { MAX_MESSAGES, message, readMessage, readMessageList, textMessage } from './messages.ts'

/** How a source of content is to be read; the tables name it. */
export type ContentFormat =
  /** Messages in any SDK's shape, or whatever else was sent, as text. */
  | 'messages'
  /** Messages of a whole run, the answer at the end. */
  | 'transcript'
  /** The same, and a model request or answer even on a span that is no model call. */
  | 'envelope'
  /** Text that is never parsed. */
  | 'plain_text'
  /** Texts that stand side by side, each perhaps JSON-encoded. */
  | 'texts'
  /** Calls of tools, beside the text of the same answer. */
  | 'tool_calls'
  /** Reasoning, beside the text of the same answer. */
  | 'reasoning'

/** One source of content, found but not yet read. */
export interface Content {
  readonly format: ContentFormat
  readonly value: AttributeValue | undefined
  /** Set where the source is a family of indexed attributes. */
  readonly entries: IndexedEntry[] | undefined
}

const NONE: readonly Message[] = []
/** A request or an answer was sent, and capture had taken the content out of it. */
export const NOT_CAPTURED: readonly Message[] = []

export function readContent(content: Content, options: ReadOptions): readonly Message[] {
  const json = content.entries ? unflatten(content.entries) : content.value
  switch (content.format) {
    case 'plain_text':
      return textMessages(scalarOrJson(json as AttributeValue), options.role)
    case 'texts':
      return readTexts(content.entries ? (json as readonly Json[]) : toJson(content.value), options.role)
    case 'tool_calls': {
      const parts = readParts(asToolCalls(toJson(content.value)))
      return parts.length > 0 ? [message(options.role, parts)] : NONE
    }
    case 'reasoning':
      return [message(options.role, [part('reasoning', scalarOrJson(content.value))])]
    case 'envelope':
      return readAny(toJson(content.value), rawText(content.value), { ...options, is_model: true })
    default:
      return content.entries
        ? readIndexed(json as readonly Json[], options)
        : readAny(toJson(content.value), rawText(content.value), options)
  }
}

function rawText(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function scalarOrJson(value: AttributeValue | undefined): string {
  if (typeof value === 'string') return value
  return jsonText(toJson(value))
}

/** Text that was sent empty is one empty text: it was captured. */
function textMessages(text: string, role: string): readonly Message[] {
  return [textMessage(role, text)]
}

function readTexts(json: Json, role: string): readonly Message[] {
  const list = (isList(json) ? json : [json]).filter((item) => !isVector(item))
  if (list.length === 0 && isList(json) && json.length > 0) return NOT_CAPTURED
  const texts = list.slice(0, MAX_MESSAGES).map((item) => {
    const value = typeof item === 'string' ? parseText(item) : embeddingText(item)
    return typeof value === 'string' ? value : jsonText(value)
  })
  return [message(role, readParts(texts))]
}

/** An embedding whose text was taken out; what is left is the vector. */
function isVector(item: Json): boolean {
  return isObject(item) && isObject(item.embedding) && item.embedding.text === undefined
}

/** OpenInference: `{embedding: {text}}`; the vector beside it is left out. */
function embeddingText(item: Json): Json {
  if (isObject(item) && isObject(item.embedding)) return scalarText(item.embedding.text)
  if (isObject(item) && isObject(item.prompt)) return scalarText(item.prompt.text)
  if (isObject(item) && isObject(item.completion)) return scalarText(item.completion.text)
  return isObject(item) ? (firstOf(item, ['text', 'content']) ?? item) : item
}

function asToolCalls(json: Json): Json {
  if (!isList(json)) return json
  return json.map((call) => (isObject(call) ? { ...call, type: 'tool_call' } : call))
}

/** An element that is no message (a hostile or newer shape) stays readable as JSON. */
function readIndexed(list: readonly Json[], options: ReadOptions): readonly Message[] {
  return list.slice(0, MAX_MESSAGES).map((item) => {
    if (isObject(item) && typeof item.user === 'string' && item.content === undefined && !item.role) {
      return textMessage('user', item.user)
    }
    const opened = openMessage(item)
    return readMessage(opened, options.role) ?? readRoleless(opened, options) ?? message(options.role, readParts(item))
  })
}

/** What stands in a family of messages is one, whatever else it holds. */
function readRoleless(item: Json, { role }: ReadOptions): Message | undefined {
  return isObject(item) && item.content !== undefined ? readMessage({ ...item, role }, role) : undefined
}

/** OpenLLMetry writes parts of a message as JSON text in its content. */
function openMessage(item: Json): Json {
  if (!isObject(item) || typeof item.content !== 'string') return item
  const opened = openParts(item.content)
  const reasoning = typeof item.reasoning === 'string' ? parseText(item.reasoning) : item.reasoning
  return opened === item.content && reasoning === item.reasoning ? item : { ...item, content: opened, reasoning }
}

/** A list of parts with types; any other text that happens to be JSON is what the model or the user wrote. */
function openParts(text: string): Json {
  if (text.charCodeAt(0) !== 0x5b) return text
  const json = parseText(text)
  const isParts =
    isList(json) &&
    json.length > 0 &&
    json.every((item) => isObject(item) && (typeof item.type === 'string' || isBedrockPart(item)))
  return isParts ? json : text
}

/** Messages where `json` holds some, else its text. `raw` is the text it was parsed from. */
export function readAny(json: Json, raw: string | undefined, options: ReadOptions): readonly Message[] {
  if (json === undefined || json === null) return NONE
  if (isList(json)) return readList(json, raw, options)
  if (isObject(json)) {
    const wrapped = openWrapper(json)
    if (wrapped !== undefined) return readAny(wrapped, undefined, options)
    const messages = readEnvelope(json, options)
    if (messages) return messages
    if (options.is_model && isBare(json)) return NOT_CAPTURED
  }
  return textMessages(isObject(json) ? (raw ?? jsonText(json)) : scalarText(json), options.role)
}

/**
 * OpenLLMetry wraps what LangChain passes in `{inputs | outputs, kwargs, tags, metadata}`; LangChain's own prompts are
 * serialized with their messages among the arguments.
 */
function openWrapper(object: JsonObject): Json {
  if (object.value !== undefined && isTyped(object)) return object.value
  // Mastra keeps a request as it went over the wire.
  if (isObject(object.body) && MODEL_REQUEST_KEYS.some((key) => isList((object.body as JsonObject)[key])))
    return object.body
  if (!isObject(object.kwargs)) return undefined
  if (object.lc !== undefined) return isList(object.kwargs.messages) ? object.kwargs.messages : undefined
  return firstOf(object, ['inputs', 'outputs'])
}

const MODEL_REQUEST_KEYS = ['messages', 'contents', 'input'] as const
const TYPED_KEYS = 2
const TYPED = new Set(['text', 'chat_messages', 'json', 'raw', 'list'])

/** LangWatch's `{type, value}`. */
function isTyped(object: JsonObject): boolean {
  return typeof object.type === 'string' && TYPED.has(object.type) && Object.keys(object).length === TYPED_KEYS
}

function readList(list: readonly Json[], raw: string | undefined, options: ReadOptions): readonly Message[] {
  if (list.length === 0) return NONE
  const messages = readMessageList(list, options.role)
  if (messages) return messages
  const isParts =
    list.every((item) => isObject(item) && (typeof item.type === 'string' || isPartWithoutType(item))) &&
    list.some((item) => isObject(item) && (isKnownPart(item) || isPartWithoutType(item)))
  const isTexts = options.is_model && list.every((item) => typeof item === 'string')
  if (isParts || isTexts) return [message(options.role, readParts(list))]
  return textMessages(raw ?? jsonText(list), options.role)
}

function isPartWithoutType(item: JsonObject): boolean {
  return item.toolUse !== undefined || item.toolResult !== undefined || typeof item.text === 'string'
}

/** Bedrock names a part by its one key. */
function isBedrockPart(item: JsonObject): boolean {
  const keys = Object.keys(item)
  return keys.length === 1 && BEDROCK_PARTS.has(keys[0] as string)
}
const BEDROCK_PARTS = new Set([
  'text',
  'image',
  'document',
  'toolUse',
  'toolResult',
  'guardContent',
  'reasoningContent',
])
