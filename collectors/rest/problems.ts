import type { z } from 'zod'
import { MEMBERS } from './trace-schema.ts'

/** One thing that is wrong, for the sender: a JSONPath (RFC 9535) from the root of the body, and what to change. */
export interface Problem {
  readonly path: string
  readonly message: string
}

export type Path = readonly (string | number)[]

/** More help nobody, and each costs memory. */
export const MAX_PROBLEMS = 100
const MAX_NAME = 100

/** All that a schema found, at most MAX_PROBLEMS. Names members as they were sent, never values. */
export function problemsOf(error: z.ZodError, root: Path): readonly Problem[] {
  const problems: Problem[] = []
  for (const issue of error.issues) {
    if (problems.length >= MAX_PROBLEMS) break
    const path = [...root, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
    if (issue.code !== 'unrecognized_keys') problems.push(problem(path, issue.message))
    else for (const key of issue.keys) problems.push(problem([...path, key], unknownMember(key)))
  }
  return problems.slice(0, MAX_PROBLEMS)
}

export function problem(path: Path, message: string): Problem {
  return { path: jsonPath(path), message }
}

function unknownMember(key: string): string {
  const meant = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return meant !== key && MEMBERS.has(meant)
    ? `is unknown here: write ${meant}`
    : 'is unknown here: put what is your own into metadata'
}

/** `$.traces[0].usage['odd name']` */
export function jsonPath(path: Path): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`
    if (/^[A-Za-z_]\w*$/.test(step)) return `.${step.slice(0, MAX_NAME)}`
    return `[${JSON.stringify(step.slice(0, MAX_NAME))}]`
  })
  return `$${steps.join('')}`
}
