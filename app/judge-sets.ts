import type { Clock } from '../core/clock.ts'
import { boundedLabel, type Metrics } from '../core/metrics.ts'
import { createRuleJudges, type JudgesConfig } from '../judges/catalogue.ts'
import type { CustomJudges } from '../judges/custom/custom-judges.ts'
import type { Judge } from '../judges/judge.ts'
import { createPatternSet, type PatternSet } from '../judges/pattern-set.ts'
import { createJudgeRules, type JudgeRules, MAX_PROJECT_LABELS } from '../stream-processors/judge-rules/judge-rules.ts'
import { type JudgesOfProjects, judgesOfProject } from './project-settings.ts'

/** Compiled patterns take about 8 MB a set, and compiling them a tenth of a second. */
const MAX_PATTERN_SETS = 32

/** The judges of a project. */
export type Judging = (project: string) => JudgeRules

export interface JudgeSets {
  /** Compiles what is missing in one go. */
  compile(config: JudgesOfProjects): Judging
  /** The same, giving everybody else a turn between two sets. */
  prepare(config: JudgesOfProjects): Promise<Judging>
}

export interface JudgeSetsOptions {
  readonly metrics: Pick<Metrics, 'judgeDuration' | 'evaluations' | 'textsCut'>
  readonly clock: Clock
  /** Runs the users' own modules; without it they are left out. */
  readonly custom?: CustomJudges
}

/**
 * One set of judges for each different configuration of them: projects that agree share it, and sets whose judges look for
 * the same patterns share those. What is in use somewhere is not compiled again; what is not may go.
 */
export function createJudgeSets({ metrics, clock, custom }: JudgeSetsOptions): JudgeSets {
  const sets = createWeakMemory<JudgeRules>()
  const patternSets = createWeakMemory<PatternSet>()
  const projectLabel = boundedLabel(MAX_PROJECT_LABELS)

  function setOf(config: JudgesConfig): JudgeRules {
    return sets.get(JSON.stringify(config), () => {
      const judges = createRuleJudges(config, custom)
      const patterns = patternSets.get(patternsKey(judges), () => createPatternSet(judges))
      return createJudgeRules({ judges, patterns, metrics, clock, projectLabel })
    })
  }

  function judgingOf(common: JudgeRules, projects: ReadonlyMap<string, JudgeRules>): Judging {
    return (project) => projects.get(project) ?? common
  }

  return {
    compile(config) {
      const projects = Object.keys(config.projects)
      return judgingOf(
        setOf(config.judges),
        new Map(projects.map((project) => [project, setOf(judgesOfProject(config, project))])),
      )
    },
    async prepare(config) {
      const common = setOf(config.judges)
      const projects = new Map<string, JudgeRules>()
      for (const project of Object.keys(config.projects)) {
        await clock.sleep(0)
        projects.set(project, setOf(judgesOfProject(config, project)))
      }
      return judgingOf(common, projects)
    },
  }
}

/** '' where so many different patterns fit into memory, else what is wrong. */
export function patternSetsProblem(config: JudgesOfProjects): string {
  const configs = Object.keys(config.projects).map((project) => judgesOfProject(config, project))
  const different = new Map([config.judges, ...configs].map((judges) => [JSON.stringify(judges), judges]))
  const sets = new Set([...different.values()].map((judges) => patternsKey(createRuleJudges(judges))))
  return sets.size <= MAX_PATTERN_SETS
    ? ''
    : `make ${sets.size} different sets of patterns, and at most ${MAX_PATTERN_SETS} are compiled; let more projects ` +
        'share which judges are enabled, their severities `none` and their own patterns.'
}

function patternsKey(judges: readonly Judge[]): string {
  return JSON.stringify(judges.map(({ patterns }) => patterns ?? []))
}

/** Remembers a value for as long as somebody uses it. */
function createWeakMemory<Value extends WeakKey>() {
  const known = new Map<string, WeakRef<Value>>()
  return {
    get(key: string, make: () => Value): Value {
      const value = known.get(key)?.deref() ?? make()
      known.set(key, new WeakRef(value))
      for (const [other, reference] of known) if (reference.deref() === undefined) known.delete(other)
      return value
    },
  }
}
