import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import { openApiDocument } from './openapi.ts'
import { read, START } from './rest.samples.ts'

const document = JSON.parse(JSON.stringify(openApiDocument()))

it('is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(document)).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  const broken = { ...document, paths: { '/x': { post: { responses: 7 } } } }
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false })
})

const ajv = new Ajv2020({ strict: false })
ajv.addSchema(document, 'openapi')
const schemaOf = (name: string) => ajv.getSchema(`openapi#/components/schemas/${name}`)!

it('gives examples that are accepted', () => {
  const { requestBody } = document.paths['/api/v1/traces/batch'].post
  const { example } = requestBody.content['application/json']
  expect(schemaOf('Batch')(example)).toBe(true)
  expect(read('batch', example).report.rejected).toEqual([])
})

it.each([
  { start_time: START, input: [{ role: 'user', content: 'a' }], usage: { input_tokens: 1, service_tier: 'x' } },
  { spans: [{ spans: [{ start_time: 1_795_168_800, kind: 'tool' }] }], tags: ['a'], error: null },
  { start_time: START, error: { type: 'a' }, documents: ['a', { content: 'b' }], tool_calls: [{ name: 'f' }] },
  { start_time: START, sessionId: 'a' },
  { start_time: START, spans: [{ kind: 'nothing' }] },
  { start_time: START, spans: [{ spans: [{ usage: { input_tokens: -1 } }] }] },
  { start_time: START, parameters: { temperature: 'hot' } },
  { start_time: START, tool_calls: [{}] },
  7,
])('agrees with what is accepted: %j', (trace) => {
  expect(schemaOf('Trace')(trace)).toBe(read('trace', trace).refused === undefined)
})

it('describes the answers that are given', () => {
  const { report } = read('batch', { traces: [{ start_time: START }, {}] })
  expect(schemaOf('BatchResult')(report)).toBe(true)
  expect(schemaOf('BatchResult')({ accepted: [{}], rejected: [] })).toBe(false)
})
