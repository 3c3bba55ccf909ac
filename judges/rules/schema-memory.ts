import { type CompiledSchema, compileSchema, type SchemaCheck } from './json-schema.ts'

const MAX_SCHEMAS = 200
const MAX_SCHEMA_LENGTH = 32 * 1024
/** Subschemas after every reference is written out: what one level of the answer can cost at most. */
const MAX_EXPANDED = 5000
/** Objects and lists as written: each costs 0.2 ms and 12 KB when it is compiled. */
const MAX_WRITTEN = 1000
/** Of those that are remembered together, as written. */
const MAX_WRITTEN_KNOWN = 20_000
/** Characters of all patterns and what they may repeat, together: RE2 writes repetitions out. */
const MAX_PATTERNS = 2000
const MAX_DEPTH = 200
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef'])
const MAX_VALUE_COST = 50_000_000

/**
 * Compiles schemas that come with spans, and remembers them: a pure function of the text, only faster. They are written
 * by senders, so a schema that is large, refers to itself, or multiplies by its references is not used.
 */
export function createSchemaMemory(): (text: string) => CompiledSchema {
  const known = new Map<string, Remembered>()
  let written = 0

  function forgetOldest(): void {
    const [text, oldest] = known.entries().next().value!
    known.delete(text)
    written -= oldest.written
  }

  return (text) => {
    let found = known.get(text)
    if (found === undefined) {
      found = compileBounded(text)
      written += found.written
    } else known.delete(text)
    known.set(text, found)
    while (known.size > MAX_SCHEMAS || (written > MAX_WRITTEN_KNOWN && known.size > 1)) forgetOldest()
    return found.compiled
  }
}

interface Remembered {
  readonly compiled: CompiledSchema
  readonly written: number
}

function compileBounded(text: string): Remembered {
  if (text.length > MAX_SCHEMA_LENGTH) return unusable(`is longer than ${MAX_SCHEMA_LENGTH} characters`)
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return unusable('is not JSON')
  }
  const size = expandedSize(schema, { root: schema, path: [], depth: 0 })
  if (!(size <= MAX_EXPANDED)) return unusable('is recursive or too large once its references are written out')
  const { written, patterns } = sizeAsWritten(schema)
  if (written > MAX_WRITTEN) return unusable(`holds more than ${MAX_WRITTEN} objects and lists`)
  if (patterns > MAX_PATTERNS) return unusable('has patterns that are too long, or repeat too much')
  const compiled = compileSchema(schema)
  if ('problem' in compiled) return unusable('does not compile as JSON Schema with RE2 patterns')
  return { compiled: boundedCheck(compiled, size), written }
}

function unusable(problem: string): Remembered {
  return { compiled: { problem }, written: 0 }
}

function boundedCheck(compiled: { readonly check: SchemaCheck }, size: number): CompiledSchema {
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

/** Objects and lists of a JSON value, and what its patterns cost. The value nests no deeper than MAX_DEPTH. */
function sizeAsWritten(node: unknown): { readonly written: number; readonly patterns: number } {
  let written = 0
  let patterns = 0
  function walk(value: unknown): void {
    if (value === null || typeof value !== 'object') return
    written++
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'pattern' && typeof inner === 'string') patterns += patternCost(inner)
      if (name === 'patternProperties' && inner !== null && typeof inner === 'object')
        for (const pattern of Object.keys(inner)) patterns += patternCost(pattern)
      walk(inner)
    }
  }
  walk(node)
  return { written, patterns }
}

function patternCost(pattern: string): number {
  let cost = pattern.length
  for (const [, min, max] of pattern.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)) cost += Number(max || min)
  return cost
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
