import type { AttributeValue } from '../../schemas/otlp/otlp.ts'
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

export interface Target {
  readonly field: Field
  readonly index: number
  readonly rank: number
  readonly read: Reader<unknown>
  readonly keep: boolean
}

export interface Family {
  readonly prefix: string
  readonly field: Field
  readonly index: number
  readonly rank: number
  readonly format: ContentFormat
}

export interface FamilyPlace {
  readonly family: Family
  /** Behind the prefix. */
  readonly path: string
}

/** What an attribute's name means: fields that want its value, or a place in a family of indexed attributes. */
export type Meaning = { readonly targets: readonly Target[] } | FamilyPlace | undefined

export const FIELD_NAMES = Object.keys(FIELDS) as Field[]
/** What was only guessed from a name ranks behind everything that a table names. */
const GUESS_RANK = 0x4000
const CONTENT_FORMATS: ReadonlySet<string> = new Set<ContentFormat>([
  'messages',
  'transcript',
  'envelope',
  'plain_text',
  'texts',
  'tool_calls',
  'reasoning',
])

/** The dialect's own names first; then those of all others, so that several generations may stand on one span. */
function tablesOf(dialect: Dialect): readonly FieldTable[] {
  const others = DIALECTS.filter((other) => other !== dialect && other.name !== 'generic' && !other.ownNamesOnly)
  return [dialect.fields, ...others.map((other) => other.fields), FRAMEWORK_FIELDS]
}

/** Names whose meaning is remembered: an SDK uses a few dozen, a hostile sender as many as it likes. */
const MAX_REMEMBERED = 8_192
const MAX_REMEMBERED_NAME = 256

export interface Meanings {
  /** What the tables say of a name. */
  inTables(name: string): Meaning
  /** What a name that no table has seems to hold. */
  inWords(name: string): Meaning
}

export function createMeanings(dialect: Dialect): Meanings {
  const targets = new Map<string, Target[]>()
  const families: Family[] = []
  for (const [index, field] of FIELD_NAMES.entries()) {
    const entries = tablesOf(dialect).flatMap((table) => table[field] ?? [])
    for (const [rank, entry] of entries.entries()) addEntry({ entry, field, index, rank, targets, families })
  }

  return {
    inTables: remembering((name) => {
      const known = targets.get(name)
      if (known) return { targets: known }
      for (const family of families) {
        const { prefix } = family
        if (name.startsWith(prefix) && isDigit(name.charCodeAt(prefix.length))) {
          return { family, path: name.slice(prefix.length) }
        }
      }
      return undefined
    }),
    inWords: remembering((name) => guessed(name, dialect.name === 'generic')),
  }
}

function remembering(find: (name: string) => Meaning): (name: string) => Meaning {
  const remembered = new Map<string, Meaning>()
  return function recall(name) {
    const known = remembered.get(name)
    if (known !== undefined || remembered.has(name)) return known
    const found = find(name)
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
  const index = FIELD_NAMES.indexOf(field)
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
  // A tool may be called without arguments; Google's ADK writes "{}" where it leaves them out.
  const mayBeEmpty = field === 'tool_arguments' && !name.startsWith('gcp.')
  const read = isContent ? contentReader(format, mayBeEmpty) : (READERS[reader as ReaderName] as Reader<unknown>)
  const list = targets.get(name) ?? []
  if (list.some((target) => target.field === field && typeof entry === 'string')) return
  list.push({ field, index, rank, read, keep: KEPT_FIELDS.has(field) })
  targets.set(name, list)
}

function contentReader(format: ContentFormat, mayBeEmpty = false): Reader<Content> {
  return (value) => {
    const isNothing = saysNothing(value, format) && !(mayBeEmpty && value === '{}')
    return isNothing ? undefined : { format, value, entries: undefined }
  }
}

/** Several SDKs write "{}" where content capture is off, and "null" where a function returned nothing. */
function saysNothing(value: AttributeValue, format: ContentFormat): boolean {
  if (value instanceof Uint8Array) return value.length === 2 && value[0] === 0x7b && value[1] === 0x7d
  return value === '{}' || (value === 'null' && format !== 'plain_text')
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
