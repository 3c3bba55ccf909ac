/** USD per million tokens. */
export interface Rates {
  readonly input: number
  readonly output: number
  /** Tokens read from the prompt cache; default `input`. */
  readonly cached_input?: number
  /** Tokens written to the prompt cache (5 minutes); default `input`. */
  readonly cache_write?: number
  /** Reasoning tokens; default `output`. */
  readonly reasoning?: number
}

export interface ModelPrice extends Rates {
  /** The vendor's name of the model, without a date unless the dated version has a price of its own. */
  readonly id: string
  readonly aliases?: readonly string[]
  /** Rates of the whole request once its input, cache included, exceeds a length. */
  readonly long_context?: Rates & { readonly above_input_tokens: number }
}

export interface VendorPrices {
  readonly vendor: string
  /** Where the prices were read. */
  readonly source: string
  readonly models: readonly ModelPrice[]
}

/** One price list, `schemas/prices/<version>.json`. A published file never changes; a correction is a new file. */
export interface PriceFile {
  /** The date of the list. */
  readonly version: string
  readonly vendors: readonly VendorPrices[]
}
