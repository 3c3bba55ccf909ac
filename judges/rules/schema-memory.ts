import { type CompiledSchema, compileSchema } from './json-schema.ts'

const MAX_SCHEMAS = 200
const MAX_SCHEMA_LENGTH = 32 * 1024
/** Subschemas after every reference is written out: what one level of the answer can cost at most. */
const MAX_EXPANDED = 5000
const MAX_DEPTH = 200
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef'])
const MAX_VALUE_COST = 50_000_000

/**
 * Compiles schemas that come with spans, and remembers them: a pure function of the text, only faster. They are written
 * by senders, so a schema that is large, refers to itself, or multiplies by its references is not used.
 */
export function createSchemaMemory(): (text: string) => CompiledSchema {
  const known = new Map<string, CompiledSchema>()
  return (text) => {
    let compiled = known.get(text)
    if (compiled === undefined) compiled = compileBounded(text)
    else known.delete(text)
    known.set(text, compiled)
    if (known.size > MAX_SCHEMAS) known.delete(known.keys().next().value!)
    return compiled
  }
}

function compileBounded(text: string): CompiledSchema {
  if (text.length > MAX_SCHEMA_LENGTH) return { problem: `is longer than ${MAX_SCHEMA_LENGTH} characters` }
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return { problem: 'is not JSON' }
  }
  const size = expandedSize(schema, { root: schema, path: [], depth: 0 })
  if (!(size <= MAX_EXPANDED)) return { problem: 'is recursive or too large once its references are written out' }
  const compiled = compileSchema(schema)
  if ('problem' in compiled) return { problem: 'does not compile as JSON Schema with RE2 patterns' }
  return {
    check: (value) => {
      const cost = size * countValues(value, MAX_VALUE_COST / size)
      return cost >= MAX_VALUE_COST ? 'is too large to be checked against its schema' : compiled.check(value)
    },
  }
}

interface Place {
  readonly root: unknown
  /** The references followed on the way here. */
  readonly path: readonly string[]
  readonly depth: number
}

/** Counts objects and lists of the schema with references followed; Infinity for a cycle, an anchor, a remote one, or great depth. */
function expandedSize(node: unknown, { root, path, depth }: Place): number {
  if (node === null || typeof node !== 'object') return 0
  if (depth > MAX_DEPTH) return Number.POSITIVE_INFINITY
  let size = 1
  for (const [name, value] of Object.entries(node)) {
    const isReference = REFERENCES.has(name) && typeof value === 'string'
    if (!isReference) size += expandedSize(value, { root, path, depth: depth + 1 })
    else if (!value.startsWith('#/') || path.includes(value)) return Number.POSITIVE_INFINITY
    else size += expandedSize(resolve(root, value), { root, path: [...path, value], depth: depth + 1 })
    if (size > MAX_EXPANDED) return Number.POSITIVE_INFINITY
  }
  return size
}

function resolve(root: unknown, pointer: string): unknown {
  let node: unknown = root
  for (const step of pointer.slice(2).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    node =
      node !== null && typeof node === 'object' && Object.hasOwn(node, name)
        ? (node as Record<string, unknown>)[name]
        : undefined
  }
  return node
}

/** Values inside a JSON value, counted up to `limit`; a list instead of recursion, because answers may be deep. */
function countValues(value: unknown, limit: number): number {
  const waiting: unknown[] = [value]
  let count = 0
  while (waiting.length > 0 && count < limit) {
    const next = waiting.pop()
    count++
    if (next !== null && typeof next === 'object') for (const child of Object.values(next)) waiting.push(child)
  }
  return count
}
