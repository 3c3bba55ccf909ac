import type { Clock } from '../core/clock.ts'
import type { SupervisorHealth } from './supervisor/supervisor.ts'

const PATIENCE_MS = 15_000
const PAUSE_MS = 100
/** Those that work by the live part of the configuration. */
const FOLLOWERS: readonly string[] = ['process', 'ingest']

/** Waits until every process works by this version or a later one; resolves to those that do not in time. */
export async function confirmationOf(
  sequence: number,
  options: { ask: () => Promise<SupervisorHealth['processes']>; clock: Clock },
): Promise<readonly string[]> {
  const { ask, clock } = options
  const deadline = clock.monotonic() + PATIENCE_MS
  for (;;) {
    const processes = await ask().catch(() => [])
    const waiting = FOLLOWERS.filter(
      (role) => !processes.some((process) => process.role === role && (process.config_sequence ?? 0) >= sequence),
    )
    if (waiting.length === 0 || clock.monotonic() > deadline) return waiting
    await clock.sleep(PAUSE_MS)
  }
}
