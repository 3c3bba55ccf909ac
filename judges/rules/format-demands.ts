/** What can be counted in an answer. */
export type CountUnit =
  | 'words'
  | 'sentences'
  | 'paragraphs'
  | 'bullets'
  | 'placeholders'
  | 'highlights'
  | 'sections'
  | 'capital_words'

/** A plain instruction about the form of the whole answer, as far as it can be checked without a model. */
export type FormatInstruction =
  | {
      readonly kind: 'count'
      readonly unit: CountUnit
      readonly min: number
      readonly max: number
      readonly marker: string
    }
  | {
      readonly kind: 'frequency'
      readonly word: string
      readonly is_letter: boolean
      readonly min: number
      readonly max: number
    }
  | { readonly kind: 'no_comma' | 'lowercase' | 'uppercase' | 'quoted' | 'title' | 'json' }
  | { readonly kind: 'ending' | 'postscript' | 'separator'; readonly text: string }
  | { readonly kind: 'keywords' | 'forbidden' | 'options'; readonly texts: readonly string[] }
  | { readonly kind: 'first_word'; readonly paragraph: number; readonly text: string }
  | { readonly kind: 'repeat'; readonly request: string }

/** One sentence of a request. */
export interface Sentence {
  /** Folded. */
  readonly words: readonly string[]
  /** The whole message, and where the sentence and its words stand in it. */
  readonly text: string
  readonly start: number
  readonly end: number
  readonly ends: readonly number[]
}

const NEGATIONS = new Set(
  "no not don't without avoid avoiding refrain never cannot can't exclude excluding doesn't omit aren't isn't shouldn't mustn't nor".split(
    ' ',
  ),
)

export const isNegated = ({ words }: Sentence, at: number, reach = 8): boolean => {
  for (let i = Math.max(0, at - reach); i < at; i++) if (NEGATIONS.has(words[i]!)) return true
  return false
}
