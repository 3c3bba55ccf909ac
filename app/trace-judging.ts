import type { Clock } from '../core/clock.ts'
import { boundedLabel, type Metrics } from '../core/metrics.ts'
import { createRuleTraceJudges, type JudgesConfig } from '../judges/catalogue.ts'
import type { CustomJudges } from '../judges/custom/custom-judges.ts'
import type { TraceWants } from '../judges/trace-wants.ts'
import type { TraceWish } from '../stream-processors/assemble/candidates.ts'
import { MAX_PROJECT_LABELS } from '../stream-processors/judge-rules/judge-rules.ts'
import { createJudgeTraces, type JudgeTraces } from '../stream-processors/judge-rules/judge-traces.ts'
import { type JudgesOfProjects, judgesOfProject } from './project-settings.ts'

/** The judges of whole traces, by project. */
export interface TraceJudging {
  judgesOf(project: string): JudgeTraces
  /** Which of the traces of these projects they want to see. */
  wishes(projects: readonly string[]): readonly TraceWish[]
}

interface Judged {
  readonly judge: JudgeTraces
  readonly wants: readonly TraceWants[]
}

export interface TraceJudgingOptions {
  readonly metrics: Pick<Metrics, 'judgeDuration' | 'evaluations'>
  readonly clock: Clock
  /** Runs the users' own modules; without it they are left out. */
  readonly custom?: CustomJudges
}

export function createTraceJudging(
  config: JudgesOfProjects,
  { metrics, clock, custom }: TraceJudgingOptions,
): TraceJudging {
  const projectLabel = boundedLabel(MAX_PROJECT_LABELS)
  const made = new Map<string, Judged>()
  const common = judgedBy(config.judges)
  const projects = new Map(
    Object.keys(config.projects).map((project) => [project, judgedBy(judgesOfProject(config, project))]),
  )
  const of = (project: string) => projects.get(project) ?? common

  /** Projects whose judges are the same share them. */
  function judgedBy(judgesConfig: JudgesConfig): Judged {
    const key = JSON.stringify(judgesConfig)
    const known = made.get(key)
    if (known) return known
    const judges = createRuleTraceJudges(judgesConfig, custom)
    const wants = judges.map((judge) => judge.wants)
    const judged: Judged = { judge: createJudgeTraces({ judges, metrics, clock, projectLabel }), wants }
    made.set(key, judged)
    return judged
  }

  return {
    judgesOf: (project) => of(project).judge,
    wishes: (names) =>
      [...Map.groupBy(names, (project) => of(project).wants)].flatMap(([wants, projects]) =>
        wants.length === 0 ? [] : [{ projects, wants }],
      ),
  }
}
