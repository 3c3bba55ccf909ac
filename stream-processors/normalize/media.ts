import { createHash } from 'node:crypto'
import type { MessagePart } from '../../schemas/llm-span.ts'
import { firstOf, isObject, type Json, type JsonObject, scalarText } from './json.ts'

const MODALITIES = ['image', 'audio', 'video', 'file', 'document'] as const
const BASE64 = ';base64,'
const SCHEME = 'data:'
/** Longest `data:<type>;<parameters>` that is looked for, and the shortest content worth a reference. */
const MAX_HEAD = 300
const MIN_BYTES = 32
const LANGFUSE_REFERENCE = /^@@@langfuseMedia:type=([^|@]{1,128})\|/

/** What inlined bytes become: the name of their content. Bytes never go into a row. */
export function hashReference(base64: string): string {
  return `sha256:${createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex')}`
}

/**
 * Replaces data URIs inside a text by their reference, so that raw JSON and long prompts carry no bytes either. One scan, no
 * regular expression: this is customer text.
 */
export function withoutInlinedMedia(text: string): string {
  let marker = text.indexOf(BASE64)
  if (marker < 0) return text
  let written = 0
  let result = ''
  for (; marker >= 0; marker = text.indexOf(BASE64, marker + BASE64.length)) {
    const from = Math.max(written, marker - MAX_HEAD)
    const head = text.slice(from, marker).lastIndexOf(SCHEME)
    const begin = marker + BASE64.length
    const end = endOfBase64(text, begin)
    if (head < 0 || end - begin < MIN_BYTES) continue
    const type = text.slice(from + head + SCHEME.length, marker).split(';', 1)[0] ?? ''
    result += `${text.slice(written, from + head)}${hashReference(text.slice(begin, end))};${type}`
    written = end
    marker = end - BASE64.length
  }
  return result + text.slice(written)
}

function endOfBase64(text: string, begin: number): number {
  let end = begin
  while (end < text.length && isBase64(text.charCodeAt(end))) end++
  return end
}

/** A-Z, a-z, 0-9, and `+ / = - _`. */
function isBase64(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 47 && code <= 57) ||
    code === 43 ||
    code === 61 ||
    code === 45 ||
    code === 95
  )
}

/** A part whose type says that it is media. The URL, the id or the hash of the bytes stays. */
export function mediaPart(item: JsonObject): MessagePart {
  const modality = modalityOf(item)
  const holder = firstOf(item, [
    'image_url',
    'image',
    'input_audio',
    'audio',
    'file',
    'source',
    'file_data',
    'inline_data',
  ])
  const target = isObject(holder) ? unwrap(holder) : item
  const declared = scalarText(
    firstOf(target, ['mime_type', 'mimeType', 'media_type', 'mediaType']) ?? firstOf(item, ['mime_type', 'mediaType']),
  )
  const reference = referenceOf(target, isObject(holder) ? undefined : holder)
  return reference ? media(reference.uri, declared || reference.mime_type || modality) : media('', declared || modality)
}

/** Gemini and Bedrock parts without a type: `{inline_data: {...}}`, `{file_data: {...}}`, `{image: {source: {bytes}}}`. */
export function inlinedMedia(item: JsonObject): MessagePart | undefined {
  const holder = firstOf(item, ['inline_data', 'inlineData', 'file_data', 'fileData', 'image', 'video', 'document'])
  if (!isObject(holder)) return undefined
  const target = unwrap(holder)
  const declared = scalarText(firstOf(holder, ['mime_type', 'mimeType', 'media_type', 'format']))
  const reference = referenceOf(target, undefined)
  if (!reference) return undefined
  return media(reference.uri, declared || reference.mime_type || modalityOf(item))
}

function unwrap(holder: JsonObject): JsonObject {
  const inner = firstOf(holder, ['image', 'source'])
  return isObject(inner) ? inner : holder
}

function media(uri: string, mime_type: string): MessagePart {
  return { type: 'media', content: '', id: '', name: '', mime_type, uri }
}

function modalityOf(item: JsonObject): string {
  const said = scalarText(item.modality) || scalarText(item.type)
  return MODALITIES.find((modality) => said.includes(modality) || item[modality] !== undefined) ?? 'file'
}

function referenceOf(target: JsonObject, direct: Json): { uri: string; mime_type: string } | undefined {
  const value =
    typeof direct === 'string'
      ? direct
      : scalarText(firstOf(target, ['url', 'uri', 'file_uri', 'fileUri', 'file_id', 'fileId', 'image_url', 'image']))
  if (value) return referenceTo(value)
  const bytes = firstOf(target, ['content', 'data', 'bytes', 'base64', 'file_data'])
  return typeof bytes === 'string' && bytes ? referenceTo(bytes, true) : undefined
}

function referenceTo(value: string, isData = false): { uri: string; mime_type: string } {
  if (value.startsWith('data:')) {
    const comma = value.indexOf(',')
    const type = value.slice(5, Math.max(5, Math.min(comma, 200))).split(';', 1)[0] ?? ''
    return { uri: hashReference(value.slice(comma + 1)), mime_type: type }
  }
  const langfuse = LANGFUSE_REFERENCE.exec(value)
  if (langfuse) return { uri: value.slice(0, 512), mime_type: langfuse[1] ?? '' }
  const isUrl = /^[a-z][a-z0-9+.-]{1,20}:/i.test(value)
  if ((isData || value.length > 2048) && !isUrl) return { uri: hashReference(value), mime_type: '' }
  return { uri: value.slice(0, 2048), mime_type: '' }
}
