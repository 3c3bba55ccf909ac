import { describe, expect, it } from 'vitest'
import { createSchemaMemory } from './schema-memory.ts'

const texts = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, { type: 'string' }]))
const patterns = (count: number, pattern: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${pattern}${at}`, {}]))

describe('schemas that come with spans', () => {
  it.each([
    ['more objects and lists than any answer needs', { anyOf: Array(1000).fill({}) }, 'more than 1000 objects'],
    ['a repetition that RE2 writes out', { pattern: '(a{1000}){1,1000}' }, 'patterns'],
    ['many patterns', { patternProperties: patterns(300, '(a{1,30}){1,30}') }, 'patterns'],
    ['a reference to itself', { properties: { a: { $ref: '#' } } }, 'does not compile|recursive'],
    ['the schema of schemas', { $ref: 'https://json-schema.org/draft/2020-12/schema' }, 'recursive or too large'],
    ['text that is no JSON', undefined, 'is not JSON'],
  ])('are not used with %s', (_, schema, why) => {
    const compiled = createSchemaMemory()(schema === undefined ? '{' : JSON.stringify(schema))
    expect(compiled).toEqual({ problem: expect.stringMatching(why) })
  })

  it('are used as people write them', () => {
    const schema = {
      type: 'object',
      properties: { ...texts(400), id: { pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' } },
      required: ['id'],
    }
    const compiled = createSchemaMemory()(JSON.stringify(schema))
    if ('problem' in compiled) throw new Error(compiled.problem)
    expect(compiled.check({ id: '0af76519-16cd-43dd-8448-eb211c80319c', k1: 'x' })).toBeNull()
    expect(compiled.check({ id: '0af76519' })).toContain('pattern')
    expect(compiled.check({ k1: 1, id: '0af76519-16cd-43dd-8448-eb211c80319c' })).toContain('type (string)')
  })

  it('cost little to compile, however often they refer to the same part', () => {
    const schemaOf = (title: string) =>
      JSON.stringify({
        title,
        $defs: { part: { properties: texts(40) } },
        allOf: Array(100).fill({ $ref: '#/$defs/part' }),
      })
    const memory = createSchemaMemory()
    memory(schemaOf('warm'))
    const began = performance.now()
    for (let at = 0; at < 5; at++) {
      const compiled = memory(schemaOf(String(at)))
      if ('problem' in compiled) throw new Error(compiled.problem)
      expect(compiled.check({ k1: 'x' })).toBeNull()
      expect(compiled.check({ k1: 1 })).toContain('type (string)')
    }
    // 0.1 s; written out at every place, it was 7 s.
    expect(performance.now() - began).toBeLessThan(3000)
  })
})
