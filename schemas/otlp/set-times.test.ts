import { expect, test } from 'vitest'
import { readTracesByOracle } from '../../tests/otlp-oracle/oracle.ts'
import { encodeTracesJson } from './json.ts'
import { setMissingTimes } from './set-times.ts'

const request = (spans: readonly object[]) =>
  encodeTracesJson({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: 's' }, spans }] }] })

test('a span without times gets them, the others and all else stay', () => {
  const body = request([
    { name: 'none' },
    { name: 'zero', startTimeUnixNano: '0', endTimeUnixNano: '0', kind: 3 },
    { name: 'timed', startTimeUnixNano: '5', endTimeUnixNano: '9' },
    { name: 'half', endTimeUnixNano: '9' },
  ])
  const before = Buffer.from(body)
  const { spans, scope } = readTracesByOracle(setMissingTimes(body, 7n)).resourceSpans[0]!.scopeSpans[0]!
  expect(
    spans.map(({ name, startTimeUnixNano, endTimeUnixNano }) => [name, startTimeUnixNano, endTimeUnixNano]),
  ).toEqual([
    ['none', 7n, 7n],
    ['zero', 7n, 7n],
    ['timed', 5n, 9n],
    ['half', 0n, 9n],
  ])
  expect(spans[1]!.kind).toBe(3)
  expect(scope!.name).toBe('s')
  expect(Buffer.compare(body, before)).toBe(0)
})

test('a request in which nothing is missing is given back', () => {
  const body = request([{ startTimeUnixNano: '5', endTimeUnixNano: '9' }])
  expect(setMissingTimes(body, 7n)).toBe(body)
  expect(setMissingTimes(new Uint8Array(0), 7n)).toEqual(new Uint8Array(0))
})
