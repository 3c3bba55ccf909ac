import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { pythonToJson } from './python-literal.ts'

/** What JSON.parse gives, and what structured attributes become: never a Map, never bytes. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

const MAX_DEPTH = 32
const decoder = new TextDecoder('utf-8', { fatal: true })

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** A string as it is, a number or boolean as text, '' for everything else. */
export function scalarText(value: Json): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** The first of `keys` that `object` holds with a value other than null. */
export function firstOf(object: JsonObject, keys: readonly string[]): Json {
  for (const key of keys) {
    const value = object[key]
    if (value !== undefined && value !== null && typeof value !== 'function') return value
  }
  return undefined
}

/** A string as it is, '' for nothing, JSON text for everything else. */
export function jsonText(value: Json): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

function looksLikeJson(text: string): boolean {
  for (let i = 0; i < text.length && i < 64; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue
    return code === 0x7b || code === 0x5b || code === 0x22
  }
  return false
}

/**
 * Parses text that is an object, a list or a quoted string, at most twice (several SDKs encode twice); any other text, and
 * what does not parse, comes back as it is.
 */
export function parseText(text: string): Json {
  if (!looksLikeJson(text)) return text
  const once = parseOnce(text)
  return typeof once === 'string' && once !== text && looksLikeJson(once) ? parseOnce(once) : once
}

/** JSON that nests deeper than this stays text: no SDK sends it, and readers may then recurse without a care. */
export const MAX_JSON_DEPTH = 64

function parseOnce(text: string): Json {
  const json = tryParse(text) ?? tryParse(escapeBreaks(text)) ?? tryParse(pythonToJson(text)) ?? text
  return text.length > 2 * MAX_JSON_DEPTH && isDeeperThan(json, MAX_JSON_DEPTH) ? text : json
}

/** Only an escape can stand for half a character, since what arrives is UTF-8. */
function mayHoldHalves(text: string): boolean {
  return text.includes('\\ud') || text.includes('\\uD')
}

/** Halves of characters as U+FFFD, as every encoder would write them. Deeper than `levels` nothing is read. */
function wellFormed(json: Json, levels: number): Json {
  if (typeof json === 'string') return json.toWellFormed()
  if (typeof json !== 'object' || json === null || levels < 0) return json
  if (isList(json)) return json.map((item) => wellFormed(item, levels - 1))
  const object: Record<string, Json> = Object.create(null)
  for (const key of Object.keys(json)) object[key.toWellFormed()] = wellFormed((json as JsonObject)[key], levels - 1)
  return object
}

function tryParse(text: string | undefined): Json {
  if (text === undefined) return undefined
  try {
    const json = JSON.parse(text) as Json
    return mayHoldHalves(text) ? wellFormed(json, MAX_JSON_DEPTH) : json
  } catch {
    return undefined
  }
}

/** Texts that are cheap to mend: more than any SDK writes by hand, less than what would cost a pipeline its time. */
const MAX_MENDED = 262_144

/**
 * Line breaks and tabs within quotes as JSON wants them: senders that glue their JSON together leave them raw. undefined
 * where there is none, or where the text does not end as JSON does.
 */
function escapeBreaks(text: string): string | undefined {
  if (text.length > MAX_MENDED || !/[\n\r\t]/.test(text) || !/["\]}]\s*$/.test(text)) return undefined
  let mended = ''
  let done = 0
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) isQuoted = !isQuoted
    else if (code === 0x5c && !isBreak(text.charCodeAt(i + 1))) i++
    else if (isQuoted && (code === 0x5c || isBreak(code))) {
      const at = code === 0x5c ? i + 1 : i
      mended += text.slice(done, i) + JSON.stringify(text[at]).slice(1, -1)
      done = at + 1
      i = at
    }
  }
  return done === 0 ? undefined : mended + text.slice(done)
}

function isDeeperThan(json: Json, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false
  if (levels === 0) return true
  if (isList(json)) {
    for (const item of json) if (typeof item === 'object' && isDeeperThan(item, levels - 1)) return true
    return false
  }
  for (const key in json as JsonObject) {
    const item = (json as JsonObject)[key]
    if (typeof item === 'object' && isDeeperThan(item, levels - 1)) return true
  }
  return false
}

function isBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x09
}

/** Bytes as their UTF-8 text; undefined where they are none. */
export function bytesText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** An attribute as plain data: texts and bytes parsed where they are JSON, maps as objects without a prototype. */
export function toJson(value: AttributeValue | undefined): Json {
  if (typeof value === 'string') return parseText(value)
  if (value instanceof Uint8Array) {
    const text = bytesText(value)
    return text === undefined ? undefined : parseText(text)
  }
  return plain(value, 0)
}

/** An attribute as plain data; texts stay texts. */
export function plain(value: AttributeValue | undefined, depth: number): Json {
  if (value === null || value === undefined || typeof value !== 'object') {
    return typeof value === 'bigint' ? String(value) : value
  }
  if (value instanceof Uint8Array) return bytesText(value) ?? Buffer.from(value).toString('base64')
  if (depth >= MAX_DEPTH) return undefined
  if (value instanceof Map) {
    const object: Record<string, Json> = Object.create(null)
    for (const [key, item] of value) object[key] = plain(item, depth + 1)
    return object
  }
  return (value as readonly AttributeValue[]).map((item) => plain(item, depth + 1))
}
