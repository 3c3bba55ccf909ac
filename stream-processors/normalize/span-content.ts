import type { LlmSpan, Message, MessagePart, RetrievedDocument, SpanKind } from '../../schemas/llm-span.ts'
import type { Slots } from './collect.ts'
import { type Content, NOT_CAPTURED, readContent } from './content.ts'
import { NO_DOCUMENTS, readDocumentList, readDocuments } from './documents.ts'
import type { ReadOptions } from './envelope.ts'
import { unflatten } from './indexed.ts'
import { firstOf, isList, isObject, type Json, jsonText, parseText, plain, scalarText, toJson } from './json.ts'
import { message } from './messages.ts'
import { numberIn } from './readers.ts'
import { type EventFindings, NO_EVENTS, readEventList } from './span-events.ts'
import { textOf, toolCallOf, toolInput, toolOutput, toolResultOf } from './tool-content.ts'

export type SpanContent = Pick<
  LlmSpan,
  | 'system_instructions'
  | 'input_messages'
  | 'output_messages'
  | 'tool_definitions'
  | 'input_captured'
  | 'output_captured'
  | 'query'
  | 'documents'
>

const NONE: readonly Message[] = []

/** Everything people and models wrote on this span, from attributes first and events where the attributes are silent. */
export function contentOf(slots: Slots, events: EventFindings, kind: SpanKind): SpanContent {
  const is_model = kind === 'llm' || kind === 'embedding'
  const listed = slots.event_list ? readEventList(slots.event_list) : NO_EVENTS
  const asked = inputOf(slots, is_model, kind) ?? toolInput(firstWith(events.input, listed.input), slots, kind)
  const answered = outputOf(slots, is_model, kind) ?? toolOutput(firstWith(events.output, listed.output), slots, kind)
  const { input, output } =
    is_model || kind === 'agent' ? withoutAnswer(slots, asked, answered) : { input: asked, output: answered }
  const declared = slots.system_instructions
    ? systemMessages(slots.system_instructions)
    : firstWith(events.system, listed.system)
  const { system, messages } = splitSystem(declared, input)
  const isLookup = kind === 'retrieval' || kind === 'rerank'
  const documents = isLookup || slots.documents ? documentsOf(slots, events) : hiddenDocuments(slots)
  const query = queryOf(slots, isLookup, messages)
  return {
    system_instructions: system,
    input_messages: isLookup && query ? NONE : messages,
    output_messages: documents.length > 0 && documents !== NO_DOCUMENTS && isLookup ? NONE : output,
    tool_definitions: toolDefinitions(slots) || toolsInRequest(slots, is_model),
    input_captured: isCaptured(input, Boolean(slots.input || slots.tool_arguments || slots.query)),
    output_captured: isCaptured(output, isOutputSent(slots, kind)) || documents.length > 0,
    query,
    documents,
  }
}

/** Messages whose parts capture took out are not captured; a list that was sent empty is. */
function isCaptured(messages: readonly Message[], wasSent: boolean): boolean {
  if (messages.length === 0) return wasSent && messages !== NOT_CAPTURED
  return messages.some(({ parts }) => parts.length > 0)
}

function isOutputSent(slots: Slots, kind: SpanKind): boolean {
  // What stands beside an embedding's vector is its usage.
  if (kind === 'embedding') return false
  return Boolean(
    slots.output || slots.output_tool_calls || slots.output_reasoning || slots.tool_result || slots.documents,
  )
}

/** Some SDKs list all messages of a call or a run, the answer at their end; it stands in one place only. */
function withoutAnswer(slots: Slots, input: readonly Message[], output: readonly Message[]) {
  const last = input.length > 1 ? input.at(-1) : undefined
  if (last?.role !== 'assistant') return { input, output }
  if (output.length > 0) return { input: isSameText(last, output[0]) ? input.slice(0, -1) : input, output }
  const isAnswer = slots.input?.format === 'transcript' && !last.parts.some(isToolCall)
  return isAnswer ? { input: input.slice(0, -1), output: [last] } : { input, output }
}

const isToolCall = ({ type }: MessagePart) => type === 'tool_call'

/** The same but for the white space of JSON. */
function isSameText(one: Message, other: Message | undefined): boolean {
  if (other?.role !== 'assistant') return false
  const text = ({ parts }: Message) => parts.map(({ name, content }) => name + content.replaceAll(/\s+/g, '')).join('')
  return text(one) === text(other)
}

function firstWith(first: readonly Message[], second: readonly Message[]): readonly Message[] {
  return first.length > 0 ? first : second
}

function inputOf(slots: Slots, is_model: boolean, kind: SpanKind): readonly Message[] | undefined {
  const call = toolCallOf(slots, kind)
  if (call) return call
  return slots.input ? readContent(slots.input, { role: 'user', is_model }) : undefined
}

function outputOf(slots: Slots, is_model: boolean, kind: SpanKind): readonly Message[] | undefined {
  const result = toolResultOf(slots, kind)
  if (result) return result
  if (kind === 'embedding') return undefined
  const options: ReadOptions = { role: 'assistant', is_model }
  const sources = [slots.output_reasoning, slots.output, slots.output_tool_calls].filter(
    (source) => source !== undefined,
  )
  if (sources.length < 2) return sources[0] ? readContent(sources[0], options) : undefined
  return joined(sources.flatMap((source) => readContent(source, options)))
}

/** The Vercel SDK sends one answer in three attributes; empty text beside a tool call is no text. */
function joined(messages: readonly Message[]): readonly Message[] {
  const parts = messages.flatMap((one) => one.parts).filter((one) => one.type !== 'text' || one.content !== '')
  return parts.length > 0 ? [message('assistant', parts)] : messages.slice(0, 1)
}

/** Parts without a message around them, a list of texts, or one text. */
function systemMessages(content: Content): readonly Message[] {
  return readContent({ ...content, format: 'envelope' }, { role: 'system', is_model: true })
}

/** Leading system messages are instructions, wherever the SDK puts them, and stand in one place only. */
function splitSystem(declared: readonly Message[], input: readonly Message[]) {
  let leading = 0
  while (leading < input.length && isSystem(input[leading])) leading++
  const texts = [...declared, ...input.slice(0, leading)].map(textOfMessage).filter(Boolean)
  return { system: [...new Set(texts)].join('\n\n'), messages: leading > 0 ? input.slice(leading) : input }
}

function isSystem(one: Message | undefined): boolean {
  return one?.role === 'system' || one?.role === 'developer'
}

function textOfMessage(one: Message): string {
  return one.parts.map(({ content }) => content).join('\n')
}

function documentsOf(slots: Slots, events: EventFindings): readonly RetrievedDocument[] {
  if (slots.documents) return ranked(readDocuments(slots.documents), slots.ranking)
  if (events.documents.length > 0) return events.documents
  const hidden = hiddenDocuments(slots)
  if (hidden.length > 0) return hidden
  return slots.output ? readDocuments(slots.output) : NO_DOCUMENTS
}

/** Documents that stand in the metadata, where an SDK has no place of their own for them. */
function hiddenDocuments({ metadata }: Slots): readonly RetrievedDocument[] {
  const listed = metadata ? firstOf(metadata, METADATA_DOCUMENTS) : undefined
  const read = typeof listed === 'string' ? parseText(listed) : listed
  return isList(read) ? readDocumentList(read) : NO_DOCUMENTS
}
const METADATA_DOCUMENTS = [
  'documents',
  'retrieved_documents',
  'source_documents',
  'retrieved_docs',
  'retrieval_context',
  'contexts',
]

/** The Vercel SDK's rerank gives `[{originalIndex, score}]` beside the documents: the best first, as it was answered. */
function ranked(documents: readonly RetrievedDocument[], ranking: Content | undefined): readonly RetrievedDocument[] {
  const places = ranking ? toJson(ranking.value) : undefined
  if (!isList(places) || places.length === 0) return documents
  const found: RetrievedDocument[] = []
  for (const place of places.slice(0, documents.length)) {
    const read = typeof place === 'string' ? parseText(place) : place
    if (!isObject(read)) return documents
    const document = documents[Number(firstOf(read, ['originalIndex', 'original_index', 'index']))]
    if (document) found.push({ ...document, score: numberIn(read, ['score', 'relevanceScore']) ?? document.score })
  }
  return found.length > 0 ? found : documents
}

function queryOf(slots: Slots, isLookup: boolean, messages: readonly Message[]): string {
  const source = slots.query ?? (isLookup ? slots.input : undefined)
  if (source) return queryText(source)
  return isLookup ? (messages[0] ? textOfMessage(messages[0]) : '') : ''
}

const QUERY_KEYS = ['query', 'question', 'input', 'q', 'text', 'search_query', 'query_str', 'query_bundle']

function queryText(source: Content): string {
  const json: Json = source.entries ? unflatten(source.entries) : toJson(source.value)
  const said = isObject(json) ? firstOf(json, QUERY_KEYS) : json
  // LlamaIndex has an object for its queries.
  const query = isObject(said) ? firstOf(said, QUERY_KEYS) : said
  return scalarText(query) || textOf(source)
}

/** The definitions as one JSON text; the Vercel SDK and OpenInference send a list of JSON texts. */
function toolDefinitions({ tool_definitions: source }: Slots): string {
  if (!source) return ''
  if (!source.entries && typeof source.value === 'string') return source.value
  const json = source.entries ? unflatten(source.entries).map(openTool) : plain(source.value, 0)
  return isList(json)
    ? jsonText(json.map((item) => (typeof item === 'string' ? parseText(item) : item)))
    : jsonText(json)
}

function openTool(item: Json): Json {
  return isObject(item) && isObject(item.tool) ? (item.tool.json_schema ?? item.tool) : item
}

/** A request in one JSON text names the tools as well; so do the parameters of some SDKs. */
function toolsInRequest({ input, parameters, model_request }: Slots, is_model: boolean): string {
  if (isList(model_request?.function_tools) && model_request.function_tools.length > 0) {
    return jsonText(model_request.function_tools)
  }
  if (!is_model) return ''
  const sent = input?.value
  const isRequest = typeof sent === 'string' && sent.charCodeAt(0) === 0x7b && sent.includes('"tools"')
  const request = isRequest ? parseText(sent) : undefined
  const config = isObject(request) && isObject(request.config) ? request.config : undefined
  const tools = isObject(request) ? (request.tools ?? config?.tools) : parameters?.tools
  return isList(tools) && tools.length > 0 ? jsonText(tools) : ''
}
