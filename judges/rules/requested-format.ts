import type { LlmSpan } from '../../schemas/llm-span.ts'

/** What the request asked for, as far as the span tells: `schema` is the JSON text of the structured-output schema, or ''. */
export interface RequestedFormat {
  readonly json: boolean
  readonly schema: string
}

const NOTHING: RequestedFormat = Object.freeze({ json: false, schema: '' })
const JSON_ONLY: RequestedFormat = Object.freeze({ json: true, schema: '' })

/** Attributes in which SDKs put the schema itself. */
const SCHEMA_ATTRIBUTES = [
  'gen_ai.request.structured_output_schema',
  'llm.request.structured_output_schema',
  'gen_ai.output.schema',
  'ai.schema',
]
/** Attributes that hold the request's `response_format`, alone or among other parameters. */
const FORMAT_ATTRIBUTES = [
  'gen_ai.request.response_format',
  'gen_ai.openai.request.response_format',
  'llm.request.response_format',
  'response_format',
  'llm.invocation_parameters',
  'langfuse.observation.model.parameters',
]
const MAX_ATTRIBUTE_LENGTH = 128 * 1024

export function requestedFormat({ parameters, attributes }: LlmSpan): RequestedFormat {
  const asked = isJsonWord(parameters.output_type)
  if (attributes.size === 0) return asked ? JSON_ONLY : NOTHING
  for (const name of SCHEMA_ATTRIBUTES) {
    const schema = attributes.get(name)
    if (schema?.startsWith('{')) return { json: true, schema }
  }
  for (const name of FORMAT_ATTRIBUTES) {
    const value = attributes.get(name)
    if (value === undefined || value.length > MAX_ATTRIBUTE_LENGTH) continue
    if (isJsonWord(value)) return JSON_ONLY
    // Most parameters say nothing about a format; only those that do are parsed.
    const found = value.includes('json') ? formatIn(value) : NOTHING
    if (found.json) return found
  }
  return asked ? JSON_ONLY : NOTHING
}

const isJsonWord = (word: string) =>
  word === 'json' || word === 'json_object' || word === 'json_schema' || word === 'object'

/** OpenAI's chat `response_format`, the Responses API's `text.format`, Gemini's `responseMimeType` and Ollama's `format`. */
function formatIn(text: string): RequestedFormat {
  const value = parsed(text)
  const format =
    field(value, 'response_format') ?? field(field(value, 'text'), 'format') ?? field(value, 'format') ?? value
  const gemini = field(field(value, 'generation_config'), 'response_schema') ?? field(value, 'response_schema')
  const mimeType = field(value, 'response_mime_type') ?? field(value, 'responseMimeType')
  if (typeof format === 'string') return isJsonWord(format) ? JSON_ONLY : NOTHING
  const schema = field(field(format, 'json_schema'), 'schema') ?? field(format, 'schema') ?? gemini
  const type = field(format, 'type')
  if (typeof type !== 'string' || !isJsonWord(type) || (type === 'object' && format === value)) {
    return mimeType === 'application/json' || gemini !== undefined ? JSON_ONLY : NOTHING
  }
  return schema === undefined ? JSON_ONLY : { json: true, schema: JSON.stringify(schema) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function field(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined
  const found = (value as Record<string, unknown>)[name]
  return typeof found === 'string' && found.startsWith('{') ? (parsed(found) ?? found) : (found ?? undefined)
}
