import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { createRuleJudges, createRuleTraceJudges, type JudgesConfig, ruleJudgeLabels } from '../judges/catalogue.ts'
import { type CustomJudges, createCustomJudges } from '../judges/custom/custom-judges.ts'
import { createCustomJudgeLane } from '../judges/custom/lane.ts'
import { type LoadedBundle, loadBundle } from '../judges/custom/load-bundle.ts'
import type { Judge, TraceJudge } from '../judges/judge.ts'
import { CUSTOM_PATTERNS } from '../judges/rules/custom-patterns.ts'
import { SANDBOX, THREAD } from './custom-judges.ts'

export interface ListedJudge {
  readonly name: string
  /** '' where its code cannot be loaded. */
  readonly version: string
  readonly unit: 'span' | 'trace' | 'session'
  readonly tier: string
  readonly source: 'shipped' | 'patterns' | 'custom'
  readonly enabled: boolean
  /** null: any. */
  readonly labels: readonly string[] | null
  /** What it finds. */
  readonly finds: string
  readonly pattern_count: number
  /** Its section of the configuration, with all defaults. */
  readonly config: unknown
  /** Why its code cannot be loaded, '' where it can. */
  readonly problem: string
}

export type AnyJudge =
  | { readonly unit: 'span'; readonly judge: Judge }
  | { readonly unit: 'trace'; readonly judge: TraceJudge }

/** All judges of a configuration, those that are switched off among them, ready to be tried. */
export interface JudgeLibrary {
  readonly judges: readonly ListedJudge[]
  /** undefined where there is none of this name, or its code cannot be loaded. */
  find(name: string): AnyJudge | undefined
  close(): Promise<void>
}

export interface JudgeLibraryOptions {
  readonly clock: Clock
  /** Where relative files and packages are looked for. */
  readonly directory: string
}

interface LoadedCustom {
  readonly custom: CustomJudges
  readonly config: JudgesConfig['custom']
  readonly loaded: ReadonlyMap<string, LoadedBundle>
}

export async function openJudgeLibrary(config: JudgesConfig, options: JudgeLibraryOptions): Promise<JudgeLibrary> {
  const { custom, config: entries, loaded } = await loadCustom(config, options)
  const all = { ...allEnabled(config), custom: entries.map((entry) => ({ ...entry, enabled: true })) }
  const spans = createRuleJudges(all, custom)
  const traces = createRuleTraceJudges(all, custom)
  const known = new Map<string, AnyJudge>([
    ...spans.map((judge): [string, AnyJudge] => [judge.name, { unit: 'span', judge }]),
    ...traces.map((judge): [string, AnyJudge] => [judge.name, { unit: 'trace', judge }]),
  ])
  const finds = shippedFinds()

  const shipped = Object.entries(ruleJudgeLabels).map(([name, labels]): ListedJudge => {
    const section = config[name as keyof typeof ruleJudgeLabels]
    return {
      ...described(name, known.get(name)!),
      source: 'shipped',
      enabled: section.enabled,
      labels,
      finds: finds.get(name) ?? '',
      config: section,
    }
  })
  const patterns = known.get(CUSTOM_PATTERNS)
  const own = patterns && {
    ...described(CUSTOM_PATTERNS, patterns),
    source: 'patterns' as const,
    enabled: true,
    labels: [...new Set(config.patterns.map(({ label }) => label))],
    finds: `your own patterns: ${config.patterns.map(({ name }) => name).join(', ')}`,
    config: config.patterns,
  }
  const modules = entries.map((entry): ListedJudge => {
    const bundle = loaded.get(entry.name)!
    const found = known.get(entry.name)
    const manifest = bundle.ok ? bundle.bundle.manifest : null
    return {
      ...(found
        ? described(entry.name, found)
        : { name: entry.name, version: '', unit: 'span', tier: 'rule', pattern_count: 0 }),
      source: 'custom',
      enabled: entry.enabled,
      labels: manifest?.labels ?? null,
      finds: manifest?.description || `what ${entry.file ?? entry.package} looks for`,
      config: entry,
      problem: bundle.ok ? '' : bundle.problem,
    }
  })
  return {
    judges: [...shipped, ...(own ? [own] : []), ...modules],
    find: (name) => known.get(name),
    close: () => custom.close(),
  }
}

function described(name: string, { judge }: AnyJudge) {
  const { version, unit, tier, patterns = [] } = judge
  return { name, version, unit, tier, pattern_count: patterns.length, problem: '' }
}

function allEnabled(config: JudgesConfig): JudgesConfig {
  const enabled = Object.keys(ruleJudgeLabels).map((name) => {
    const section = config[name as keyof typeof ruleJudgeLabels]
    return [name, { ...section, enabled: true }]
  })
  return { ...config, ...(Object.fromEntries(enabled) as object) }
}

async function loadCustom(config: JudgesConfig, { clock, directory }: JudgeLibraryOptions): Promise<LoadedCustom> {
  const loaded = new Map<string, LoadedBundle>()
  const texts = new Map<string, string>()
  const entries: JudgesConfig['custom'] = []
  for (const entry of config.custom) {
    const bundle = await loadBundle(entry, { sandbox: SANDBOX, directory, resolvePath: resolve, clock })
    loaded.set(entry.name, bundle)
    if (bundle.ok) texts.set(bundle.sha256, bundle.text)
    const { sha256: _, ...rest } = entry
    entries.push(bundle.ok ? { ...rest, sha256: bundle.sha256 } : rest)
  }
  const lane = createCustomJudgeLane({ thread: THREAD, clock })
  return {
    custom: createCustomJudges({ lane, bundleText: (sha256) => texts.get(sha256) ?? null }),
    config: entries,
    loaded,
  }
}

/** What the shipped judges find is written once, in docs/judges.md: the second column of their rows. */
function shippedFinds(): ReadonlyMap<string, string> {
  const page = readFileSync(new URL('../docs/judges.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z_]+)` +\| ([^|]+?) +\|/gm)]
  // Links of the page are paths where there is no page.
  const plain = (text: string) => text.replaceAll(/\[[^\]]*\]\(([^)]*)\)/g, 'docs/$1')
  return new Map(rows.toReversed().map(([, name, finds]) => [name!, plain(finds!)]))
}
