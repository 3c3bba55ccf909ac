import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DoorName } from './hostile-request.ts'

export interface Violation {
  readonly index: number
  readonly door: DoorName
  readonly what: string
  readonly answer: string
  readonly problem: string
}

export interface DoorCount {
  sent: number
  readonly answers: Record<string, number>
  readonly kinds: Record<string, number>
  violations: number
}

/** All that a run needs to go on after its end, whatever ended it. */
export interface RunState {
  readonly seed: number
  readonly requests: number
  /** Where the times in all requests lie: the same in every part of a run. */
  readonly start_ms: number
  /** Every request below this is done, */
  next: number
  /** and of those above it these. */
  done: number[]
  readonly doors: Partial<Record<DoorName, DoorCount>>
  /** The first of them; `violations_total` counts all. */
  readonly violations: Violation[]
  violations_total: number
  /** Bytes of the account that belong to what is done. */
  account_bytes: number
  sending_ms: number
  /** Processes that were started again in earlier parts of the run. */
  restarts: number
}

const FILE = 'state.json'
const MAX_VIOLATIONS = 200

export function newState(options: Pick<RunState, 'seed' | 'requests' | 'start_ms'>): RunState {
  const counts = { violations_total: 0, account_bytes: 0, sending_ms: 0, restarts: 0 }
  return { ...options, ...counts, next: 0, done: [], doors: {}, violations: [] }
}

/** Throws where there is none in the directory. */
export function readState(directory: string): RunState {
  return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as RunState
}

/** The old one or the new one is there at any moment. */
export function writeState(directory: string, state: RunState): void {
  writeFileSync(join(directory, `${FILE}.new`), JSON.stringify(state))
  renameSync(join(directory, `${FILE}.new`), join(directory, FILE))
}

export function count(state: RunState, door: DoorName, seen: { what: string; answer: string }): DoorCount {
  state.doors[door] ??= { sent: 0, answers: {}, kinds: {}, violations: 0 }
  const counted = state.doors[door]
  counted.sent++
  counted.answers[seen.answer] = (counted.answers[seen.answer] ?? 0) + 1
  counted.kinds[seen.what] = (counted.kinds[seen.what] ?? 0) + 1
  return counted
}

export function addViolation(state: RunState, violation: Violation): void {
  state.violations_total++
  if (state.violations.length < MAX_VIOLATIONS) state.violations.push(violation)
  const counted = state.doors[violation.door]
  if (counted !== undefined) counted.violations++
}
