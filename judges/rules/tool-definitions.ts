/** The tools that a request declares, whatever API it was written for. */
export interface ToolDefinitions {
  readonly by_name: ReadonlyMap<string, ToolDefinition>
  /** Every entry was understood and has a name: a tool that is not here was not offered. */
  readonly complete: boolean
}

export interface ToolDefinition {
  /** JSON text of the schema of the arguments, '' where none was sent. */
  readonly schema: string
  readonly required: readonly string[]
  /** Arguments that may be given; null where the schema leaves it open. */
  readonly allowed: ReadonlySet<string> | null
}

/** Longer ones are not read: a request of this size is no list of tools for a model. */
const MAX_LENGTH = 256 * 1024
const MAX_TOOLS = 2000
const MAX_NESTING = 4
const MAX_SCHEMA_DEPTH = 100
/** Of those that are remembered. */
const MAX_KNOWN = 200
const MAX_KNOWN_LENGTH = 4 * 1024 * 1024

const NOT_UNDERSTOOD: ToolDefinitions = Object.freeze({ by_name: new Map(), complete: false })

/** Reads `tool_definitions` of spans and remembers them: a pure function of the text, only faster. */
export function createToolDefinitionMemory(): (text: string) => ToolDefinitions {
  const known = new Map<string, ToolDefinitions>()
  let length = 0
  return (text) => {
    if (text.length > MAX_LENGTH) return NOT_UNDERSTOOD
    const found = known.get(text)
    if (found !== undefined) return found
    const read = readToolDefinitions(text)
    known.set(text, read)
    length += text.length
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN && length <= MAX_KNOWN_LENGTH) break
      known.delete(oldest)
      length -= oldest.length
    }
    return read
  }
}

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => value !== null && typeof value === 'object' && !Array.isArray(value)

interface Reading {
  readonly by_name: Map<string, ToolDefinition>
  complete: boolean
}

function readToolDefinitions(text: string): ToolDefinitions {
  const value = parsed(text)
  if (value === undefined) return NOT_UNDERSTOOD
  const reading: Reading = { by_name: new Map(), complete: true }
  readEntry(value, 0, reading)
  return reading.by_name.size === 0 ? NOT_UNDERSTOOD : reading
}

/** Where APIs put lists of tools inside an object: MCP, Bedrock's toolConfig, Gemini in two spellings. */
const LISTS = ['tools', 'function_declarations', 'functionDeclarations', 'functions']
/** What stands around one tool or a list of them: OpenAI chat, Bedrock, OpenInference. */
const WRAPPERS = ['function', 'toolSpec', 'toolConfig', 'tool']

function readEntry(entry: unknown, depth: number, into: Reading): void {
  const value = typeof entry === 'string' ? parsed(entry) : entry
  if (depth > MAX_NESTING || into.by_name.size >= MAX_TOOLS) into.complete = false
  else if (Array.isArray(value)) for (const item of value) readEntry(item, depth + 1, into)
  else if (isObject(value)) readObject(value, depth, into)
  else into.complete = false
}

function readObject(value: Json, depth: number, into: Reading): void {
  const inner = WRAPPERS.map((key) => value[key]).find(isObject)
  if (inner !== undefined) {
    readEntry(inner, depth + 1, into)
    return
  }
  const lists = LISTS.filter((key) => Array.isArray(value[key]))
  if (lists.length > 0) {
    for (const key of lists) readEntry(value[key], depth + 1, into)
    // What stands beside the list is a built-in tool, such as Gemini's google_search.
    if (lists.length < Object.keys(value).length) into.complete = false
    return
  }
  if (typeof value.name === 'string' && value.name !== '') {
    into.by_name.set(value.name, definitionOf(value))
    return
  }
  readByName(value, into)
}

/** The AI SDKs' form: an object of tools by name. */
function readByName(value: Json, into: Reading): void {
  const tools = Object.entries(value)
  const isTool = (tool: unknown) => isObject(tool) && schemaOf(tool) !== undefined
  if (tools.length === 0 || tools.length > MAX_TOOLS || !tools.every(([, tool]) => isTool(tool))) {
    into.complete = false
    return
  }
  for (const [name, tool] of tools) into.by_name.set(name, definitionOf(tool as Json))
}

/** OpenAI and Gemini, Anthropic, MCP and the AI SDKs, OpenAI Agents, Gemini's second one. */
const SCHEMA_KEYS = [
  'parameters',
  'input_schema',
  'inputSchema',
  'params_json_schema',
  'parameters_json_schema',
  'parametersJsonSchema',
]
/** What may stand around the schema: Bedrock, the AI SDKs. */
const SCHEMA_WRAPPERS = ['json', 'jsonSchema']

function schemaOf(tool: Json): Json | undefined {
  for (const key of SCHEMA_KEYS) {
    const given = tool[key]
    const value = typeof given === 'string' ? parsed(given) : given
    if (!isObject(value)) continue
    return SCHEMA_WRAPPERS.map((wrapper) => value[wrapper]).find(isObject) ?? value
  }
  return undefined
}

function definitionOf(tool: Json): ToolDefinition {
  const schema = schemaOf(tool)
  if (schema === undefined) return { schema: '', required: [], allowed: null }
  const { properties, required, additionalProperties } = schema
  const isClosed =
    isObject(properties) &&
    (additionalProperties === undefined || additionalProperties === false) &&
    OPENING_KEYWORDS.every((keyword) => schema[keyword] === undefined)
  return {
    schema: JSON.stringify(withJsonSchemaTypes(schema, 0)),
    required: Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [],
    allowed: isClosed ? new Set(Object.keys(properties)) : null,
  }
}

/** With one of these, `properties` alone does not say which arguments there are. */
const OPENING_KEYWORDS = ['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties', 'if', 'dependentSchemas']

const GEMINI_TYPES = new Set(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'])

/** Gemini writes types in capitals, and `nullable` for a second one. What lies too deep allows anything. */
function withJsonSchemaTypes(node: unknown, depth: number): unknown {
  if (node === null || typeof node !== 'object') return node
  if (depth > MAX_SCHEMA_DEPTH) return true
  if (Array.isArray(node)) return node.map((item) => withJsonSchemaTypes(item, depth + 1))
  const { type, nullable } = node as Json
  const isGemini = typeof type === 'string' && GEMINI_TYPES.has(type)
  const entries = Object.entries(node).map(([key, value]) => [key, withJsonSchemaTypes(value, depth + 1)] as const)
  if (!isGemini) return Object.fromEntries(entries)
  const own = type.toLowerCase()
  return { ...Object.fromEntries(entries), type: nullable === true ? [own, 'null'] : own }
}

function parsed(text: string): unknown {
  const first = text.trimStart()[0]
  if (first !== '{' && first !== '[') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
