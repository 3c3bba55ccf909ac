import type { RetrievedDocument } from '../../schemas/llm-span.ts'
import type { Content } from './content.ts'
import { unflatten } from './indexed.ts'
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
import { numberIn } from './readers.ts'

export const MAX_DOCUMENTS = 1_000

const LISTS = ['documents', 'docs', 'results', 'contexts', 'matches', 'hits', 'output', 'outputs', 'value']
const SCORES = ['score', 'relevance_score', 'relevanceScore', 'similarity', 'similarity_score', '_score']

export const NO_DOCUMENTS: readonly RetrievedDocument[] = []

/** Documents of a retrieval or rerank, from indexed attributes, a JSON list, or the span's own output. */
export function readDocuments(content: Content): readonly RetrievedDocument[] {
  return documentsOf(content.entries ? unflatten(content.entries) : toJson(content.value), 0)
}

/** Documents of a list that was found within something else. */
export function readDocumentList(list: readonly Json[]): readonly RetrievedDocument[] {
  const read = documentsOf(list, 0)
  return read.length > 0 ? read : NO_DOCUMENTS
}

function documentsOf(json: Json, depth: number): readonly RetrievedDocument[] {
  if (isList(json)) return json.slice(0, MAX_DOCUMENTS).map(readDocument).filter(isDocument)
  if (!isObject(json) || depth > 2) return NO_DOCUMENTS
  return documentsOf(firstOf(json, LISTS), depth + 1)
}

function isDocument(document: RetrievedDocument | undefined): document is RetrievedDocument {
  return document !== undefined
}

function readDocument(item: Json): RetrievedDocument | undefined {
  if (typeof item === 'string') return { id: '', content: item, score: null }
  if (!isObject(item)) return undefined
  const inner = firstOf(item, ['document', 'kwargs', 'node'])
  if (isObject(inner)) return withOuterScore(readDocument(inner), item)
  const metadata = metadataOf(item)
  const content = firstOf(item, ['content', 'page_content', 'pageContent', 'text', 'document', 'chunk', 'snippet'])
  const id = scalarText(firstOf(item, ['id', 'document_id', 'doc_id', 'chunk_id'])) || scalarText(metadata.id)
  if (content === undefined && !id) return undefined
  return {
    id,
    content: typeof content === 'string' ? content : jsonText(content),
    // LangChain's instrumentation leaves the score in the metadata.
    score: numberIn(item, SCORES) ?? numberIn(metadata, SCORES) ?? null,
  }
}

function withOuterScore(document: RetrievedDocument | undefined, outer: JsonObject): RetrievedDocument | undefined {
  if (!document || document.score !== null) return document
  return { ...document, score: numberIn(outer, SCORES) ?? null }
}

function metadataOf(item: JsonObject): JsonObject {
  const metadata = typeof item.metadata === 'string' ? parseText(item.metadata) : item.metadata
  return isObject(metadata) ? metadata : {}
}
