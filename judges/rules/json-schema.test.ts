import { describe, expect, it } from 'vitest'
import { compileSchema } from './json-schema.ts'

function check(schema: unknown, value: unknown): string | null {
  const compiled = compileSchema(schema)
  if ('problem' in compiled) throw new Error(compiled.problem)
  return compiled.check(value)
}

describe('JSON Schema', () => {
  it('may ask for the schema of schemas', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $ref: 'https://json-schema.org/draft/2020-12/schema',
    }
    expect(check(schema, { minLength: 1 })).toBeNull()
    expect(check(schema, { minLength: -1 })).toContain('does not fit')
  })

  it('may hold parts that are named and refer into themselves', () => {
    const part = { $id: 'https://example.com/part', $defs: { inner: { type: 'string' } }, $ref: '#/$defs/inner' }
    const schema = { $id: 'https://example.com/all', $ref: 'part', $defs: { part } }
    expect(check(schema, 'text')).toBeNull()
    expect(check(schema, 12)).toContain('type (string)')
  })
})
