import { readdirSync, readFileSync } from 'node:fs'
import type { PriceFile } from '../schemas/prices/price-file.ts'

const FOLDER = new URL('../schemas/prices/', import.meta.url)

/** The newest price list we ship. Older ones stay in the folder: rows name the version they were priced with. */
export function readPrices(): PriceFile {
  const newest = readdirSync(FOLDER)
    .filter((name) => /^\d{4}-\d{2}-\d{2}\.json$/.test(name))
    .sort()
    .at(-1)
  if (!newest) throw new Error(`no price list in ${FOLDER.pathname}`)
  return JSON.parse(readFileSync(new URL(newest, FOLDER), 'utf8')) as PriceFile
}
