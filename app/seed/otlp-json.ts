/** OTLP/JSON as exporters write it, before it is encoded once as protobuf. */
export interface JsonAttribute {
  readonly key: string
  readonly value: object
}

export type Plain = string | number | boolean | readonly string[]

function jsonValue(value: Plain): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  return { arrayValue: { values: value.map(jsonValue) } }
}

export function jsonAttributes(values: Readonly<Record<string, Plain>>): JsonAttribute[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: jsonValue(value) }))
}

export function aMessage(role: string, content: string): object {
  const finish = role === 'assistant' ? { finish_reason: 'stop' } : {}
  return { role, parts: [{ type: 'text', content }], ...finish }
}
