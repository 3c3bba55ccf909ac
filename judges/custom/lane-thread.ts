import type { Clock } from '../../core/clock.ts'
import type { LaneAnswer, LaneJudge, LaneRequest, LaneThreadData } from './lane.ts'
import { type Sandbox, SandboxFailure, startSandbox } from './sandbox-process.ts'

/** A sandbox without work goes, and its memory with it; the next question starts it again. */
const IDLE_MS = 60_000
const LOOK_MS = 10_000
/** On top of the time limit, before a sandbox that nobody ends any more ends itself. */
const SELF_END_MS = 1_000

export interface LaneThreadOptions extends LaneThreadData {
  /** Entry of a sandbox's process. */
  readonly sandbox: URL
  readonly clock: Clock
}

interface Running {
  readonly sandbox: Sandbox
  used_at: number
}

/** The thread's side of the lane: keeps a sandbox for each judge, and the time. */
export function serveCustomJudges({ port, answered, sandbox: entry, clock }: LaneThreadOptions): void {
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
    const started = { sandbox: startSandbox({ entry, task, memory_limit_mb, clock }), used_at: clock.monotonic() }
    running.set(judge.id, started)
    return started
  }

  async function ask(id: string, body: Uint8Array): Promise<LaneAnswer> {
    const judge = judges.get(id)
    if (judge === undefined) return { ok: false, kind: 'ended', problem: 'it was never opened' }
    const asked = sandboxOf(judge)
    try {
      const ready = await asked.sandbox.ready
      if (!ready.ok) throw new SandboxFailure('ended', ready.problem)
      const answer = await asked.sandbox.ask(body, judge.time_limit_ms)
      asked.used_at = clock.monotonic()
      return { ok: true, body: answer }
    } catch (error) {
      asked.sandbox.kill()
      running.delete(id)
      if (!(error instanceof SandboxFailure)) throw error
      // The next question finds it started.
      sandboxOf(judge)
      return { ok: false, kind: error.kind, problem: error.message }
    }
  }

  async function endIdle(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(LOOK_MS, closing.signal).catch(() => {})
      for (const [id, { sandbox, used_at }] of running) {
        if (clock.monotonic() - used_at < IDLE_MS) continue
        running.delete(id)
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
