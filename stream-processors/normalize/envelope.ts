import type { Message } from '../../schemas/llm-span.ts'
import { firstOf, isList, isObject, type Json, type JsonObject } from './json.ts'
import { readParts } from './message-parts.ts'
import { message, readMessage, readMessageList, textMessage } from './messages.ts'

export interface ReadOptions {
  /** Role of content that names none. */
  readonly role: string
  /** A model call's envelope (OpenAI's request, Gemini's response) is opened; other spans keep theirs as JSON. */
  readonly is_model: boolean
}

const NONE: readonly Message[] = []

/** Keys of a request or an answer that hold none of its content. */
const BARE_KEYS = new Set([
  'model',
  'stream',
  'stream_options',
  'encoding_format',
  'dimensions',
  'usage',
  'id',
  'object',
])

/** Whether capture left nothing of the request or the answer but its frame. */
export function isBare(object: JsonObject): boolean {
  return Object.keys(object).every((key) => BARE_KEYS.has(key) || object[key] === null)
}

/** Keys that only hold messages, in requests and answers of any kind of span. */
const MESSAGE_KEYS = ['messages', 'prompt', 'chat_history', 'input', 'output', 'inputs', 'outputs', 'items', 'choices']
/** Keys of a provider's request or answer. */
const TEXT_KEYS = ['output_text', 'text', 'completion', 'combined_chunk_content', 'query', 'answer']
const MODEL_KEYS = ['contents', 'replies', 'candidates', 'generations', 'response']

/** Messages within a request or an answer, of whatever provider; undefined where it holds none. */
export function readEnvelope(object: JsonObject, options: ReadOptions): readonly Message[] | undefined {
  const single = readMessage(isObject(object.content) ? openCandidate(object) : object, options.role)
  if (single) return [single]
  const keys = options.is_model ? [...MESSAGE_KEYS, ...MODEL_KEYS] : MESSAGE_KEYS
  for (const key of keys) {
    const inner = object[key]
    const messages = readInner(inner, options)
    if (messages && messages.length > 0) return [...systemOf(object, options), ...messages]
  }
  const text = options.is_model ? firstOf(object, TEXT_KEYS) : undefined
  return typeof text === 'string' ? [textMessage(options.role, text)] : undefined
}

function readInner(inner: Json, options: ReadOptions): readonly Message[] | undefined {
  if (isList(inner)) {
    if (inner.length > 0 && inner.every((item) => typeof item === 'string')) {
      return options.is_model ? [message(options.role, readParts(inner))] : undefined
    }
    return readMessageList(inner.map(openCandidate), options.role)
  }
  if (isObject(inner)) return readEnvelope(inner, options)
  return options.is_model && typeof inner === 'string' ? [textMessage(options.role, inner)] : undefined
}

/** Gemini: `{content: {role, parts}, finishReason}`; a completion: `{text, finish_reason}`. */
function openCandidate(item: Json): Json {
  if (!isObject(item)) return item
  if (isObject(item.content))
    return { ...item.content, finish_reason: firstOf(item, ['finish_reason', 'finishReason']) }
  if (typeof item.text === 'string' && item.message === undefined && item.role === undefined) {
    return { role: 'assistant', content: item.text, finish_reason: item.finish_reason }
  }
  return item
}

const SYSTEM_KEYS = ['system', 'instructions', 'system_instruction', 'systemInstruction', 'systemPrompt']

function systemOf(object: JsonObject, options: ReadOptions): readonly Message[] {
  if (options.role !== 'user') return NONE
  // Google keeps it among the parameters.
  const system =
    firstOf(object, SYSTEM_KEYS) ?? (isObject(object.config) ? firstOf(object.config, SYSTEM_KEYS) : undefined)
  if (system === undefined) return NONE
  const content = isObject(system) ? firstOf(system, ['parts', 'content']) : system
  return [message('system', readParts(content))]
}
