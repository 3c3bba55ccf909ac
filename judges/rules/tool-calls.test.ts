import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aMessage, aPart, aSpan } from '../../schemas/a-span.ts'
import { judgeOne } from '../golden-cases.ts'
import { createToolCallsJudge, toolCallsConfig } from './tool-calls.ts'
import { createToolDefinitionMemory } from './tool-definitions.ts'

const judge = createToolCallsJudge(toolCallsConfig.parse({}))
const tools = JSON.stringify([
  { name: 'read', parameters: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] } },
])
const call = (content: string, name = 'read') => aPart({ type: 'tool_call', name, content })
const labelsOf = (parts: readonly ReturnType<typeof call>[], tool_definitions = tools) =>
  judgeOne(judge, aSpan({ tool_definitions, output_messages: [aMessage('assistant', parts)] })).map(
    ({ label }) => label,
  )
const pages = (count: number) => Array.from({ length: count }, (_, page) => call(`{"page":${page}}`))

describe('tool_calls', () => {
  it.each([0, 1, 70, 2999])('finds the one bad call among 3,000 different ones, at %i', (at) => {
    expect(labelsOf(pages(3000).with(at, call('{"page":')))).toEqual(['invalid_arguments'])
    expect(labelsOf(pages(3000).with(at, call('{"page":"one"}')))).toEqual(['schema_mismatch'])
    expect(labelsOf(pages(3000).with(at, call('{"page":1}', 'write')))).toEqual(['unknown_tool'])
    expect(labelsOf(pages(3000))).toEqual([''])
  })

  it('points at twenty of 3,000 bad calls and says that there are more', () => {
    const parts = Array.from({ length: 3000 }, (_, page) => call(`{"page":${page}`))
    const span = aSpan({ output_messages: [aMessage('assistant', parts)] })
    const [verdict] = judgeOne(judge, span)
    expect(verdict!.evidence).toHaveLength(20)
    expect(verdict!.evidence[0]).toEqual({ path: 'output/0/0', start: 0, end: 9 })
    expect(verdict!.explanation).toContain('at least 19 more')
  })

  it('does not repeat a name that is no identifier', () => {
    const span = aSpan({ tool_definitions: tools, output_messages: [aMessage('assistant', [call('{}', 'my secret')])] })
    expect(judgeOne(judge, span)[0]!.explanation).toBe('The call of a tool is not among the tools that were offered.')
  })

  it('judges calls alike, whether they stand alone or among many', () => {
    const text = fc.oneof(
      fc.constantFrom(
        '{}',
        '{"page":1}',
        '{"page":"1"}',
        '{"a":1},{"b":2}',
        '{"a":"}',
        '{"}',
        '',
        ' ',
        '[1]',
        '{"page":1',
      ),
      fc.json({ maxDepth: 2 }),
      fc.string({ maxLength: 12 }),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 99 }), (content, at) => {
        const alone = labelsOf([call(content)])
        const among = labelsOf(pages(100).with(at, call(content)))
        expect(among).toEqual(alone)
      }),
      { numRuns: 200 },
    )
  })
})

describe('tool definitions', () => {
  it('are read from any JSON without harm', () => {
    const read = createToolDefinitionMemory()
    const word = fc.constantFrom(
      'name',
      'tools',
      'function',
      'parameters',
      'properties',
      'required',
      'type',
      '__proto__',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('x', '', 'OBJECT', '{"name":"a"}', null, 1, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(word, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value) ?? ''
        expect(read(text)).toEqual(createToolDefinitionMemory()(text))
      }),
      { numRuns: 300 },
    )
  })

  it('that nest deeper than any tool does are not used', () => {
    const deep = `${'{"properties":{"a":'.repeat(5000)}1${'}}'.repeat(5000)}`
    expect(labelsOf([call('{"a":1}')], `[{"name":"read","parameters":${deep}}]`)).toEqual(['schema_unusable'])
  })
})
