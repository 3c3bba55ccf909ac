/**
 * The affix file of a Hunspell dictionary (hunspell(5)), as far as it decides whether a word exists: prefixes and suffixes
 * with their conditions, what may not stand alone, and whether the language builds compounds.
 */
export interface AffixFile {
  readonly flag_type: FlagType
  /** Affixes by their letters: prefixes from the start of a word, suffixes from its end. */
  readonly prefixes: AffixNode
  readonly suffixes: AffixNode
  /** Flags of suffixes that stand behind another suffix. */
  readonly second_suffixes: ReadonlySet<number>
  /** Flags of stems; NO_FLAG where the language has none. */
  readonly forbidden: number
  readonly need_affix: number
  readonly only_in_compound: number
  readonly circumfix: number
  readonly compounds: boolean
  /** Written form to the form of the dictionary. */
  readonly conversions: readonly (readonly [string, string])[]
}

export type FlagType = 'character' | 'pair' | 'number'
export const NO_FLAG = -1

export interface AffixNode {
  readonly next: Map<number, AffixNode>
  /** Affixes that end here, by what they replace. */
  readonly groups: AffixGroup[]
}

export interface AffixGroup {
  readonly strip: string
  readonly affixes: Affix[]
}

export interface Affix {
  readonly flag: number
  /** May stand together with an affix at the other end. */
  readonly cross: boolean
  /** Of the stem's end (suffix) or start (prefix), one entry per character; empty for any. */
  readonly condition: readonly CharacterSet[]
  /** Flags of the word that the affix makes. */
  readonly continuation: readonly number[]
}

interface CharacterSet {
  readonly characters: string
  readonly negated: boolean
}

/** The encoding that `SET` names; the file is read as Latin-1 to find it. */
export const encodingOf = (latin1: string): string => /^SET[ \t]+(\S+)/m.exec(latin1)?.[1] ?? 'iso-8859-1'

/** Throws a TypeError for what it does not read: aliases of flags (AF), as in the Hungarian dictionary. */
export function parseAffixFile(text: string): AffixFile {
  const lines = text.split(/\r?\n/)
  const single = new Map<string, string>()
  const conversions: [string, string][] = []
  const second_suffixes = new Set<number>()
  const prefixes = newNode()
  const suffixes = newNode()
  const flagLine = lines.find((line) => line.startsWith('FLAG '))?.split(/\s+/)[1] ?? ''
  const flag_type: FlagType = flagLine === 'long' ? 'pair' : flagLine === 'num' ? 'number' : 'character'
  const crossing = new Map<string, boolean>()
  const conditionOf = remembering(parseCondition)
  const flagsOf = remembering((flags) => parseFlags(flags, flag_type))
  for (const line of lines) {
    if (line === '' || line.startsWith('REP') || line.startsWith('#')) continue
    const [keyword = '', first = '', second = '', third = '', fourth = '.'] = line.split(/\s+/)
    if (keyword === 'AF') throw new TypeError('it uses aliases of flags (AF), which are not read')
    if (keyword === 'PFX' || keyword === 'SFX') {
      const kind = `${keyword} ${first}`
      if (!crossing.has(kind)) {
        crossing.set(kind, second === 'Y')
        continue
      }
      const [add = '', flags = ''] = third.split('/')
      const continuation = flagsOf(flags)
      if (keyword === 'SFX') for (const flag of continuation) second_suffixes.add(flag)
      addAffix(keyword === 'PFX' ? prefixes : suffixes, {
        add: add === '0' ? '' : add,
        from_end: keyword === 'SFX',
        strip: second === '0' ? '' : second,
        affix: {
          flag: flagsOf(first)[0] ?? NO_FLAG,
          cross: crossing.get(kind) === true,
          condition: conditionOf(fourth),
          continuation,
        },
      })
    } else if (keyword === 'ICONV' && second !== '') conversions.push([first, second])
    else single.set(keyword, first)
  }
  const flag = (keyword: string) => parseFlags(single.get(keyword) ?? '', flag_type)[0] ?? NO_FLAG
  return {
    flag_type,
    prefixes,
    suffixes,
    second_suffixes,
    forbidden: flag('FORBIDDENWORD'),
    need_affix: flag('NEEDAFFIX'),
    only_in_compound: flag('ONLYINCOMPOUND'),
    circumfix: flag('CIRCUMFIX'),
    compounds: single.has('COMPOUNDBEGIN') || single.has('COMPOUNDFLAG'),
    conversions,
  }
}

/** Thousands of lines share some dozens of conditions and flags. */
function remembering<Value>(parse: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    let value = known.get(text)
    if (value === undefined) {
      value = parse(text)
      known.set(text, value)
    }
    return value
  }
}

const newNode = (): AffixNode => ({ next: new Map(), groups: [] })

interface Entry {
  readonly add: string
  readonly from_end: boolean
  readonly strip: string
  readonly affix: Affix
}

function addAffix(root: AffixNode, entry: Entry): void {
  const { add, from_end } = entry
  let node = root
  for (let i = 0; i < add.length; i++) {
    const code = add.charCodeAt(from_end ? add.length - 1 - i : i)
    let next = node.next.get(code)
    if (next === undefined) {
      next = newNode()
      node.next.set(code, next)
    }
    node = next
  }
  const group = node.groups.find(({ strip }) => strip === entry.strip)
  if (group === undefined) node.groups.push({ strip: entry.strip, affixes: [entry.affix] })
  else group.affixes.push(entry.affix)
}

function parseCondition(condition: string): CharacterSet[] {
  if (condition === '.') return []
  const sets: CharacterSet[] = []
  for (const [piece] of condition.matchAll(/\[[^\]]*\]|./g)) {
    if (piece === '.') sets.push({ characters: '', negated: true })
    else if (piece.length === 1) sets.push({ characters: piece, negated: false })
    else if (piece[1] === '^') sets.push({ characters: piece.slice(2, -1), negated: true })
    else sets.push({ characters: piece.slice(1, -1), negated: false })
  }
  return sets
}

export function parseFlags(flags: string, type: FlagType): number[] {
  if (type === 'number') return flags === '' ? [] : flags.split(',').map(Number)
  const numbers: number[] = []
  const width = type === 'pair' ? 2 : 1
  for (let i = 0; i + width <= flags.length; i += width) {
    numbers.push(width === 1 ? flags.charCodeAt(i) : (flags.charCodeAt(i) << 16) | flags.charCodeAt(i + 1))
  }
  return numbers
}
