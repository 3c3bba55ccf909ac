import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { boundedLabel, type Metrics } from '../core/metrics.ts'
import { bundleSha256 } from '../judges/custom/bundle.ts'
import type { CustomJudgeEntry } from '../judges/custom/custom-config.ts'
import { type CustomJudges, createCustomJudges } from '../judges/custom/custom-judges.ts'
import { createCustomJudgeLane } from '../judges/custom/lane.ts'
import { type LoadedBundle, loadBundle } from '../judges/custom/load-bundle.ts'
import { type Config, ConfigError } from './config.ts'
import type { PinConfig } from './config-control.ts'
import type { ConfigProblem } from './config-problem.ts'
import { customEntries, type PlacedEntry } from './custom-entries.ts'
import { isSame, type LiveConfig } from './live-config.ts'
import type { Logger } from './logger.ts'
import { type JudgesOfProjects, judgesOfProject } from './project-settings.ts'

const MAX_JUDGE_LABELS = 200
export const SANDBOX = new URL('processes/judge-sandbox.ts', import.meta.url)
export const THREAD = new URL('processes/custom-judge-thread.ts', import.meta.url)

/** The code of users' judges as it was put in force, by its hash: what is judged again is judged by the same code. */
export interface BundleFiles {
  /** null where it is not there, or not whole. */
  text(sha256: string): string | null
  keep(sha256: string, text: string): void
  /** Deletes what no version that can still come into force names. */
  keepOnly(isNamed: (sha256: string) => boolean): void
}

export function createBundleFiles(directory: string): BundleFiles {
  const fileOf = (sha256: string) => join(directory, `${sha256}.json`)

  function text(sha256: string): string | null {
    try {
      const found = readFileSync(fileOf(sha256), 'utf8')
      return bundleSha256(found) === sha256 ? found : null
    } catch {
      return null
    }
  }

  return {
    text,
    keep(sha256, content) {
      if (text(sha256) !== null) return
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      const fresh = `${fileOf(sha256)}.new`
      writeFileSync(fresh, content, { mode: 0o600, flush: true })
      renameSync(fresh, fileOf(sha256))
    },
    keepOnly(isNamed) {
      for (const name of existsSync(directory) ? readdirSync(directory) : [])
        if (!isNamed(name.replace(/\.json$/, ''))) rmSync(join(directory, name), { force: true })
    },
  }
}

export interface LoadingOptions {
  readonly clock: Clock
  /** Where relative files and packages are looked for. */
  readonly directory: string
}

interface Loaded extends PlacedEntry {
  readonly loaded: LoadedBundle
}

/** Loads every enabled one from its files, each in a sandbox, one after the other. */
async function loadAll(config: JudgesOfProjects, { clock, directory }: LoadingOptions): Promise<readonly Loaded[]> {
  const known = new Map<string, LoadedBundle>()
  const all: Loaded[] = []
  for (const placed of customEntries(config)) {
    const { entry } = placed
    if (!entry.enabled) continue
    const key = JSON.stringify([entry.file, entry.package, entry.config, entry.memory_limit_mb])
    const loaded =
      known.get(key) ?? (await loadBundle(entry, { sandbox: SANDBOX, directory, resolvePath: resolve, clock }))
    known.set(key, loaded)
    all.push({ ...placed, loaded: checked(entry, loaded) })
  }
  return all
}

function checked({ sha256 }: CustomJudgeEntry, loaded: LoadedBundle): LoadedBundle {
  if (!loaded.ok || sha256 === undefined || sha256 === loaded.sha256) return loaded
  return { ok: false, problem: `the code has the sha256 ${loaded.sha256}, not the one that is written here.` }
}

const problemsOf = (all: readonly Loaded[]): ConfigProblem[] =>
  all.flatMap(({ path, loaded }) => (loaded.ok ? [] : [{ path, message: loaded.problem }]))

/** Tries all of them, for `config check`. Throws ConfigError with everything that is wrong, by path. */
export async function requireCustomJudges(config: Config, options: LoadingOptions & { source: string }): Promise<void> {
  const problems = problemsOf(await loadAll(config, options))
  if (problems.length > 0) throw new ConfigError(options.source, problems)
}

export interface PinOptions extends LoadingOptions {
  readonly bundles: BundleFiles
  /**
   * What to do about code that cannot be loaded: `refuse` throws ConfigError; at a start it is told, and the code that is in
   * force for the same entry is kept where there is any.
   */
  readonly broken: 'refuse' | { readonly inForce: LiveConfig | null; readonly tell: (problem: ConfigProblem) => void }
}

/** Keeps the code of all users' judges, and writes its hash beside each: the code belongs to the version. */
export async function pinCustomJudges(config: LiveConfig, options: PinOptions): Promise<LiveConfig> {
  const all = await loadAll(config, options)
  const problems = problemsOf(all)
  const { bundles, broken } = options
  if (broken === 'refuse' && problems.length > 0) throw new ConfigError('The file', problems)
  const hashes = new Map<string, string | undefined>()
  for (const { path, entry, loaded } of all) {
    if (loaded.ok) bundles.keep(loaded.sha256, loaded.text)
    else if (broken !== 'refuse') broken.tell({ path, message: loaded.problem })
    hashes.set(
      path,
      loaded.ok ? loaded.sha256 : broken === 'refuse' ? undefined : hashInForce(entry, path, broken.inForce),
    )
  }
  return hashes.size === 0 ? config : withHashes(config, hashes)
}

function hashInForce(entry: CustomJudgeEntry, path: string, inForce: LiveConfig | null): string | undefined {
  const before = inForce && customEntries(inForce).find((placed) => placed.path === path)?.entry
  return before && isSame({ ...before, sha256: '' }, { ...entry, sha256: '' }) ? before.sha256 : undefined
}

function withHashes(config: LiveConfig, hashes: ReadonlyMap<string, string | undefined>): LiveConfig {
  function pinned(entries: readonly CustomJudgeEntry[], path: string): CustomJudgeEntry[] {
    return entries.map((entry, index) => {
      const { sha256: _, ...rest } = entry
      const sha256 = hashes.get(`${path}[${index}]`)
      return sha256 === undefined ? rest : { ...rest, sha256 }
    })
  }
  const projects = Object.entries(config.projects).map(([project, settings]) => {
    if (settings.judges?.custom === undefined) return [project, settings]
    const custom = pinned(judgesOfProject(config, project).custom, `projects.${project}.judges.custom`)
    return [project, { ...settings, judges: { ...settings.judges, custom } }]
  })
  const judges = { ...config.judges, custom: pinned(config.judges.custom, 'judges.custom') }
  return { ...config, judges, projects: Object.fromEntries(projects) }
}

/** For people; '' where all of them judge. */
export function disabledNote(custom: CustomJudges): string {
  const [first, ...more] = custom.disabled()
  if (first === undefined) return ''
  const others = more.length > 0 ? ` and ${more.length} more` : ''
  return `the judge ${first.name}${others} is disabled (${first.code}: ${first.problem}); mend it, then \`evalforge config apply\``
}

/** As `startConfigControl` wants it. */
export function pinning(
  bundles: BundleFiles,
  { log, clock, directory }: LoadingOptions & { readonly log: Pick<Logger, 'error'> },
): PinConfig {
  return (config, broken) =>
    pinCustomJudges(config, {
      bundles,
      clock,
      directory,
      broken:
        broken === 'refuse' ? broken : { ...broken, tell: (problem) => log.error(problem, 'a judge cannot be loaded') },
    })
}

export interface RunningCustomJudgesOptions {
  readonly bundles: Pick<BundleFiles, 'text'>
  readonly metrics: Pick<Metrics, 'customJudgeFailures' | 'customJudgesDisabled'>
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly clock: Clock
}

/** Runs them, each in a process of its own, all asked by one thread that starts with the first. */
export function runCustomJudges({ bundles, metrics, log, clock }: RunningCustomJudgesOptions): CustomJudges {
  const label = boundedLabel(MAX_JUDGE_LABELS)
  const custom = createCustomJudges({
    lane: createCustomJudgeLane({ thread: THREAD, clock }),
    bundleText: bundles.text,
    onFailure({ name, code, problem }, disabled) {
      metrics.customJudgeFailures.inc({ judge: label(name), code })
      if (disabled)
        log.error({ judge: name, code, reason: problem }, 'a judge is disabled until the configuration changes')
      else log.warn({ judge: name, code, reason: problem }, 'a judge failed on a batch')
      metrics.customJudgesDisabled.set(custom.disabled().length)
    },
  })
  return {
    ...custom,
    renew(entries) {
      custom.renew(entries)
      metrics.customJudgesDisabled.set(custom.disabled().length)
    },
  }
}
