import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { cut, MAX_NAME } from './cut.ts'
import { isList, isObject, type Json, type JsonObject, jsonText, scalarText, toJson } from './json.ts'

/**
 * How one attribute becomes one value. A reader answers undefined where the attribute holds nothing usable (empty, of
 * another type, a placeholder), so that the next name in the table is tried.
 */
export type Reader<T> = (value: AttributeValue) => T | undefined

const MAX_LIST = 256
const MAX_LIST_TEXT = 1_024

export const text: Reader<string> = (value) => {
  if (typeof value === 'string') return value === '' ? undefined : cut(value, MAX_NAME)
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return undefined
}

export const number: Reader<number> = (value) => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || value.length > 32 || value.trim() === '') return undefined
  const read = Number(value)
  return Number.isFinite(read) ? read : undefined
}

/** More than any call can use; a larger number is nonsense, and sums of what remains stay exact. */
export const MAX_COUNT = 1e12

/** A count of tokens or the like; negative numbers are placeholders (OpenLIT's max_tokens -1). */
export const count: Reader<number> = (value) => {
  const read = number(value)
  return read === undefined || read < 0 || read > MAX_COUNT ? undefined : Math.round(read)
}

export const milliseconds: Reader<number> = (value) => {
  const read = number(value)
  return read === undefined || read < 0 ? undefined : read
}

export const seconds: Reader<number> = (value) => {
  const read = milliseconds(value)
  return read === undefined ? undefined : read * 1000
}

/** Whole numbers are milliseconds, fractions are seconds. */
export const whole_milliseconds: Reader<number> = (value) => {
  const read = milliseconds(value)
  return read === undefined || Number.isInteger(read) ? read : read * 1000
}

export const boolean: Reader<boolean> = (value) => {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' || value.length > 5) return undefined
  const lower = value.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

/** A list, a JSON list, or one plain string. */
export const list: Reader<readonly string[]> = (value) => {
  const json = toJson(value)
  const items = isList(json) ? json : [json]
  const texts = items
    .slice(0, MAX_LIST)
    .map((item) => cut(scalarText(item), MAX_LIST_TEXT))
    .filter(Boolean)
  return texts.length > 0 ? texts : undefined
}

/** As `list`; a plain string is split at its commas. */
export const tags: Reader<readonly string[]> = (value) => {
  const read = list(value)
  if (typeof value !== 'string' || read?.length !== 1 || read[0] !== value) return read
  const texts = value
    .split(',', MAX_LIST)
    .map((tag) => tag.trim())
    .filter(Boolean)
  return texts.length > 0 ? texts : undefined
}

export const object: Reader<JsonObject> = (value) => {
  const json = toJson(value)
  return isObject(json) ? json : undefined
}

/** ISO text, quoted once more by older SDKs, as ms since 1970. */
export const iso_time: Reader<number> = (value) => {
  const json = toJson(value)
  const read = typeof json === 'string' && json.length < 64 ? Date.parse(json) : Number.NaN
  return Number.isNaN(read) ? undefined : read
}

/** `openai.chat`, `openai.responses`, `anthropic.messages`: the Vercel SDK names the provider's API as well. */
export const vercel_provider: Reader<string> = (value) => {
  const read = text(value)
  if (!read) return undefined
  const dot = read.lastIndexOf('.')
  return dot > 0 && VERCEL_APIS.has(read.slice(dot + 1)) ? read.slice(0, dot) : read
}
const VERCEL_APIS = new Set(['chat', 'responses', 'completion', 'embedding', 'messages', 'generative-ai', 'image'])

/** `{name, version}` or a list of them, as JSON text. */
const firstObject = (value: AttributeValue): JsonObject | undefined => {
  const json = toJson(value)
  const first = isList(json) ? json[0] : json
  return isObject(first) ? first : undefined
}
export const name_in_json: Reader<string> = (value) => scalarText(firstObject(value)?.name) || undefined
export const version_in_json: Reader<string> = (value) => scalarText(firstObject(value)?.version) || undefined

/** `{input, output, total}` of costs in USD. */
export const total_cost: Reader<number> = (value) => {
  const costs = object(value)
  if (!costs) return undefined
  const total = numberIn(costs, ['total', 'total_cost'])
  if (total !== undefined) return total
  const amounts = Object.values(costs).filter((cost) => typeof cost === 'number' && Number.isFinite(cost))
  return amounts.length > 0 ? amounts.reduce<number>((sum, cost) => sum + (cost as number), 0) : undefined
}

export function numberIn(object: JsonObject, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = object[key]
    const read = typeof value === 'number' || typeof value === 'string' ? number(value) : undefined
    if (read !== undefined) return read
  }
  return undefined
}

export function countIn(object: JsonObject, keys: readonly string[]): number | undefined {
  const read = numberIn(object, keys)
  return read === undefined ? undefined : count(read)
}

/** One number of a detail map, sent as JSON, as a map, or as the repr of a Python dict (`{'cache_read': 4}`). */
const detail =
  (key: string): Reader<number> =>
  (value) => {
    const json = toJson(value)
    if (isObject(json)) return countOf(json[key])
    if (typeof json !== 'string' || json.length > 4096) return undefined
    const at = json.indexOf(`'${key}':`)
    return at < 0 ? undefined : countOf(/^\s*(\d{1,15})/.exec(json.slice(at + key.length + 3))?.[1])
  }
const countOf = (value: Json) =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? count(value) : undefined
export const detail_cache_read = detail('cache_read')
export const detail_cache_creation = detail('cache_creation')
export const detail_reasoning = detail('reasoning')

/** A list of `{"event.name": ...}`, or of what such events hold; any other list is none. */
export const event_list: Reader<readonly JsonObject[]> = (value) => {
  if (typeof value !== 'string' && !Array.isArray(value)) return undefined
  const json = toJson(value)
  if (!isList(json) || json.length === 0) return undefined
  return json.every(isEvent) ? (json as readonly JsonObject[]) : undefined
}
const isEvent = (item: Json) =>
  isObject(item) && (EVENT_KEYS.some((key) => typeof item[key] === 'string') || isObject(item.message))
const EVENT_KEYS = ['event.name', 'role', 'finish_reason']

/** Logfire's spans of the OpenAI Agents SDK say what they are only in their message. */
export const logfire_kind: Reader<string> = (value) =>
  typeof value === 'string' ? LOGFIRE_KINDS.find(([beginning]) => value.startsWith(beginning))?.[1] : undefined
const LOGFIRE_KINDS: readonly (readonly [string, string])[] = [
  ['Function: ', 'tool'],
  ['Agent run: ', 'agent'],
  ['Guardrail ', 'guardrail'],
  ['OpenAI Agents trace: ', 'workflow'],
  ['Handoff: ', 'chain'],
]

/** Text that MLflow encodes as JSON, as it does every value: `"LLM"` with its quotes. */
export const json_text: Reader<string> = (value) => text(toJson(value) as AttributeValue)

/** A number or an object as JSON too: what a sender calls an error may be any of them. */
export const any_text: Reader<string> = (value) => cut(jsonText(toJson(value)), MAX_NAME) || undefined

/** A conversation's id; the operating system's thread id, which has the same name, is a number. */
export const thread_id: Reader<string> = (value) => {
  const read = typeof value === 'string' ? text(value) : undefined
  return read === undefined || /^\d+$/.test(read) ? undefined : read
}

/** The cost among LangWatch's metrics. */
export const cost_of: Reader<number> = (value) => {
  const metrics = token_object(value)
  return metrics && numberIn(metrics, ['cost', 'total_cost'])
}

/** Flue tells a task and a workflow by the names that only they have. */
export const flue_task: Reader<string> = () => 'agent'
export const flue_workflow: Reader<string> = () => 'workflow'

/** The id of a group of traces; senders print what they were not given. */
export const group_id: Reader<string> = (value) => {
  const read = text(value)
  return read === 'null' || read === 'None' ? undefined : read
}

/** `{"type": "llm"}` among Braintrust's span attributes. */
export const type_in_json: Reader<string> = (value) => scalarText(firstObject(value)?.type) || undefined

/** Haystack names a component by its class: `OpenAIChatGenerator`, `InMemoryBM25Retriever`. */
export const haystack_kind: Reader<string> = (value) =>
  typeof value === 'string' ? (HAYSTACK_KINDS.find(([end]) => value.endsWith(end))?.[1] ?? 'chain') : undefined
const HAYSTACK_KINDS: readonly (readonly [string, string])[] = [
  ['Generator', 'llm'],
  ['Embedder', 'embedding'],
  ['Retriever', 'retriever'],
  ['Ranker', 'reranker'],
  ['ToolInvoker', 'tool'],
  ['Agent', 'agent'],
  ['Evaluator', 'evaluator'],
]

/** The seconds to the first token among other measures. */
export const first_token_among: Reader<number> = (value) => {
  const measured = object(value)
  const read = measured && numberIn(measured, ['time_to_first_token'])
  return read === undefined ? undefined : seconds(read)
}

/** LangWatch's `{started_at, first_token_at}`, ms since 1970. */
export const first_token_of: Reader<number> = (value) => {
  const times = object(value)
  const started = times && numberIn(times, ['started_at', 'startedAt'])
  const first = times && numberIn(times, ['first_token_at', 'firstTokenAt'])
  return started === undefined || first === undefined || first < started ? undefined : first - started
}

/** A usage object, or the typed wrapper that LangWatch puts around it; anything that counts no tokens is none. */
export const token_object: Reader<JsonObject> = (value) => {
  const json = toJson(value)
  const said = isObject(json) && isObject(json.value) ? json.value : json
  if (!isObject(said)) return undefined
  return Object.keys(said).some((key) => /token|^(input|output|cost)$/i.test(key)) ? said : undefined
}
