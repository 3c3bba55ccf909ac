import { createHash } from 'node:crypto'
import { z } from 'zod'
import { TEXT_FIELDS } from '../judge.ts'
import { MAX_HITS_PER_PATTERN } from '../pattern-set.ts'
import { checkLiterals, checkReach, ownLiterals } from '../rules/own-pattern.ts'
import { patternSource } from '../rules/rule-judge.ts'

/** JSON of a whole bundle. */
export const MAX_BUNDLE_BYTES = 4 << 20
const MAX_MODULES = 500
const MAX_PATTERNS = 50

export const LABEL = /^[a-z][a-z0-9_]{0,63}$/
const label = z.string().regex(LABEL, 'small letters, digits and _, at most 64, a letter first.')

const pattern = z.strictObject({
  id: z.string().min(1).max(64),
  source: patternSource,
  literals: ownLiterals.exactOptional(),
  min_digits: z.number().int().min(1).max(64).exactOptional(),
  case_insensitive: z.boolean().exactOptional(),
  fields: z.array(z.enum(TEXT_FIELDS)).min(1),
})

/** What a module says of the judge it exports, once it was given its configuration. */
const manifest = z.strictObject({
  version: z.string().min(1).max(64),
  unit: z.enum(['span', 'trace']).default('span'),
  description: z.string().max(1_000).default(''),
  /** null: any label. */
  labels: z.array(label).max(100).nullable().default(null),
  patterns: z.array(pattern.superRefine(checkReach)).max(MAX_PATTERNS).superRefine(checkLiterals).default([]),
})

export type Manifest = z.infer<typeof manifest>

const MODULE_FORMATS = ['module', 'commonjs', 'module-typescript', 'commonjs-typescript', 'json'] as const

/**
 * A user's judge as it was when its configuration was applied: every module that it loads, so that it gives the same verdicts
 * later whatever has become of its files. URLs are made up; they keep how the files lie to each other.
 */
const bundle = z.strictObject({
  entry: z.string(),
  modules: z
    .array(z.strictObject({ url: z.string(), format: z.enum(MODULE_FORMATS), source: z.string() }))
    .max(MAX_MODULES),
  /** What each import of a module means. */
  imports: z.array(z.strictObject({ parent: z.string(), specifier: z.string(), url: z.string() })),
  manifest,
})

export type Bundle = z.infer<typeof bundle>

/** Parses what a sandbox says it loaded, or what was kept; throws TypeError with what is wrong. */
export function readBundle(value: unknown): Bundle {
  const parsed = bundle.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? [])
    .map(String)
    .join('.')
    .replace(/^manifest\./, '')
  throw new TypeError(`${path}: ${issue?.message ?? 'not valid'}`)
}

/** A fixed form: the same files and configuration give the same bytes on every machine. */
export function bundleText({ entry, modules, imports, manifest }: Bundle): string {
  const byKey = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return JSON.stringify({
    entry,
    modules: modules.toSorted((a, b) => byKey(a.url, b.url)),
    imports: imports.toSorted((a, b) => byKey(a.parent, b.parent) || byKey(a.specifier, b.specifier)),
    manifest,
  })
}

export const bundleSha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** At most so many places in one verdict. */
export const MAX_EVIDENCE = MAX_HITS_PER_PATTERN
