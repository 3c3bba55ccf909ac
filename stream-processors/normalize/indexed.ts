import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
import { type Json, plain } from './json.ts'

/** Keys one family of indexed attributes may create: 3,000 calls of tools take 18,000. */
export const MAX_SLOTS = 40_000
const MAX_DEPTH = 24
/** Split paths are remembered: a handful of them make up all spans of an SDK. */
const MAX_REMEMBERED = 4_096

/** `[path behind the prefix, value]`, e.g. `['0.message.role', 'user']`. */
export type IndexedEntry = readonly [string, AttributeValue]

interface Node {
  [key: string]: Json | Node
}

const remembered = new Map<string, readonly string[]>()
const NO_PATH: readonly string[] = []

/**
 * Flat attributes such as `llm.input_messages.0.message.role` as a list. Indexes only order the elements: gaps and huge
 * numbers cost nothing. Entries beyond MAX_SLOTS are left out.
 */
export function unflatten(entries: readonly IndexedEntry[]): readonly Json[] {
  const root: Node = {}
  let slots = 0
  for (const [path, value] of entries) {
    const keys = keysOf(path)
    let node = root
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      const child = node[key]
      if (child === undefined && ++slots > MAX_SLOTS) return elementsOf(root)
      if (i === keys.length - 1) {
        if (!isNode(child)) node[key] = plain(value, 0)
      } else if (isNode(child)) node = child
      else {
        const created: Node = {}
        node[key] = created
        node = created
      }
    }
  }
  return elementsOf(root)
}

function isNode(value: Json | Node | undefined): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The keys of a path; none where one of them would reach a prototype. */
function keysOf(path: string): readonly string[] {
  const known = remembered.get(path)
  if (known) return known
  const split = path.split('.', MAX_DEPTH)
  const keys = split.includes('__proto__') ? NO_PATH : split
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  if (path.length < 256) remembered.set(path, keys)
  return keys
}

/** The indexed elements; names beside them (such as `prompt_filter_results`) are no elements. */
function elementsOf(root: Node): readonly Json[] {
  const elements: Json[] = []
  for (const key of Object.keys(root)) if (isIndex(key)) elements.push(listed(root[key]))
  return elements
}

/** Objects whose keys are all indexes become lists. JavaScript enumerates such keys first, in numeric order. */
function listed(value: Json | Node): Json {
  if (!isNode(value)) return value
  const node: Node = value
  const keys = Object.keys(node)
  const isList = keys.length > 0 && isIndex(keys[0] as string) && isIndex(keys[keys.length - 1] as string)
  if (isList) return keys.map((key) => listed(node[key]))
  for (const key of keys) {
    const child = node[key]
    if (isNode(child)) node[key] = listed(child)
  }
  return node as Json
}

function isIndex(key: string): boolean {
  const first = key.charCodeAt(0)
  return first >= 48 && first <= 57 && key.length <= 9 && String(Number(key)) === key
}
