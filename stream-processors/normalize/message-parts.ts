import type { MessagePart, PartType } from '../../schemas/llm-span.ts'
import { firstOf, isList, isObject, type Json, type JsonObject, jsonText, scalarText } from './json.ts'
import { inlinedMedia, mediaPart, withoutInlinedMedia } from './media.ts'

/** Parts of one message, and parts within a part. */
export const MAX_PARTS = 10_001
const MAX_NESTING = 8

export function part(type: PartType, content: string, fields: Partial<MessagePart> = {}): MessagePart {
  return { type, content, id: '', name: '', mime_type: '', uri: '', ...fields }
}

const TEXT_KEYS = ['text', 'content', 'value']

export const textPart = (text: string) => part('text', withoutInlinedMedia(text))

/** How the SDKs call the same part: OTel, OpenAI, Anthropic, AI SDK, Gemini, Bedrock, LangChain. */
const READERS: ReadonlyMap<string, (item: JsonObject) => MessagePart> = new Map([
  ...named(['text', 'input_text', 'output_text'], (item) => textPart(textOf(item, TEXT_KEYS))),
  ...named(['reasoning', 'thinking', 'summary_text', 'reasoning_text', 'reasoning-delta'], reasoningPart),
  ...named(['redacted_thinking', 'redacted-reasoning'], () => part('reasoning', '')),
  ...named(['refusal'], (item) => part('refusal', textOf(item, ['refusal', 'content', 'text']))),
  ...named(
    [
      'tool_call',
      'tool-call',
      'tool_use',
      'function_call',
      'function',
      'server_tool_call',
      'server_tool_use',
      'mcp_call',
    ],
    toolCallPart,
  ),
  ...named(
    [
      'tool_call_response',
      'tool_result',
      'tool-result',
      'function_call_output',
      'server_tool_call_response',
      'web_search_tool_result',
    ],
    toolResultPart,
  ),
  ...named(
    ['image_url', 'image', 'input_image', 'output_image', 'audio', 'input_audio', 'video', 'media', 'blob', 'uri'],
    mediaPart,
  ),
  ...named(['file', 'input_file', 'document', 'image-data', 'file-data', 'file_data', 'inline_data'], mediaPart),
])

function named(types: readonly string[], read: (item: JsonObject) => MessagePart) {
  return types.map((type) => [type, read] as const)
}

/** The content of a message, in whatever shape it was sent, as parts. */
export function readParts(content: Json, into: MessagePart[] = [], depth = 0): MessagePart[] {
  if (content === null || content === undefined || into.length >= MAX_PARTS) return into
  if (isList(content)) {
    if (depth >= MAX_NESTING) into.push(genericPart(content))
    else for (const item of content) readParts(item, into, depth + 1)
  } else if (isObject(content)) {
    if (!isTaken(content)) into.push(readPart(content))
  } else into.push(textPart(scalarText(content)))
  return into
}

/** A part whose type we know by name; others stay JSON. */
export function isKnownPart({ type }: JsonObject): boolean {
  return typeof type === 'string' && READERS.has(type)
}

/** `{type: 'text'}` alone: capture took the text out, which is not the same as an empty text. */
function isTaken(item: JsonObject): boolean {
  return item.type === 'text' && firstOf(item, TEXT_KEYS) === undefined
}

function readPart(item: JsonObject): MessagePart {
  const inner = item.message_content
  if (isObject(inner)) return readPart(inner)
  const type = item.type
  const read = typeof type === 'string' ? READERS.get(type) : undefined
  return read ? read(item) : (readUntyped(item) ?? genericPart(item))
}

/** Gemini and Bedrock name a part by the key it holds. */
function readUntyped(item: JsonObject): MessagePart | undefined {
  const call = firstOf(item, ['function_call', 'functionCall', 'toolUse', 'tool_call'])
  if (isObject(call)) return toolCallPart(call)
  const result = firstOf(item, ['function_response', 'functionResponse', 'toolResult'])
  if (isObject(result)) return toolResultPart(result)
  const reasoning = item.reasoningContent
  if (isObject(reasoning)) return reasoningPart(isObject(reasoning.reasoningText) ? reasoning.reasoningText : reasoning)
  if (typeof item.text === 'string') return item.thought === true ? part('reasoning', item.text) : textPart(item.text)
  // Genkit's structured answers, and what Bedrock has its guardrail look at.
  if (isObject(item.text)) return textPart(jsonText(item.text.text ?? item.text))
  if (isObject(item.guardContent)) return readUntyped(item.guardContent)
  return inlinedMedia(item)
}

function genericPart(item: Json): MessagePart {
  return part('generic', withoutInlinedMedia(jsonText(item)))
}

function textOf(item: JsonObject, keys: readonly string[]): string {
  const value = firstOf(item, keys)
  if (isObject(value)) return scalarText(firstOf(value, ['value', 'text'])) || jsonText(value)
  return isList(value) ? jsonText(value) : scalarText(value)
}

/** OpenAI gives a list of summaries, Anthropic one text. */
function reasoningPart(item: JsonObject): MessagePart {
  const value = firstOf(item, ['content', 'text', 'thinking', 'reasoning', 'summary', 'delta'])
  if (!isList(value)) return part('reasoning', isObject(value) ? jsonText(value) : scalarText(value))
  const texts = value.map((entry) => (isObject(entry) ? textOf(entry, ['text', 'content']) : scalarText(entry)))
  return part('reasoning', texts.join('\n'))
}

/** The id that a call and its result share; OpenAI's Responses API gives each of them an `id` of its own as well. */
const CALL_IDS = ['call_id', 'tool_call_id', 'tool_use_id', 'toolCallId', 'toolUseId', 'id']

export function toolCallPart(call: JsonObject): MessagePart {
  const wrapped = call.tool_call
  if (isObject(wrapped)) return toolCallPart(wrapped)
  const target = isObject(call.function) ? call.function : call
  const args = firstOf(target, ['arguments', 'args', 'input', 'parameters'])
  return part('tool_call', withoutInlinedMedia(jsonText(args)), {
    id: scalarText(firstOf(call, CALL_IDS)),
    name: scalarText(firstOf(target, ['name', 'toolName', 'tool_name'])),
  })
}

export function toolResultPart(result: JsonObject): MessagePart {
  const value = firstOf(result, ['response', 'result', 'output', 'content'])
  return part('tool_call_response', withoutInlinedMedia(resultText(value)), {
    id: scalarText(firstOf(result, CALL_IDS)),
    name: scalarText(firstOf(result, ['name', 'toolName', 'tool_name'])),
  })
}

/** A result that consists of text alone reads as that text; anything else as JSON. */
function resultText(value: Json): string {
  if (isList(value) && value.length > 0 && value.every((item) => isObject(item) && typeof item.text === 'string')) {
    return value.map((item) => scalarText((item as JsonObject).text)).join('\n')
  }
  if (isObject(value) && value.type === 'text' && typeof value.value === 'string') return value.value
  if (isObject(value) && value.type === 'json' && value.value !== undefined) return jsonText(value.value)
  return jsonText(value)
}
