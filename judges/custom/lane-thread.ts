import type { Clock } from '../../core/clock.ts'
import type { LaneJudge, LaneRequest, LaneThreadData, ThreadAnswer } from './lane.ts'
import { type Sandbox, SandboxFailure, startSandbox } from './sandbox-process.ts'

/** A sandbox without work goes, and all that is known of its judge; the next question brings it back. */
const IDLE_MS = 60_000
const LOOK_MS = 10_000
/** On top of the time limit, before a sandbox that nobody ends any more ends itself. */
const SELF_END_MS = 1_000

export interface LaneThreadOptions extends LaneThreadData {
  /** Entry of a sandbox's process. */
  readonly sandbox: URL
  readonly clock: Clock
  readonly idle_ms?: number
}

interface Running {
  readonly sandbox: Sandbox
  is_asked: boolean
  used_at: number
}

/** The thread's side of the lane: keeps a sandbox for each judge, and the time. */
export function serveCustomJudges(options: LaneThreadOptions): void {
  const { port, answered, sandbox: entry, clock, idle_ms = IDLE_MS } = options
  const judges = new Map<string, LaneJudge>()
  const running = new Map<string, Running>()
  const count = new Int32Array(answered)
  const closing = new AbortController()

  function sandboxOf(judge: LaneJudge): Running {
    const known = running.get(judge.id)
    if (known !== undefined) return known
    const { config, time_limit_ms, memory_limit_mb } = judge
    const bundle = JSON.parse(judge.bundle) as unknown
    const task = { task: 'judge', bundle, config, time_limit_ms: time_limit_ms + SELF_END_MS } as const
    const started = {
      sandbox: startSandbox({ entry, task, memory_limit_mb, clock }),
      is_asked: false,
      used_at: clock.monotonic(),
    }
    running.set(judge.id, started)
    return started
  }

  async function ask(id: string, body: Uint8Array): Promise<ThreadAnswer> {
    const judge = judges.get(id)
    if (judge === undefined) return { ok: false, kind: 'unknown' }
    const asked = sandboxOf(judge)
    asked.is_asked = true
    try {
      const ready = await asked.sandbox.ready
      if (!ready.ok) throw new SandboxFailure('ended', ready.problem)
      return { ok: true, body: await asked.sandbox.ask(body, judge.time_limit_ms) }
    } catch (error) {
      asked.sandbox.kill()
      running.delete(id)
      if (!(error instanceof SandboxFailure)) throw error
      // The next question finds it started.
      sandboxOf(judge)
      return { ok: false, kind: error.kind, problem: error.message }
    } finally {
      asked.is_asked = false
      asked.used_at = clock.monotonic()
    }
  }

  async function endIdle(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(Math.min(LOOK_MS, idle_ms), closing.signal).catch(() => {})
      for (const [id, { sandbox, is_asked, used_at }] of running) {
        if (is_asked || clock.monotonic() - used_at < idle_ms) continue
        running.delete(id)
        judges.delete(id)
        sandbox.kill()
      }
    }
  }

  port.on('message', (request: LaneRequest) => {
    if (request.kind === 'open') {
      judges.set(request.judge.id, request.judge)
      sandboxOf(request.judge)
    } else if (request.kind === 'ask') {
      const { id, seq, body } = request
      void ask(id, body).then((answer) => {
        port.postMessage({ seq, answer })
        Atomics.add(count, 0, 1)
        Atomics.notify(count, 0)
      })
    } else {
      closing.abort()
      for (const { sandbox } of running.values()) sandbox.kill()
      port.close()
    }
  })
  void endIdle()
}
