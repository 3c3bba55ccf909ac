import { Ajv, type AnySchema, type ErrorObject, type KeywordDefinition, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import { re2 } from '../re2.ts'

/** null: the value fits. Otherwise where it does not and which keyword says so, without quoting the value. */
export type SchemaCheck = (value: unknown) => string | null

/** A compiled schema, or why it does not compile. */
export type CompiledSchema = { readonly check: SchemaCheck } | { readonly problem: string }

/** ECMA-262 patterns on the linear engine: customer text never meets a backtracking one. Look-around does not compile. */
const linearRegExp = Object.assign((pattern: string) => RE2JS.compile(RE2JS.translateRegExp(pattern)), {
  code: 'linearRegExp',
})

/** The standard keyword compares every pair; a set of canonical texts does the same in one pass. */
const uniqueItems: KeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (isOn: boolean, items: readonly unknown[]) => !isOn || new Set(items.map(canonical)).size === items.length,
  error: { message: 'must NOT have duplicate items' },
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

const OPTIONS: Options = {
  strict: false,
  validateFormats: false,
  allErrors: false,
  logger: false,
  ownProperties: true,
  // Written out at every place, a schema of 3 KB took a second and 50 MB to compile.
  inlineRefs: false,
  code: { regExp: linearRegExp },
}

/** JSON Schema 2020-12, or draft-07 where `$schema` says so. Formats are annotations, remote references do not resolve. */
export function compileSchema(schema: unknown): CompiledSchema {
  const isSchema =
    typeof schema === 'boolean' || (schema !== null && typeof schema === 'object' && !Array.isArray(schema))
  if (!isSchema) return { problem: 'is not a JSON Schema: an object, true or false is needed' }
  const dialect = typeof schema === 'object' && '$schema' in schema ? String(schema.$schema) : ''
  try {
    const create = dialect.includes('draft-07') || dialect.includes('draft-06') ? createDraft07 : create2020
    const meta = metaValidatorOf(create)
    if (!meta.validateSchema(schema as AnySchema)) return { problem: `is not a JSON Schema: ${meta.errorsText()}` }
    const validate = compileAlone(create, schema as AnySchema)
    return { check: (value) => (validate(value) ? null : describe(validate.errors?.[0])) }
  } catch (error) {
    return { problem: `does not compile as JSON Schema: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** In an instance of its own: identifiers inside one schema must not meet those of another. */
function compileAlone(create: (options: Options) => Ajv, schema: AnySchema): ValidateFunction {
  const meta = META_REFERENCE.test(JSON.stringify(schema))
  const compile = (one: AnySchema) => {
    const ajv = create({ ...OPTIONS, meta, validateSchema: false })
    ajv.removeKeyword('uniqueItems').addKeyword(uniqueItems)
    return ajv.compile(one)
  }
  try {
    return compile(schema)
  } catch (error) {
    // ajv never comes back from a part with an identifier and a reference into itself; apart they mean the same.
    if (error instanceof RangeError) return compile(withReferencesApart(schema) as AnySchema)
    throw error
  }
}

/** A schema that asks for the schema of schemas: compiling that takes a tenth of a second, and spans may not. */
const META_REFERENCE = re2('"\\$ref":"https?://json-schema\\.org/')

function withReferencesApart(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withReferencesApart)
  if (schema === null || typeof schema !== 'object') return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, withReferencesApart(part)]))
  const { $id, $ref, allOf, ...rest } = parts
  if (typeof $id !== 'string' || typeof $ref !== 'string') return parts
  return { ...rest, $id, allOf: [...(Array.isArray(allOf) ? allOf : []), { $ref }] }
}

const create2020 = (options: Options): Ajv => new Ajv2020(options)
const createDraft07 = (options: Options): Ajv => new Ajv(options)

/** Compiling a meta-schema costs more than most schemas: done once for each dialect, when first asked for. */
const metaValidators = new Map<(options: Options) => Ajv, Ajv>()

function metaValidatorOf(create: (options: Options) => Ajv): Ajv {
  let validator = metaValidators.get(create)
  if (validator === undefined) {
    validator = create(OPTIONS)
    metaValidators.set(create, validator)
  }
  return validator
}

/** The keyword alone where names are the customer's own data (`additionalProperties`), the place by depth. */
function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return 'does not fit the schema'
  const depth = error.instancePath.split('/').length - 1
  const place = depth === 0 ? 'at the top' : `${depth} level${depth === 1 ? '' : 's'} deep`
  const missing = error.keyword === 'required' ? ` ("${String(error.params.missingProperty)}")` : ''
  const expected = error.keyword === 'type' ? ` (${String(error.params.type)})` : ''
  return `does not fit the schema ${place}: ${error.keyword}${missing}${expected}`
}
