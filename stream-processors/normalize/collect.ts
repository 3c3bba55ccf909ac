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

export type Collect = (attributes: Attributes) => Collected

const NAMES = Object.keys(FIELDS) as Field[]
const NO_RANK = 0xffff
/** Empty text counts as captured, but any name that holds text is better. */
const EMPTY_PENALTY = 0x8000
const CONTENT_FORMATS: ReadonlySet<string> = new Set<ContentFormat>([
  'messages',
  'envelope',
  'plain_text',
  'texts',
  'tool_calls',
  'reasoning',
])
const EMPTY = Object.fromEntries(NAMES.map((name) => [name, undefined])) as Slots

/** The dialect's own names first; then those of all others, so that several generations may stand on one span. */
function tablesOf(dialect: Dialect): readonly FieldTable[] {
  const others = DIALECTS.filter((other) => other !== dialect && other.name !== 'generic')
  return [dialect.fields, ...others.map((other) => other.fields), FRAMEWORK_FIELDS]
}

/** Compiles the tables once into one lookup per attribute. */
export function createCollect(dialect: Dialect): Collect {
  const targets = new Map<string, Target[]>()
  const families: Family[] = []
  for (const [index, field] of NAMES.entries()) {
    const entries = tablesOf(dialect).flatMap((table) => table[field] ?? [])
    for (const [rank, entry] of entries.entries()) addEntry({ entry, field, index, rank, targets, families })
  }
  const ranks = new Uint16Array(NAMES.length)

  return function collect(attributes) {
    const slots: Slots = { ...EMPTY }
    const rest: (readonly [string, AttributeValue])[] = []
    ranks.fill(NO_RANK)
    for (const pair of attributes) {
      const value = pair[1]
      if (value === null || value === '') {
        if (value === '') offerEmpty(targets.get(pair[0]), slots, ranks)
        continue
      }
      const found = targets.get(pair[0])
      const taken = found ? offer(found, value, slots, ranks) : offerFamily(families, pair, slots, ranks)
      if (!taken) rest.push(pair)
    }
    return { slots, rest }
  }
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
  // Several SDKs write "{}" where content capture is off.
  return (value) => (value === '{}' ? undefined : { format, value, entries: undefined })
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

function offerFamily(
  families: readonly Family[],
  [name, value]: readonly [string, AttributeValue],
  slots: Slots,
  ranks: Uint16Array,
): boolean {
  for (const family of families) {
    if (!name.startsWith(family.prefix) || !isDigit(name.charCodeAt(family.prefix.length))) continue
    const best = ranks[family.index] as number
    if (family.rank > best) return true
    const entry = [name.slice(family.prefix.length), value] as const
    const current = slots[family.field] as Content | undefined
    if (family.rank === best && current?.entries) current.entries.push(entry)
    else {
      put(slots, family.field, { format: family.format, value: undefined, entries: [entry] })
      ranks[family.index] = family.rank
    }
    return true
  }
  return false
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Slots are filled by field name; the tables' types guarantee that the reader gives the field's type. */
function put(slots: Slots, field: Field, value: unknown): void {
  ;(slots as Record<Field, unknown>)[field] = value
}
