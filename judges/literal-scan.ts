import { MAX_UNITS, unitsOf } from './text-units.ts'

/**
 * Finds which of many literals stand in a text: one table look-up per character, whatever the text (Aho and Corasick,
 * CACM 1975, with all transitions written out). The table is built once and never grows, so no text can slow it down.
 */
export interface LiteralScan {
  /** Calls `found` with the owner of each literal that occurs, once per owner (twice where it has Latin and other literals). Returns the number of digits. */
  scan(text: string, found: (owner: number) => void): number
}

/**
 * Letters match in either case, as RE2 folds them. `|` at an end of a literal asks for a word boundary there
 * (ASCII letters, digits and `_` are words, as RE2's `\b` has it).
 */
export interface OwnedLiteral {
  readonly literal: string
  readonly owner: number
}

interface Ending {
  readonly owner: number
  readonly length: number
  readonly starts_word: boolean
  readonly ends_word: boolean
}

interface Node {
  readonly children: Map<number, Node>
  readonly endings: Ending[]
  fail: Node | null
  id: number
}

const aNode = (): Node => ({ children: new Map(), endings: [], fail: null, id: 0 })

/**
 * Literals in Latin script have a table of their own, with short rows that stay in the cache; the table of the others is
 * asked only about texts with one of their characters.
 */
export function createLiteralScan(literals: readonly OwnedLiteral[]): LiteralScan {
  const others = literals.filter(({ literal }) => !isLatin(literal))
  const latin = createTable(literals.filter(({ literal }) => isLatin(literal)))
  const other = others.length === 0 ? null : createTable(others)

  return {
    scan(text, found) {
      const seen = scanWith(latin, text, found)
      if (other !== null && seen.has_foreign && hasClass(other, text)) scanWith(other, text, found)
      return seen.digits
    },
  }
}

/** Latin, with its accented letters (Latin Extended-B ends here). */
const LAST_LATIN = 0x24f
const isLatin = (text: string) => text.split('').every((unit) => unit.charCodeAt(0) <= LAST_LATIN)

/** What else one pass over the text tells. */
interface Seen {
  readonly digits: number
  /** Characters beyond Latin. */
  readonly has_foreign: boolean
}

const DIGITS = '0123456789'

interface Table {
  readonly root: number
  readonly classOf: Uint16Array
  /** By state and class. */
  readonly next: Uint16Array
  readonly shift: number
  /** States from here on have endings. */
  readonly limit: number
  readonly endings: readonly (readonly Ending[])[]
  /** By owner: the text in which it was told of last. */
  readonly known: Int32Array
  mark: number
}

function createTable(literals: readonly OwnedLiteral[]): Table {
  const { classOf, classes } = classify(literals)
  const nodes = buildTrie(literals, classOf)
  // Nodes with endings come last: the inner loop asks one comparison.
  const ordered = [...nodes].sort((a, b) => Number(a.endings.length > 0) - Number(b.endings.length > 0))
  const root = nodes[0]!
  ordered.forEach((node, id) => {
    node.id = id
  })
  if (ordered.length > 65536) throw new RangeError('The literals of all patterns are too long together.')
  const shift = Math.ceil(Math.log2(classes))
  const next = new Uint16Array(ordered.length << shift).fill(root.id)
  for (const node of nodes) {
    for (let c = 0; c < classes; c++) next[(node.id << shift) | c] = step(node, c, root).id
  }
  const owners = 1 + literals.reduce((most, { owner }) => Math.max(most, owner), -1)
  const firstEnding = ordered.findIndex((node) => node.endings.length > 0)
  return {
    root: root.id,
    classOf,
    next,
    shift,
    limit: firstEnding < 0 ? ordered.length : firstEnding,
    endings: ordered.map((node) => node.endings),
    known: new Int32Array(owners),
    mark: 0,
  }
}

/** One function for all tables, with what the loop needs in locals: the compiler does better with it than with closures. */
function scanWith(table: Table, text: string, found: (owner: number) => void): Seen {
  const { classOf, next, shift, limit, endings, known } = table
  const length = Math.min(text.length, MAX_UNITS)
  const units = unitsOf(text)
  table.mark = (table.mark + 1) | 0
  const { mark } = table
  let state = table.root
  let digits = 0
  let highest = 0
  for (let i = 0; i < length; i++) {
    const unit = units[i]!
    if (unit > highest) highest = unit
    const c = classOf[unit]!
    if ((c - 1) >>> 0 < DIGITS.length) digits++
    state = next[(state << shift) | c]!
    if (state < limit) continue
    for (const ending of endings[state]!) {
      if (known[ending.owner] === mark || !standsFree(text, i + 1, ending)) continue
      known[ending.owner] = mark
      found(ending.owner)
    }
  }
  return { digits, has_foreign: highest > LAST_LATIN }
}

/** Most texts beyond Latin have typographic quotes and dashes, and no character of a literal. */
function hasClass({ classOf }: Table, text: string): boolean {
  const length = Math.min(text.length, MAX_UNITS)
  const units = unitsOf(text)
  for (let i = 0; i < length; i++) if (units[i]! > LAST_LATIN && classOf[units[i]!] !== 0) return true
  return false
}

/** Characters that no literal uses share class 0, the digits have 1 to 10, the cases of a letter share one. */
function classify(literals: readonly OwnedLiteral[]): { classOf: Uint16Array; classes: number } {
  const classOf = new Uint16Array(65536)
  let classes = 1
  for (const digit of DIGITS) classOf[digit.charCodeAt(0)] = classes++
  for (const { literal } of literals) {
    for (const unit of literal.toLowerCase().split('')) {
      if (unit === '|' || classOf[unit.charCodeAt(0)] !== 0) continue
      for (const variant of variantsOf(unit)) classOf[variant.charCodeAt(0)] = classes
      classes++
    }
  }
  return { classOf, classes }
}

/** RE2 folds U+017F to s and U+212A to k; typographic apostrophes and quotes are written as freely as straight ones. */
const EXTRA_VARIANTS = new Map([
  ['s', ['\u017f']],
  ['k', ['\u212a']],
  ["'", ['\u2019', '\u2018']],
  ['"', ['\u201c', '\u201d']],
])
function variantsOf(unit: string): readonly string[] {
  const upper = unit.toUpperCase()
  return [unit, ...(upper.length === 1 ? [upper] : []), ...(EXTRA_VARIANTS.get(unit) ?? [])]
}

/** All nodes, parents before children, with their fail links and the endings of their suffixes. */
function buildTrie(literals: readonly OwnedLiteral[], classOf: Uint16Array): readonly Node[] {
  const root = aNode()
  for (const { literal, owner } of literals) {
    const starts_word = literal.startsWith('|')
    const ends_word = literal.length > 1 && literal.endsWith('|')
    const bare = literal.slice(starts_word ? 1 : 0, ends_word ? -1 : undefined).toLowerCase()
    if (bare === '') throw new RangeError('A literal must not be empty.')
    let node = root
    for (let i = 0; i < bare.length; i++) {
      const c = classOf[bare.charCodeAt(i)]!
      let child = node.children.get(c)
      if (child === undefined) {
        child = aNode()
        node.children.set(c, child)
      }
      node = child
    }
    node.endings.push({ owner, length: bare.length, starts_word, ends_word })
  }
  const nodes = [root]
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!
    for (const [c, child] of node.children) {
      child.fail = node === root ? root : step(node.fail!, c, root)
      child.endings.push(...child.fail.endings)
      nodes.push(child)
    }
  }
  return nodes
}

function step(node: Node, c: number, root: Node): Node {
  for (let at: Node | null = node; at !== null; at = at.fail) {
    const child = at.children.get(c)
    if (child !== undefined) return child
  }
  return root
}

function standsFree(text: string, end: number, { length, starts_word, ends_word }: Ending): boolean {
  const start = end - length
  if (starts_word && start > 0 && isWord(text.charCodeAt(start - 1))) return false
  return !(ends_word && end < text.length && isWord(text.charCodeAt(end)))
}

function isWord(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || unit === 95 || (unit >= 97 && unit <= 122)
}
