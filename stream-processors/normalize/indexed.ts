import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { type Json, plain } from './json.ts'

/** Nodes one family of indexed attributes may create; the limit that Langfuse uses for the same attack. */
export const MAX_SLOTS = 10_001

/** `[path behind the prefix, value]`, e.g. `['0.message.role', 'user']`. */
export type IndexedEntry = readonly [string, AttributeValue]

interface Node {
  value: AttributeValue | undefined
  children: Map<string, Node> | undefined
}

/**
 * Flat attributes such as `llm.input_messages.0.message.role` as a list. Indexes only order the elements: gaps and huge
 * numbers cost nothing. Entries beyond MAX_SLOTS are left out.
 */
export function unflatten(entries: readonly IndexedEntry[]): readonly Json[] {
  const root: Node = { value: undefined, children: undefined }
  let slots = 0
  for (const [path, value] of entries) {
    let node = root
    for (const key of path.split('.', 24)) {
      node.children ??= new Map()
      let child = node.children.get(key)
      if (!child) {
        if (++slots > MAX_SLOTS) return listOf(root)
        child = { value: undefined, children: undefined }
        node.children.set(key, child)
      }
      node = child
    }
    node.value = value
  }
  return listOf(root)
}

/** The indexed elements; names beside them (such as `prompt_filter_results`) are no elements, but alone they are one. */
function listOf(root: Node): readonly Json[] {
  const children = [...(root.children ?? [])]
  const indexed = children
    .map(([key, child]) => [indexOf(key), child] as const)
    .filter(([index]) => index >= 0)
    .sort(byIndex)
  if (indexed.length > 0) return indexed.map(([, child]) => toJson(child))
  return children.length > 0 ? [toJson(root)] : []
}

function toJson(node: Node): Json {
  if (!node.children) return plain(node.value, 0)
  const indexed: [number, Node][] = []
  const object: Record<string, Json> = Object.create(null)
  let named = false
  for (const [key, child] of node.children) {
    const index = indexOf(key)
    if (index >= 0) indexed.push([index, child])
    else {
      named = true
      object[key] = toJson(child)
    }
  }
  if (indexed.length === 0) return object
  if (named) for (const [index, child] of indexed) object[String(index)] = toJson(child)
  return named ? object : indexed.sort(byIndex).map(([, child]) => toJson(child))
}

const byIndex = (a: readonly [number, Node], b: readonly [number, Node]) => a[0] - b[0]

function indexOf(key: string): number {
  if (key.length === 0 || key.length > 10) return -1
  let index = 0
  for (let i = 0; i < key.length; i++) {
    const digit = key.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    index = index * 10 + digit
  }
  return index
}
