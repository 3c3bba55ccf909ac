import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

export const PRODUCT_VERSION = version

/**
 * Stamped on every row. Raise the second part whenever the same record would give another row (a dialect, a price, a
 * judge): a range begun by another version is then inserted anew and collapses by key instead of by token.
 */
export const PIPELINE_VERSION = `${version}+5`
