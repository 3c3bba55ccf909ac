import { z } from 'zod'
import { projectName } from '../core/api-keys.ts'
import { rateLimits } from '../core/rate-limits.ts'
import { type JudgesConfig, judgesConfig } from '../judges/catalogue.ts'
import { type ConfigProblem, formatPath } from './config-problem.ts'

const MAX_PROJECTS = 1_000

/** What one project has different from the others. */
const projectSettings = z.strictObject({
  judges: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Laid over `judges`, in the same form: mappings are merged, values and lists replace what is there.'),
  rate_limits: rateLimits.optional().describe('Laid over `ingest.rate_limits`; null lifts a limit.'),
})

/** The `projects:` section of evalforge.yaml, by project; `projectProblems` says what this form cannot. */
export const projectsConfig = z.record(z.string(), projectSettings).default({})

export type ProjectsConfig = z.infer<typeof projectsConfig>

export interface JudgesOfProjects {
  readonly judges: JudgesConfig
  readonly projects: ProjectsConfig
}

/** What holds for a project. The configuration was validated as a whole, so this cannot fail. */
export function judgesOfProject({ judges, projects }: JudgesOfProjects, project: string): JudgesConfig {
  const own = Object.hasOwn(projects, project) ? projects[project]?.judges : undefined
  return own === undefined ? judges : judgesConfig.parse(layOver(judges, own))
}

/**
 * What is wrong with the names of projects, their number, and their judges once they are laid over the common ones. Takes
 * values as they were written, so that it can be said together with everything else that is wrong with them.
 */
export function projectProblems(raw: unknown): readonly ConfigProblem[] {
  if (!isMapping(raw) || !isMapping(raw.projects)) return []
  const common = isMapping(raw.judges) ? raw.judges : {}
  const known = new Set(issuesOf(common).map(({ path, message }) => `${path}: ${message}`))
  const projects = Object.entries(raw.projects)
  if (projects.length > MAX_PROJECTS) return [{ path: 'projects', message: `must be at most ${MAX_PROJECTS}.` }]
  return projects.flatMap(([name, settings]) => {
    const named = projectName.safeParse(name).error?.issues ?? []
    const own = isMapping(settings) && isMapping(settings.judges) ? settings.judges : {}
    const found = issuesOf(layOver(common, own)).filter(({ path, message }) => !known.has(`${path}: ${message}`))
    return [
      ...named.map(({ message }) => ({ path: formatPath(['projects', name]), message })),
      ...found.map(({ path, message }) => ({
        path: formatPath(['projects', name, 'judges', ...(path === '' ? [] : [path])]),
        message,
      })),
    ]
  })
}

function issuesOf(judges: unknown): ConfigProblem[] {
  const issues = judgesConfig.safeParse(judges).error?.issues ?? []
  return issues.map(({ path, message }) => ({ path: formatPath(path), message }))
}

/** Mappings are merged, at every level; anything else replaces what it is laid over. */
function layOver(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over
  const merged = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(over)) merged.set(key, layOver(merged.get(key), value))
  return Object.fromEntries(merged)
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
