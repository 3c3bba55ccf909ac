import type { Random } from '../../core/random.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import type { Damaged } from './protobuf-damage.ts'

/** What is put in the place of a token. */
const TOKENS = [
  ...['null', 'true', '{}', '[]', '""', '0', '-1', '-0', '1e999', '-1e999', '1e-999', '0.1', 'NaN', 'Infinity', '01'],
  ...['18446744073709551616', '"18446744073709551615"', '9007199254740993', '"-9223372036854775809"', '"1e3"'],
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '"\\x41"',
    '"\\',
    "'single'",
    '/* no */',
    '// no',
    'undefined',
    '[[[]]]',
    '{"a":{"a":{}}}',
  ],
  ...['"__proto__"', '"constructor"', '"toString"', '"a\u202eb"', '"\ufeff"', `"${'9'.repeat(400)}"`, '9'.repeat(400)],
  ...['{"__proto__":{"polluted":true}}', '{"stringValue":"a","intValue":1}', '{"kvlistValue":{"values":[null]}}'],
  ...[
    '{"arrayValue":{"values":[{"arrayValue":{}}]}}',
    '{"bytesValue":"!!"}',
    '{"doubleValue":"NaN"}',
    ',',
    ':',
    '}',
    ']',
  ],
]

/** Whole bodies. */
const BODIES = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '0',
    '""',
    '[]',
    '{}',
    '[{}]',
    '{"resourceSpans":null}',
    '{"resourceSpans":[]}',
    '{"a":1',
  ],
  ...['{"resourceSpans":{}}', '{"resourceSpans":[null]}', '{"resourceSpans":[[]]}', '{"resourceSpans":"x"}', '{"":""}'],
  ...['{"resourceLogs":[]}', '{"resourceMetrics":[]}', '{"resource_spans":[]}', '{"model":"gpt-4o","messages":[]}'],
  ...[
    '<xml/>',
    '--- yaml',
    '{"resourceSpans":[]}{"resourceSpans":[]}',
    '{"resourceSpans":[]}\u0000',
    '\u0000{}',
    '{\u00a0}',
  ],
]

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[{}[\],:]/g

interface Token {
  readonly start: number
  readonly end: number
}

const known = new WeakMap<Buffer, readonly Token[]>()

/** Offsets are those of bytes; `seed` is the same buffer for every request made of it. */
function tokensOf(seed: Buffer): readonly Token[] {
  const found = known.get(seed)
  if (found !== undefined) return found
  const tokens = [...seed.toString('latin1').matchAll(TOKEN)].map(({ index, 0: text }) => ({
    start: index,
    end: index + text.length,
  }))
  known.set(seed, tokens)
  return tokens
}

const splice = (bytes: Buffer, { start, end }: Token, piece: string | Buffer) =>
  Buffer.concat([bytes.subarray(0, start), typeof piece === 'string' ? Buffer.from(piece) : piece, bytes.subarray(end)])

type Damage = (bytes: Buffer, token: Token, random: Random) => Buffer

const DAMAGES: Readonly<Record<string, Damage>> = {
  'other token': (bytes, token, random) => splice(bytes, token, TOKENS[random(TOKENS.length)]!),
  'token gone': (bytes, token) => splice(bytes, token, ''),
  'token twice': (bytes, token) =>
    splice(bytes, { start: token.end, end: token.end }, bytes.subarray(token.start, token.end)),
  'cut at a token': (bytes, { start }) => bytes.subarray(0, start),
  'deep value': (bytes, token, random) => {
    const depth = [5, 100, 260, 300, 2000][random(5)]!
    const [open, close] = random(2) === 0 ? ['[', ']'] : ['{"a":', '}']
    return splice(bytes, token, `${open!.repeat(depth)}1${random(3) === 0 ? '' : close!.repeat(depth)}`)
  },
  'wide value': (bytes, token, random) => splice(bytes, token, `[${'0,'.repeat([100, 5_000][random(2)]!)}0]`),
  'duplicate keys': (bytes, _, random) => {
    const first = bytes.subarray(1, bytes.length - 1)
    return Buffer.concat([
      Buffer.from('{'),
      first,
      Buffer.from(random(2) === 0 ? ',' : ',"resourceSpans":null,'),
      first,
      Buffer.from('}'),
    ])
  },
  'bad UTF-8': (bytes, { start }, random) =>
    splice(bytes, { start, end: start }, Buffer.from(random(2) === 0 ? [0xff, 0xfe] : [0xed, 0xa0, 0x80])),
  'bad UTF-8 in a text': (bytes, { start, end }, random) => {
    const copy = Buffer.from(bytes)
    if (copy[start] === 0x22 && end - start > 3) copy[start + 1 + random(end - start - 2)] = 0x80 + random(128)
    return copy
  },
  'UTF-16': (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
  'byte order mark': (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'whole body': (_bytes, _token, random) => Buffer.from(BODIES[random(BODIES.length)]!),
  'space before': (bytes, _, random) => Buffer.concat([Buffer.alloc(1 + random(2000), ' \r\n\t'), bytes]),
}
const NAMES = Object.keys(DAMAGES)

/** One damage of whole tokens, or of bytes. `seed` is what `bytes` was stamped from: tokens stand in the same places. */
export function damageJson(bytes: Buffer, seed: Buffer, random: Random): Damaged {
  if (random(8) === 0) return { what: 'bytes', bytes: Buffer.from(mutate(bytes, random)) }
  const tokens = tokensOf(seed)
  const name = NAMES[random(NAMES.length)]!
  return { what: name, bytes: DAMAGES[name]!(bytes, tokens[random(tokens.length)]!, random) }
}

/** JSON that is small to send and large to hold. `bytes` is about how long it gets. */
export function massJson(random: Random, bytes: number): Damaged {
  const [name, open, unit, close] = [
    ['wide array', '{"resourceSpans":[', '0,', '0]}'],
    ['wide objects', '{"resourceSpans":[', '{},', '{}]}'],
    ['many keys', '{"resourceSpans":[],', '"a":1,', '"b":1}'],
    ['wide attributes', '{"resourceSpans":[{"resource":{"attributes":[', '{"key":"a"},', '{}]}}]}'],
    ['endless nesting', '{"resourceSpans":', '[', ''],
    ['endless text', '{"resourceSpans":"', 'x', '"}'],
    ['endless escapes', '{"resourceSpans":"', '\\u0041', '"}'],
    ['endless number', '{"resourceSpans":1', '0', '}'],
  ][random(8)]! as [string, string, string, string]
  return { what: name, bytes: Buffer.from(`${open}${unit.repeat(bytes / unit.length)}${close}`) }
}
