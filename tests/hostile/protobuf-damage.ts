import type { Random } from '../../core/random.ts'
import { mutate } from '../otlp-oracle/mutate.ts'
import { bytesField, type Field, overwrite, replaceField, varint } from './protobuf-fields.ts'

export interface Damaged {
  readonly what: string
  readonly bytes: Buffer
}

type Damage = (bytes: Buffer, field: Field, random: Random) => Buffer

/** Numbers that break careless readers: over 32, 53 and 64 bits, endless, overlong. */
const VARINTS = [
  'ffffffff07',
  'ffffffff0f',
  'ffffffffffffffffff01',
  'ffffffffffffffffff7f',
  '808080808080808080808080',
  '808000',
  '8080808010',
].map((hex) => Buffer.from(hex, 'hex'))

/** Texts that are no UTF-8, or that are and hurt. */
const TEXTS = [
  Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([0xe2, 0x82]),
  Buffer.from('\u0000\u0001\u001b[2J\u202e\ufeff\ufffe'),
  Buffer.from('😀'.repeat(50)),
  Buffer.from('a\u0300'.repeat(200)),
  Buffer.from('\'"`;--</script>{{7*7}}%00../../etc/passwd'),
  Buffer.alloc(0),
]

const DAMAGES: Readonly<Record<string, Damage>> = {
  'field gone': (bytes, field) => replaceField(bytes, field, Buffer.alloc(0)),
  'field repeated': (bytes, field, random) => {
    const own = bytes.subarray(field.start, field.end)
    return replaceField(bytes, field, Buffer.concat(Array.from({ length: 2 + random(6) }, () => own)))
  },
  'length lies': (bytes, { start, value, end }, random) => {
    const length = [0, 1, end - value - 1, end - value + 1, end - value + 1000][random(5)]!
    return overwrite(bytes, start + 1, value, varint(Math.max(0, length)))
  },
  'length of a giant': (bytes, { start, value }, random) =>
    overwrite(bytes, start + 1, value, VARINTS[random(VARINTS.length)]!),
  'number of a giant': (bytes, field, random) =>
    replaceField(bytes, field, Buffer.concat([varint(field.number * 8), VARINTS[random(VARINTS.length)]!])),
  'other wire type': (bytes, { start, number }, random) =>
    overwrite(bytes, start, start + 1, varint(number * 8 + random(8))),
  'other field number': (bytes, field, random) => {
    const number = [0, 1, 2, 3, 15, 16, 500, 19_000, 536_870_911, 536_870_912][random(10)]!
    const content = bytes.subarray(field.start + 1, field.end)
    return replaceField(bytes, field, Buffer.concat([varint(number * 8 + field.wire), content]))
  },
  'hostile text': (bytes, field, random) =>
    replaceField(bytes, field, bytesField(field.number, TEXTS[random(TEXTS.length)]!)),
  'nested in itself': (bytes, field, random) => {
    let nested = bytes.subarray(field.start, field.end)
    for (let depth = [2, 20, 60][random(3)]!; depth > 0; depth--) nested = bytesField(field.number, nested)
    return replaceField(bytes, field, nested)
  },
  'groups that never end': (bytes, field, random) =>
    replaceField(bytes, field, Buffer.alloc(1 + random(200), varint(field.number * 8 + 3))),
  'end of a group that never began': (bytes, field) => replaceField(bytes, field, varint(field.number * 8 + 4)),
  'cut at a field': (bytes, { start }) => bytes.subarray(0, start),
  'cut in a field': (bytes, { value, end }, random) => bytes.subarray(0, value + random(Math.max(1, end - value))),
  'noise as value': (bytes, field, random) => {
    const copy = Buffer.from(bytes)
    for (let at = field.value; at < field.end; at++) copy[at] = random(256)
    return copy
  },
  'moved to the front': (bytes, { start, end }) =>
    Buffer.concat([bytes.subarray(start, end), bytes.subarray(0, start), bytes.subarray(end)]),
}
const NAMES = Object.keys(DAMAGES)

/** One or two damages of whole fields, or of bytes that know nothing of fields. */
export function damageProtobuf(bytes: Buffer, fields: readonly Field[], random: Random): Damaged {
  if (random(6) === 0) return { what: 'bytes', bytes: Buffer.from(mutate(bytes, random)) }
  const name = NAMES[random(NAMES.length)]!
  const damaged = DAMAGES[name]!(bytes, fields[random(fields.length)]!, random)
  const twice = random(5) === 0 && damaged.length > 0
  return twice
    ? { what: `${name}, bytes`, bytes: Buffer.from(mutate(damaged, random)) }
    : { what: name, bytes: damaged }
}

const SPAN_PATH = '1.2.2'
const pathOf = ({ parents, number }: Field) => [...parents.map((parent) => parent.number), number].join('.')

/** What a span holds too much of. The bounds of `ingest.limits` are some way below. */
const MASSES: Readonly<Record<string, (random: Random) => Buffer>> = {
  'many attributes': (random) => repeat(bytesField(9, bytesField(1, Buffer.from('k'))), [900, 1100, 5000][random(3)]!),
  'many events': (random) => repeat(bytesField(11, bytesField(2, Buffer.from('e'))), [900, 1100, 5000][random(3)]!),
  'many links': (random) => repeat(bytesField(13, bytesField(1, Buffer.alloc(16, 1))), [900, 1100, 3000][random(3)]!),
  'deep kvlist': (random) => attribute(nest(6, [10, 31, 33, 100, 600][random(5)]!)),
  'deep array': (random) => attribute(nest(5, [10, 31, 33, 100, 600][random(5)]!)),
  'wide array': (random) =>
    attribute(bytesField(5, repeat(bytesField(1, Buffer.from([0x18, 1])), [900, 20_000][random(2)]!))),
  'long text': (random) => attribute(bytesField(1, Buffer.alloc([30_000, 200_000, 950_000][random(3)]!, 'x'))),
  'long key': () => bytesField(9, bytesField(1, Buffer.alloc(70_000, 'k'))),
  'empty attributes': () => repeat(bytesField(9, Buffer.alloc(0)), 1000),
}
const MASS_NAMES = Object.keys(MASSES)

/** The request's span with far too much of one thing. */
export function massProtobuf(bytes: Buffer, fields: readonly Field[], random: Random): Damaged {
  const span = fields.find((field) => pathOf(field) === SPAN_PATH)
  const name = MASS_NAMES[random(MASS_NAMES.length)]!
  if (span === undefined) return { what: 'bytes', bytes: Buffer.from(mutate(bytes, random)) }
  const content = Buffer.concat([bytes.subarray(span.value, span.end), MASSES[name]!(random)])
  return { what: name, bytes: replaceField(bytes, span, bytesField(span.number, content)) }
}

/** So many copies of the one span: a request of many. */
export function manySpans(bytes: Buffer, fields: readonly Field[], count: number): Damaged {
  const span = fields.find((field) => pathOf(field) === SPAN_PATH)
  if (span === undefined) return { what: 'bytes', bytes }
  return { what: 'many spans', bytes: replaceField(bytes, span, repeat(bytes.subarray(span.start, span.end), count)) }
}

const repeat = (bytes: Buffer, times: number) => Buffer.alloc(bytes.length * times, bytes)
const attribute = (value: Buffer) =>
  bytesField(9, Buffer.concat([bytesField(1, Buffer.from('deep')), bytesField(2, value)]))

/** AnyValue inside AnyValue, as array_value (5) or kvlist_value (6). */
function nest(number: 5 | 6, depth: number): Buffer {
  let value: Buffer = bytesField(1, Buffer.from('leaf'))
  for (; depth > 0; depth--) value = bytesField(number, bytesField(1, number === 5 ? value : bytesField(2, value)))
  return value
}
