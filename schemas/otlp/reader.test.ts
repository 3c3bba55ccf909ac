import { describe, expect, test } from 'vitest'
import { OtlpSyntaxError } from './errors.ts'
import type { OtlpSpan } from './otlp.ts'
import { readTraces } from './reader.ts'
import { MAX_VALUES } from './values.ts'

const text = (value: string) => [...Buffer.from(value)]

function field(tag: number, ...content: readonly number[]): number[] {
  return [tag, ...varint(content.length), ...content]
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
}

const requestOf = (span: readonly number[]) => Uint8Array.from(field(10, ...field(18, ...field(18, ...span))))

function readSpan(...content: readonly number[]): OtlpSpan {
  return readTraces(requestOf(content))[0]!.scope_spans[0]!.spans[0]!
}

const readAttribute = (...anyValue: readonly number[]) =>
  readSpan(...field(74, ...field(10, ...text('k')), ...field(18, ...anyValue))).attributes.get('k')

const nested = (levels: number): number[] => (levels === 0 ? [] : field(42, ...field(10, ...nested(levels - 1))))

test('an empty request has no spans, an empty span has defaults', () => {
  expect(readTraces(new Uint8Array())).toEqual([])
  expect(readSpan()).toEqual({
    trace_id: '',
    span_id: '',
    parent_span_id: '',
    trace_state: '',
    name: '',
    kind: 0,
    start_time_unix_nano: 0n,
    end_time_unix_nano: 0n,
    attributes: new Map(),
    dropped_attributes_count: 0,
    events: [],
    status_code: 0,
    status_message: '',
    byte_start: 6,
    byte_end: 6,
  })
})

test('byte_start and byte_end enclose the body of the span', () => {
  const content = field(42, ...text('chat'))
  const body = requestOf(content)
  const { byte_start, byte_end } = readTraces(body)[0]!.scope_spans[0]!.spans[0]!
  expect([...body.subarray(byte_start, byte_end)]).toEqual(content)
})

test('a view into a larger buffer is read at its own offsets', () => {
  const body = requestOf(field(42, ...text('chat')))
  const larger = new Uint8Array(body.length + 7).fill(0xff)
  larger.set(body, 3)
  const view = larger.subarray(3, 3 + body.length)
  expect(readTraces(view)).toEqual(readTraces(body))
})

describe('numbers', () => {
  test.for([
    ['overlong zero', [0x80, 0x80, 0x80, 0x00], 0],
    ['overlong one', [0x81, 0x80, 0x80, 0x80, 0x80, 0x00], 1],
    ['largest exact number', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 53 - 1],
    ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 2n ** 53n],
    ['minus one', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], -1],
    ['smallest int64', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], -(2n ** 63n)],
  ] as const)('%s', ([, bytes, expected]) => {
    expect(readAttribute(24, ...bytes)).toBe(expected)
  })

  test.for([
    ['65 bits', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]],
    ['11 bytes', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
    ['no end', [0x80]],
  ] as const)('%s is refused', ([, bytes]) => {
    expect(() => readAttribute(24, ...bytes)).toThrow(OtlpSyntaxError)
  })

  test('an int32 beyond 32 bits is cut as protobuf cuts it', () => {
    expect(readSpan(48, 0x82, 0x80, 0x80, 0x80, 0x10).kind).toBe(2)
    expect(readSpan(48, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01).kind).toBe(-1)
    expect(readSpan(80, 0xff, 0xff, 0xff, 0xff, 0x0f).dropped_attributes_count).toBe(2 ** 32 - 1)
  })

  test('NaN and infinities become null', () => {
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(number)
      expect(readAttribute(33, ...bytes)).toBe(null)
    }
  })
})

describe('fields', () => {
  const known = field(42, ...text('chat'))

  test.for([
    ['an unknown number', [0xf8, 0x3e, 0x05]],
    ['an unknown fixed64', [0xf9, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['an unknown fixed32', [0xfd, 0x3e, 1, 2, 3, 4]],
    ['unknown bytes', [0xfa, 0x3e, 2, 0xff, 0xff]],
    ['an unknown group in a group', [0xfb, 0x3e, 0x0b, 0x08, 0x01, 0x0c, 0xfc, 0x3e]],
    ['a time as varint', [56, 5]],
    ['a packed time', [58, 8, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['a name as number', [40, 1]],
  ] as const)('%s is passed over', ([, bytes]) => {
    expect(readSpan(...bytes, ...known)).toMatchObject({ name: 'chat', start_time_unix_nano: 0n })
  })

  test.for([
    ['field number 0', [0x02, 0x00]],
    ['field number above 2^29', [0x82, 0x80, 0x80, 0x80, 0x10, 0x00]],
    ['wire type 6', [0x0e]],
    ['the end of a group not begun', [0x0c]],
    ['a group with no end', [0xfb, 0x3e, 0x08, 0x01]],
    ['a group closed by another', [0xfb, 0x3e, 0x0c]],
    ['a cut fixed64', [57, 1, 2, 3]],
    ['a cut string', [42, 5, 0x61]],
    ['a length beyond 4 GB', [42, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['an attribute reaching beyond its span', [74, 4, 10, 3, 0x61]],
    ['a tag without a value', [74]],
  ] as const)('%s is refused', ([, bytes]) => {
    expect(() => readSpan(...bytes)).toThrow(OtlpSyntaxError)
  })

  test('groups nested without end do not exhaust the stack', () => {
    expect(() => readTraces(new Uint8Array(500_000).fill(0x0b))).toThrow('groups are nested too deeply')
  })

  test('the error names the byte and quotes nothing', () => {
    const error = catchError(() => readSpan(...field(42, ...text('secret')), 0x0e))
    expect(error).toMatchObject({ name: 'OtlpSyntaxError', path: 'byte 15' })
    expect(error.message).not.toContain('secret')
  })
})

describe('attributes', () => {
  const attribute = (key: string, value: string) =>
    field(74, ...field(10, ...text(key)), ...field(18, ...field(10, ...text(value))))

  test('the last of repeated keys wins; keys named like object members are plain', () => {
    const { attributes } = readSpan(...attribute('a', '1'), ...attribute('__proto__', 'x'), ...attribute('a', '2'))
    expect([...attributes]).toEqual([
      ['a', '2'],
      ['__proto__', 'x'],
    ])
  })

  test('bytes that are not UTF-8 become U+FFFD, in short and in long strings', () => {
    expect(readAttribute(...field(10, 0x61, 0xff, 0x62))).toBe('a\uFFFDb')
    const long = readAttribute(...field(10, ...text('x'.repeat(100)), 0xed, 0xa0, 0x80))
    expect(long).toBe(`${'x'.repeat(100)}\uFFFD\uFFFD\uFFFD`)
  })

  test('strings that share a slot of the memory of strings stay apart', () => {
    for (let round = 0; round < 20; round++) {
      const keys = Array.from({ length: 1000 }, (_, index) => `key.${round}.${index}`)
      const { attributes } = readSpan(...keys.flatMap((key) => attribute(key, key)))
      expect([...attributes.keys()]).toEqual(keys)
      expect([...attributes.values()]).toEqual(keys)
    }
  })

  test('a value with nothing set, or no value, is null', () => {
    expect(readAttribute()).toBe(null)
    expect(readSpan(...field(74, ...field(10, ...text('k')))).attributes.get('k')).toBe(null)
  })

  test('of several kinds of value the last counts; the fields for profiles say nothing', () => {
    expect(readAttribute(...field(10, ...text('x')), 16, 1)).toBe(true)
    expect(readAttribute(...field(10, ...text('x')), 64, 7)).toBe('x')
  })

  test('bytes are a copy', () => {
    const body = requestOf(field(74, ...field(10, ...text('k')), ...field(18, ...field(58, 1, 2, 3))))
    const value = readTraces(body)[0]!.scope_spans[0]!.spans[0]!.attributes.get('k')
    body.fill(0)
    expect(value).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('values may nest 32 levels deep and no more', () => {
    expect(readAttribute(...nested(32))).toBeInstanceOf(Array)
    expect(() => readAttribute(...nested(33))).toThrow('nested deeper than 32')
  })

  test('an array has a largest length', () => {
    const items = (count: number) => Array.from({ length: count }, () => [10, 0]).flat()
    const body = (count: number) => {
      const any = Buffer.from([42, ...varint(2 * count), ...items(count)])
      const keyValue = Buffer.concat([Buffer.from([18, ...varint(any.length)]), any])
      const span = Buffer.concat([Buffer.from([74, ...varint(keyValue.length)]), keyValue])
      const scope = Buffer.concat([Buffer.from([18, ...varint(span.length)]), span])
      const resource = Buffer.concat([Buffer.from([18, ...varint(scope.length)]), scope])
      return Buffer.concat([Buffer.from([10, ...varint(resource.length)]), resource])
    }
    expect(readTraces(body(MAX_VALUES))).toHaveLength(1)
    expect(() => readTraces(body(MAX_VALUES + 1))).toThrow(`more than ${MAX_VALUES} values`)
  })
})

test('parts that occur twice are merged as protobuf merges them', () => {
  const name = (value: string) => field(74, ...field(10, ...text(value)))
  const status = [...field(122, ...field(18, ...text('bad'))), ...field(122, 24, 2)]
  expect(readSpan(...status)).toMatchObject({ status_code: 2, status_message: 'bad' })
  const resource = [...field(10, ...field(10, ...field(10, 0x61))), ...field(10, ...field(10, ...field(10, 0x62)))]
  const groups = readTraces(Uint8Array.from(field(10, ...resource)))
  expect([...groups[0]!.resource_attributes.keys()]).toEqual(['a', 'b'])
  expect([...readSpan(...name('a'), ...name('b')).attributes.keys()]).toEqual(['a', 'b'])
})

test('a parent of zeros is no parent', () => {
  expect(readSpan(...field(34, 0, 0, 0, 0, 0, 0, 0, 0)).parent_span_id).toBe('')
  expect(readSpan(...field(34, 0, 0, 0, 0, 0, 0, 0, 1)).parent_span_id).toBe('0000000000000001')
})

function catchError(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
