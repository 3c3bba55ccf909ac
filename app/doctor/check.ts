import type { Clock } from '../../core/clock.ts'

/** `skipped`: it could not be looked at, and the reason is told elsewhere. */
export type Status = 'ok' | 'warn' | 'fail' | 'skipped'

export interface Finding {
  readonly name: string
  readonly status: Status
  /** What was seen, with figures. */
  readonly found: string
  /** What to do; '' where nothing need be done. */
  readonly advice: string
}

export interface Check {
  readonly name: string
  /** After so long it has failed: something hangs. */
  readonly limit_ms: number
  run(): Promise<Finding | readonly Finding[]>
}

export const finding = (status: Status, name: string, found: string, advice = ''): Finding => ({
  name,
  status,
  found,
  advice,
})

const MAX_REASON = 200

/** What others say of an error can be a page; its beginning tells enough, and the log has all of it. */
export function shortened(reason: string): string {
  return reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason
}

/** A hanging or throwing check is a finding too, and keeps no other from running. */
export async function runCheck({ name, limit_ms, run }: Check, clock: Clock): Promise<readonly Finding[]> {
  const done = new AbortController()
  const late = clock.sleep(limit_ms, done.signal).then(
    () => [
      finding('fail', name, `no answer within ${limit_ms / 1000} s`, 'Something it asks hangs: look at it first.'),
    ],
    () => [],
  )
  const ran = Promise.resolve()
    .then(run)
    .then(
      (found) => ('status' in found ? [found] : found),
      (error: unknown) => [
        finding('fail', name, shortened(error instanceof Error ? error.message : String(error)), 'Mend this first.'),
      ],
    )
  return Promise.race([ran, late]).finally(() => done.abort())
}

/** 0: all is well; 1: something should be looked at; 2: something does not work. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ status }) => status === 'fail')) return 2
  return findings.some(({ status }) => status === 'warn') ? 1 : 0
}
