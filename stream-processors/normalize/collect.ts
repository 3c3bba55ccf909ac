import type { Attributes, AttributeValue } from '../../schemas/otlp/otlp.ts'
import type { Content, ContentFormat } from './content.ts'
import { DIALECTS } from './dialects/dialects.ts'
import { FRAMEWORK_FIELDS } from './dialects/generic.ts'
import {
  type Dialect,
  type Entry,
  FIELDS,
  type Field,
  type FieldTable,
  KEPT_FIELDS,
  READERS,
  type ReaderName,
} from './field-table.ts'
import { guessField } from './guess.ts'
import type { Reader } from './readers.ts'

type Value<F extends Field> = (typeof FIELDS)[F] extends infer R
  ? R extends ReaderName
    ? NonNullable<ReturnType<(typeof READERS)[R]>>
    : Content
  : never

/** What one pass over a span's attributes found: every field at most once, from the best name that held something. */
export type Slots = { [F in Field]: Value<F> | undefined }

export interface Collected {
  readonly slots: Slots
  /** Attributes that no field took, in the order they were sent. */
  readonly rest: readonly (readonly [string, AttributeValue])[]
}

interface Target {
  readonly field: Field
  readonly index: number
  readonly rank: number
  readonly read: Reader<unknown>
  readonly keep: boolean
}

interface Family {
  readonly prefix: string
  readonly field: Field
  readonly index: number
  readonly rank: number
  readonly format: ContentFormat
}

/** What an attribute's name means: fields that want its value, or a place in a family of indexed attributes. */
type Meaning = { readonly targets: readonly Target[] } | { readonly family: Family; readonly path: string } | undefined

export type Collect = (attributes: Attributes) => Collected

const NAMES = Object.keys(FIELDS) as Field[]
const NO_RANK = 0xffff
/** What was only guessed from a name ranks behind everything that a table names. */
const GUESS_RANK = 0x4000
/** Empty text counts as captured, but any name that holds text is better. */
const EMPTY_PENALTY = 0x8000
const CONTENT_FORMATS: ReadonlySet<string> = new Set<ContentFormat>([
  'messages',
  'transcript',
  'envelope',
  'plain_text',
  'texts',
  'tool_calls',
  'reasoning',
])
const EMPTY = Object.fromEntries(NAMES.map((name) => [name, undefined])) as Slots

/** The dialect's own names first; then those of all others, so that several generations may stand on one span. */
function tablesOf(dialect: Dialect): readonly FieldTable[] {
  const others = DIALECTS.filter((other) => other !== dialect && other.name !== 'generic' && !other.ownNamesOnly)
  return [dialect.fields, ...others.map((other) => other.fields), FRAMEWORK_FIELDS]
}

/** Names whose meaning is remembered: an SDK uses a few dozen, a hostile sender as many as it likes. */
const MAX_REMEMBERED = 8_192
const MAX_REMEMBERED_NAME = 256

/** Compiles the tables once into one lookup per attribute. */
export function createCollect(dialect: Dialect): Collect {
  const meaningOf = createMeanings(dialect)
  const ranks = new Uint16Array(NAMES.length)
  /** The prefix of the family that fills a field: two unknown families may have one rank. */
  const prefixes: string[] = []

  return function collect(attributes) {
    const slots: Slots = { ...EMPTY }
    const rest: (readonly [string, AttributeValue])[] = []
    ranks.fill(NO_RANK)
    for (const pair of attributes) {
      const value = pair[1]
      const meaning = value === null ? undefined : meaningOf(pair[0])
      if (value === '') {
        if (meaning && 'targets' in meaning) offerEmpty(meaning.targets, slots, ranks)
      } else if (meaning === undefined) {
        if (value !== null) rest.push(pair)
      } else if ('targets' in meaning) {
        if (!offer(meaning.targets, value, slots, ranks)) rest.push(pair)
      } else offerFamily({ ...meaning, value, slots, ranks, prefixes })
    }
    return { slots, rest }
  }
}

function createMeanings(dialect: Dialect): (name: string) => Meaning {
  const targets = new Map<string, Target[]>()
  const families: Family[] = []
  for (const [index, field] of NAMES.entries()) {
    const entries = tablesOf(dialect).flatMap((table) => table[field] ?? [])
    for (const [rank, entry] of entries.entries()) addEntry({ entry, field, index, rank, targets, families })
  }
  const remembered = new Map<string, Meaning>()

  function findMeaning(name: string): Meaning {
    const known = targets.get(name)
    if (known) return { targets: known }
    for (const family of families) {
      const { prefix } = family
      if (name.startsWith(prefix) && isDigit(name.charCodeAt(prefix.length))) {
        return { family, path: name.slice(prefix.length) }
      }
    }
    return guessed(name, dialect.name === 'generic')
  }

  return function meaningOf(name) {
    const known = remembered.get(name)
    if (known !== undefined || remembered.has(name)) return known
    const found = findMeaning(name)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    if (name.length <= MAX_REMEMBERED_NAME) remembered.set(name, found)
    return found
  }
}

/** The meaning of a name that no table knows, from the words it consists of (guess.ts). */
function guessed(name: string, isUnknownDialect: boolean): Meaning {
  const guess = guessField(name, isUnknownDialect)
  if (!guess) return undefined
  const { field } = guess
  const index = NAMES.indexOf(field)
  const rank = GUESS_RANK + guess.rank
  if ('prefix' in guess) {
    return { family: { prefix: guess.prefix, field, index, rank, format: 'messages' }, path: guess.path }
  }
  if (FIELDS[field] !== 'content') {
    return {
      targets: [{ field, index, rank, read: READERS[FIELDS[field] as ReaderName] as Reader<unknown>, keep: false }],
    }
  }
  const plainReader = contentReader('messages')
  const read: Reader<unknown> = (value) => (guess.accepts(value) ? plainReader(value) : undefined)
  return { targets: [{ field, index, rank, read, keep: false }] }
}

interface NewEntry {
  readonly entry: Entry
  readonly field: Field
  readonly index: number
  readonly rank: number
  readonly targets: Map<string, Target[]>
  readonly families: Family[]
}

function addEntry({ entry, field, index, rank, targets, families }: NewEntry): void {
  const [reader, name] = typeof entry === 'string' ? [FIELDS[field], entry] : entry
  const isContent = FIELDS[field] === 'content'
  const format = CONTENT_FORMATS.has(reader) ? (reader as ContentFormat) : 'messages'
  if (name.endsWith('.<i>')) {
    const prefix = name.slice(0, -3)
    const known = families.some((family) => family.prefix === prefix)
    if (!known) families.push({ prefix, field, index, rank, format })
    return
  }
  const read = isContent ? contentReader(format) : (READERS[reader as ReaderName] as Reader<unknown>)
  const list = targets.get(name) ?? []
  if (list.some((target) => target.field === field && typeof entry === 'string')) return
  list.push({ field, index, rank, read, keep: KEPT_FIELDS.has(field) })
  targets.set(name, list)
}

function contentReader(format: ContentFormat): Reader<Content> {
  return (value) => (saysNothing(value, format) ? undefined : { format, value, entries: undefined })
}

/** Several SDKs write "{}" where content capture is off, and "null" where a function returned nothing. */
function saysNothing(value: AttributeValue, format: ContentFormat): boolean {
  if (value instanceof Uint8Array) return value.length === 2 && value[0] === 0x7b && value[1] === 0x7d
  return value === '{}' || (value === 'null' && format !== 'plain_text')
}

/** Gives the value to every field that wants it; false where nothing could read it. */
function offer(targets: readonly Target[], value: AttributeValue, slots: Slots, ranks: Uint16Array): boolean {
  let taken = false
  for (const target of targets) {
    if (target.field === 'drop' || target.rank >= (ranks[target.index] as number)) {
      taken = true
      continue
    }
    const read = target.read(value)
    if (read === undefined) continue
    put(slots, target.field, read)
    ranks[target.index] = target.rank
    if (!target.keep) taken = true
  }
  return taken
}

function offerEmpty(targets: readonly Target[] | undefined, slots: Slots, ranks: Uint16Array): void {
  for (const target of targets ?? []) {
    if (FIELDS[target.field] !== 'content' || ranks[target.index] !== NO_RANK) continue
    put(slots, target.field, target.read(''))
    ranks[target.index] = target.rank + EMPTY_PENALTY
  }
}

interface FamilyOffer {
  readonly family: Family
  readonly path: string
  readonly value: AttributeValue
  readonly slots: Slots
  readonly ranks: Uint16Array
  readonly prefixes: string[]
}

function offerFamily({ family, path, value, slots, ranks, prefixes }: FamilyOffer): void {
  const { field, index, rank, prefix, format } = family
  const best = ranks[index] as number
  if (rank > best) return
  const current = slots[field] as Content | undefined
  if (rank < best || !current?.entries) {
    put(slots, field, { format, value: undefined, entries: [[path, value]] })
    ranks[index] = rank
    prefixes[index] = prefix
  } else if (prefixes[index] === prefix) current.entries.push([path, value])
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Slots are filled by field name; the tables' types guarantee that the reader gives the field's type. */
function put(slots: Slots, field: Field, value: unknown): void {
  ;(slots as Record<Field, unknown>)[field] = value
}
