import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeTracesJson } from '../../schemas/otlp/json.ts'
import { readTraces } from '../../schemas/otlp/reader.ts'
import { scanTraces } from '../../schemas/otlp/scan.ts'
import { WIDE_LIMITS } from './limits.ts'
import { readTracesByOracle, tracesOf, withoutPositions } from './oracle.ts'

/** Recorded from real SDKs; protobuf, JSON and gRPC of one folder carry the same spans. */
const CAPTURES = join(import.meta.dirname, '../../schemas/fixtures/live-captures')
const folders = readdirSync(CAPTURES)
const files = folders.flatMap((name) => readdirSync(join(CAPTURES, name)).map((file) => join(name, file)))
const bodies = files.filter((file) => /trace[^/]*\.pb$/.test(file))

test('there are protobuf bodies from HTTP and gRPC', () => {
  expect(bodies.length).toBeGreaterThan(10)
})

test.for(bodies)('%s is read as protobuf-es reads it and accepted untouched', (file) => {
  const body = readFileSync(join(CAPTURES, file))
  const groups = readTraces(body)
  expect(withoutPositions(groups)).toEqual(tracesOf(readTracesByOracle(body)))
  const result = scanTraces(body, WIDE_LIMITS)
  expect(result).toMatchObject({ accepted: countSpans(groups), rejected: [] })
  expect(result.records[0]).toBe(body)
})

const sameFolder = (a: string, b: string) => a.split('/')[0] === b.split('/')[0]
const triples = files.filter((file) => /v1_traces\.json$/.test(file) && file.includes('/0'))
const inBoth = triples.filter((file) => bodies.some((body) => sameFolder(body, file)))
test.for(inBoth)('%s holds the same spans as the protobuf bodies beside it', (file) => {
  const fromJson = spansById(encodeTracesJson(readJson(join(CAPTURES, file))))
  const beside = bodies.filter((body) => sameFolder(body, file))
  expect(beside.length).toBeGreaterThanOrEqual(2)
  for (const body of beside) expect(spansById(readFileSync(join(CAPTURES, body)))).toEqual(fromJson)
})
test('most folders have both', () => expect(inBoth.length).toBeGreaterThan(5))

const countSpans = (groups: ReturnType<typeof readTraces>) =>
  groups.flatMap((group) => group.scope_spans).reduce((count, { spans }) => count + spans.length, 0)

function spansById(body: Uint8Array) {
  const rows = readTraces(body).flatMap((group) =>
    group.scope_spans.flatMap(({ spans, ...scope }) =>
      spans.map(({ byte_start, byte_end, ...span }) => {
        return { ...span, resource: group.resource_attributes, scope }
      }),
    ),
  )
  return rows.sort((a, b) => (a.span_id < b.span_id ? -1 : 1))
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
