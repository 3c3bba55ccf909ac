import type { Message, SpanKind } from '../../schemas/llm-span.ts'
import type { Slots } from './collect.ts'
import type { Content } from './content.ts'
import { unflatten } from './indexed.ts'
import { firstOf, isList, isObject, type JsonObject, jsonText, parseText, toJson } from './json.ts'
import { part, toolResultPart } from './message-parts.ts'
import { message } from './messages.ts'

/** What a tool got, as a call of it; undefined where the attributes are silent. */
export function toolCallOf(slots: Slots, kind: SpanKind): readonly Message[] | undefined {
  const given = slots.tool_arguments && (kind === 'tool' || !slots.input) ? slots.tool_arguments : undefined
  const got = given ?? (kind === 'tool' && slots.input?.entries === undefined ? slots.input : undefined)
  return got && [message('assistant', [part('tool_call', toolText(got), toolOf(slots))])]
}

/** What a tool gave, as its result; undefined where the attributes are silent. */
export function toolResultOf(slots: Slots, kind: SpanKind): readonly Message[] | undefined {
  const result = slots.tool_result && (kind === 'tool' || !slots.output) ? slots.tool_result : undefined
  const gave = result ?? (kind === 'tool' ? slots.output : undefined)
  return gave && [message('tool', [part('tool_call_response', toolText(gave), toolOf(slots))])]
}

/** Strands writes what a tool got as a message of the tool. */
export function toolInput(messages: readonly Message[], slots: Slots, kind: SpanKind): readonly Message[] {
  if (kind !== 'tool') return messages
  return messages.map((one) => {
    const [only] = one.parts
    if (only?.type !== 'tool_call_response') return one
    return message('assistant', [part('tool_call', only.content, { ...toolOf(slots), id: only.id })])
  })
}

/** ... and what the tool gave as an answer of the assistant. */
export function toolOutput(messages: readonly Message[], slots: Slots, kind: SpanKind): readonly Message[] {
  if (kind !== 'tool') return messages
  return messages.map((one) => {
    if (one.parts.length === 0 || one.parts.some(({ type }) => type !== 'text')) return one
    const text = one.parts.map(({ content }) => content).join('\n')
    return message('tool', [part('tool_call_response', text, toolOf(slots))])
  })
}

function toolOf(slots: Slots): { id: string; name: string } {
  return { id: slots.tool_call_id ?? '', name: slots.tool_name ?? '' }
}

/** The text of a source, a JSON string unquoted. */
export function textOf(content: Content): string {
  const { value } = content
  if (content.entries) return jsonText(unflatten(content.entries))
  if (typeof value === 'string' && value.charCodeAt(0) !== 0x22) return value
  return jsonText(toJson(value))
}

/** Words of the wrappers below; a text without them is not parsed. */
const WRAPPERS = ['"kwargs"', '"tools/call"', '"isError"']

/** What a tool got or gave, out of the wrapper of the framework that called it. */
function toolText(content: Content): string {
  const text = textOf(content)
  if (text.charCodeAt(0) !== 0x7b || !WRAPPERS.some((word) => text.includes(word))) return text
  const json = parseText(text)
  return isObject(json) ? (langchainText(json) ?? mcpText(json) ?? text) : text
}

/** OpenLLMetry wraps what LangChain hands a tool, and what comes back, in the arguments of the callback. */
function langchainText(json: JsonObject): string | undefined {
  if (!isObject(json.kwargs)) return undefined
  // A tool that takes one text has no named inputs.
  const isNamed = isObject(json.inputs) && Object.keys(json.inputs).length > 0
  const inner = isNamed ? json.inputs : firstOf(json, ['input_str', 'inputs', 'outputs', 'output'])
  return inner === undefined ? undefined : jsonText(inner)
}

/** MCP: the JSON-RPC request of a call, and `{content: [parts], isError}`. */
function mcpText(json: JsonObject): string | undefined {
  if (json.method === 'tools/call' && isObject(json.params)) return jsonText(json.params.arguments ?? {})
  const isResult = typeof json.isError === 'boolean' && isList(json.content)
  return isResult ? toolResultPart({ content: json.content }).content : undefined
}
