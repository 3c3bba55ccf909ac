import { z } from 'zod'

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
}

/** Every setting with its default and what it is for, as one Markdown table: settings are described once, in their schema. */
export function describeSettings(schema: z.ZodType): string {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const rows: string[] = []
  walk(root, '', rows)
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n')
}

function walk(schema: JsonSchema, path: string, rows: string[]): void {
  const properties = Object.entries(schema.properties ?? {})
  if (properties.length > 0) {
    for (const [name, property] of properties) walk(property, path === '' ? name : `${path}.${name}`, rows)
    return
  }
  const entry = schema.additionalProperties
  if (typeof entry === 'object' && entry.properties) {
    walk(entry, `${path}.<name>`, rows)
    return
  }
  const value = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
  const choices = schema.enum ? ` One of ${schema.enum.map((choice) => `\`${String(choice)}\``).join(', ')}.` : ''
  rows.push(`| \`${path}\` | ${value} | ${oneCell(schema.description ?? '')}${choices} |`)
  if (schema.items?.properties) walk(schema.items, `${path}[]`, rows)
}

const oneCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
