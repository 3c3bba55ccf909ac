import type { Attributes, AttributeValue } from '../../schemas/otlp/otlp.ts'
import type { Content } from './content.ts'
import { type Dialect, FIELDS, type Field, type READERS, type ReaderName } from './field-table.ts'
import { createMeanings, type FamilyPlace, FIELD_NAMES, type Target } from './name-meanings.ts'

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

export type Collect = (attributes: Attributes) => Collected

const NO_RANK = 0xffff
/** Empty text counts as captured, but any name that holds text is better. */
const EMPTY_PENALTY = 0x8000
const EMPTY = Object.fromEntries(FIELD_NAMES.map((name) => [name, undefined])) as Slots

/** Names without a place in the tables that are looked at word by word, per span: SDKs have some, floods have thousands. */
const MAX_STRANGERS = 512

interface State {
  readonly slots: Slots
  readonly ranks: Uint16Array
  /** The prefix of the family that fills a field: two unknown families may have one rank. */
  readonly prefixes: string[]
}

/** Compiles the tables once into one lookup per attribute. */
export function createCollect(dialect: Dialect): Collect {
  const { inTables, inWords } = createMeanings(dialect)
  const ranks = new Uint16Array(FIELD_NAMES.length)
  const prefixes: string[] = []

  return function collect(attributes) {
    const slots: Slots = { ...EMPTY }
    const rest: (readonly [string, AttributeValue])[] = []
    const state: State = { slots, ranks, prefixes }
    let strangers = 0
    ranks.fill(NO_RANK)
    for (const pair of attributes) {
      const value = pair[1]
      if (value === null) continue
      let meaning = inTables(pair[0])
      if (meaning === undefined && strangers++ < MAX_STRANGERS) meaning = inWords(pair[0])
      if (value === '') {
        if (meaning && 'targets' in meaning) offerEmpty(meaning.targets, state)
      } else if (meaning === undefined) rest.push(pair)
      else if ('family' in meaning) offerFamily(meaning, value, state)
      else if (!offer(meaning.targets, value, state)) rest.push(pair)
    }
    return { slots, rest }
  }
}

/** Gives the value to every field that wants it; false where nothing could read it. */
function offer(targets: readonly Target[], value: AttributeValue, { slots, ranks }: State): boolean {
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

function offerEmpty(targets: readonly Target[], { slots, ranks }: State): void {
  for (const target of targets) {
    if (FIELDS[target.field] !== 'content' || ranks[target.index] !== NO_RANK) continue
    put(slots, target.field, target.read(''))
    ranks[target.index] = target.rank + EMPTY_PENALTY
  }
}

function offerFamily({ family, path }: FamilyPlace, value: AttributeValue, state: State): void {
  const { slots, ranks, prefixes } = state
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

/** Slots are filled by field name; the tables' types guarantee that the reader gives the field's type. */
function put(slots: Slots, field: Field, value: unknown): void {
  ;(slots as Record<Field, unknown>)[field] = value
}
