import type { CustomJudgeEntry } from '../judges/custom/custom-config.ts'
import { type JudgesOfProjects, judgesOfProject } from './project-settings.ts'

/** Of all projects together. */
const MAX_PROCESSES = 16

export interface PlacedEntry {
  readonly path: string
  readonly entry: CustomJudgeEntry
}

/** The users' judges of all projects, with the paths where they stand; those that a project takes over stand once. */
export function customEntries(config: JudgesOfProjects): readonly PlacedEntry[] {
  const placed = (path: string, entries: readonly CustomJudgeEntry[]) =>
    entries.map((entry, index) => ({ path: `${path}[${index}]`, entry }))
  const own = Object.keys(config.projects).filter((project) => config.projects[project]?.judges?.custom !== undefined)
  return [
    ...placed('judges.custom', config.judges.custom),
    ...own.flatMap((project) => placed(`projects.${project}.judges.custom`, judgesOfProject(config, project).custom)),
  ]
}

/** '' where so many processes fit beside each other, else what is wrong. */
export function customJudgesProblem(config: JudgesOfProjects): string {
  const enabled = customEntries(config).filter(({ entry }) => entry.enabled)
  const different = new Set(enabled.map(({ entry: { where: _, ...entry } }) => JSON.stringify(entry)))
  return different.size <= MAX_PROCESSES
    ? ''
    : `have ${different.size} different judges of your own with the common ones, and at most ${MAX_PROCESSES} run: each is a process.`
}
