import type { Hit, Pattern } from '../judge.ts'

/** How answers cite: what a citation looks like, and how prompts ask for one. */

const SOURCE_WORDS =
  'doc|docs|document|documents|source|sources|passage|passages|ref|reference|references|chunk|quelle|dokument|fuente|documento'

export const CITATION_PATTERNS: readonly Pattern[] = [
  {
    id: 'number',
    source: '\\[ ?(\\d{1,3}(?: ?[,;–-] ?\\d{1,3}){0,9}) ?\\]',
    literals: Array.from('0123456789', (digit) => `[${digit}`),
    fields: ['output'],
  },
  { id: 'footnote', source: '\\[\\^([\\w-]{1,20})\\]', literals: ['[^'], fields: ['output'] },
  { id: 'lenticular', source: '【(\\d{1,3})†', literals: ['【'], fields: ['output'] },
  {
    id: 'named',
    source: `[(\\[](?:${SOURCE_WORDS})\\.?[ :#]{1,3}(\\d{1,3})[)\\]]`,
    literals: SOURCE_WORDS.split('|').flatMap((word) => [`(${word}`, `[${word}`]),
    case_insensitive: true,
    fields: ['output'],
  },
  {
    id: 'url',
    source: 'https?://[^\\s<>()\\[\\]{}"\'`|\\\\]{4,200}',
    literals: ['http://', 'https://'],
    fields: ['output'],
  },
  {
    id: 'file',
    source: '[A-Za-z0-9_-][\\w.-]{0,80}\\.(?:pdf|docx?|xlsx?|pptx?|csv|txt|md|html?)\\b',
    literals: ['.pdf|', '.doc', '.xls', '.ppt', '.csv|', '.txt|', '.md|', '.htm'],
    fields: ['output'],
  },
]

export const DEMAND_PATTERN: Pattern = {
  id: 'demand',
  source:
    '\\b(?:cite (?:your|the|all|every|each|its|relevant|sources?|documents?|passages?)|always cite|must cite|(?:include|add|provide|use|give|with) (?:inline |in-text |source |proper )?(?:citations|references to the (?:sources?|documents?)|a citation))\\b',
  literals: ['cite', 'citation', 'references to the'],
  case_insensitive: true,
  fields: ['system', 'input'],
}

const FORBIDS =
  /\b(?:not|never|no|without|don['’]t|avoid|instead of|need to|how (?:do|to|should)|if you|unless|when you)\b[^.!?\n]*$/i

/** Whether the words of a demand really are one: not forbidden, not conditional, not asked about. */
export const isDemanded = ({ before }: Hit): boolean => !FORBIDS.test(before)

/** The numbers of a citation such as `[1, 3-5]`; [] for brackets that are data: intervals, arrays, indexes. */
export function citedNumbers({ pattern, match, before, after }: Hit): readonly number[] {
  if (pattern === 'number' && !(followsText(before) && isOutside(after))) return []
  return match
    .split(/[^\d]+/)
    .filter((digits) => digits !== '')
    .map(Number)
}

/** A citation stands behind what it supports: a word or the end of a sentence, never an operator or an open bracket. */
function followsText(before: string): boolean {
  const outside = before.replace(/\[ ?$/, '')
  const trimmed = outside.trimEnd()
  if (trimmed === '') return false
  // arr[3] is an index, `word [3]` and `word.[3]` are citations.
  if (trimmed.length === outside.length && /[A-Za-z0-9_)]$/.test(trimmed) && !/[a-z]{4,}$|\d%$/i.test(trimmed))
    return false
  return (
    /[\p{L}\p{N}.,;!?"”’»)\]*_%]$/u.test(trimmed) &&
    !/\b(?:array|list|vector|range|interval|input|output|index|returns?|in|is|of|be|nums?)$/i.test(trimmed)
  )
}

/** `[3](` is the text of a link; hits hold group 1, so that the bracket is still to come. */
const isOutside = (after: string) => !/^ ?\]\(/.test(after)

const SOURCE_SIGNS =
  /[[【]|https?:\/\/|\(\d{1,3}\)|[¹²³⁴-⁹]|\b(?:sources?|documents?|passages?|according to|as (?:stated|described|noted) in|quellen?|laut|fuentes?|selon|cited?)\b|§|\.(?:pdf|docx?|html?|md)\b|\((?:[A-Z]\w+(?: et al\.)?,? )?\d{4}\)/iu

/** Whether an answer names a source in any form at all. */
export const mentionsSource = (text: string): boolean => SOURCE_SIGNS.test(text)
