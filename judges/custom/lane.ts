import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Clock } from '../../core/clock.ts'
import { START_LIMIT_MS } from './sandbox-process.ts'

/** What the thread needs to start a sandbox, and to start it again. */
export interface LaneJudge {
  /** The same code, configuration and limits. */
  readonly id: string
  /** Text of a Bundle. */
  readonly bundle: string
  readonly config: unknown
  readonly time_limit_ms: number
  readonly memory_limit_mb: number
}

export type LaneAnswer =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly kind: 'timeout' | 'ended'; readonly problem: string }

/** `unknown`: the judge was never opened, or not asked for so long that it was forgotten. */
export type ThreadAnswer = LaneAnswer | { readonly ok: false; readonly kind: 'unknown' }

/** Messages to the thread. */
export type LaneRequest =
  | { readonly kind: 'open'; readonly judge: LaneJudge }
  | { readonly kind: 'ask'; readonly id: string; readonly seq: number; readonly body: Uint8Array }
  | { readonly kind: 'close' }

/** What the thread is started with. */
export interface LaneThreadData {
  readonly port: MessagePort
  /** Number of answers given, on which the other side waits. */
  readonly answered: SharedArrayBuffer
}

/** Questions to sandboxed judges, answered while the caller waits: rule judges answer synchronously. */
export interface CustomJudgeLane {
  /** Makes a judge known and starts its sandbox, so that the first question need not wait for it. Safe to repeat. */
  open(judge: LaneJudge): void
  /** Blocks for the time limit of the judge at most, and once more for the start of its process where it has none. */
  ask(judge: LaneJudge, body: Uint8Array): LaneAnswer
  /** Ends all sandboxes. */
  close(): Promise<void>
}

export interface CustomJudgeLaneOptions {
  /** A module that calls `serveCustomJudges`. */
  readonly thread: URL
  readonly clock: Clock
}

/** For the thread itself, which keeps the time of everything else. */
const GRACE_MS = 2_000
const CLOSE_LIMIT_MS = 2_000

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  readonly answered: Int32Array
  readonly known: Set<string>
}

/** The thread is started with the first judge: who has none pays nothing. */
export function createCustomJudgeLane({ thread: entry, clock }: CustomJudgeLaneOptions): CustomJudgeLane {
  let thread: Thread | undefined
  let seq = 0

  function start(): Thread {
    const { port1: port, port2 } = new MessageChannel()
    const answered = new SharedArrayBuffer(4)
    const workerData: LaneThreadData = { port: port2, answered }
    const worker = new Worker(entry, { workerData, transferList: [port2] })
    const started = { worker, port, answered: new Int32Array(answered), known: new Set<string>() }
    const forget = () => {
      if (thread === started) thread = undefined
      port.close()
    }
    worker.on('error', forget)
    worker.on('exit', forget)
    worker.unref()
    port.unref()
    return started
  }

  function open(judge: LaneJudge): Thread {
    thread ??= start()
    if (!thread.known.has(judge.id)) {
      thread.known.add(judge.id)
      thread.port.postMessage({ kind: 'open', judge } satisfies LaneRequest)
    }
    return thread
  }

  function ask(judge: LaneJudge, body: Uint8Array): LaneAnswer {
    const answer = askThread(judge, body)
    if (answer.ok || answer.kind !== 'unknown') return answer
    thread?.known.delete(judge.id)
    const again = askThread(judge, body)
    return again.ok || again.kind !== 'unknown' ? again : { ok: false, kind: 'ended', problem: 'it is not known' }
  }

  function askThread(judge: LaneJudge, body: Uint8Array): ThreadAnswer {
    const asked = open(judge)
    const own = ++seq
    let seen = Atomics.load(asked.answered, 0)
    asked.port.postMessage({ kind: 'ask', id: judge.id, seq: own, body } satisfies LaneRequest)
    const until = clock.monotonic() + START_LIMIT_MS + judge.time_limit_ms + GRACE_MS
    for (;;) {
      const left = until - clock.monotonic()
      if (left <= 0) break
      Atomics.wait(asked.answered, 0, seen, left)
      seen = Atomics.load(asked.answered, 0)
      // What an earlier question was answered after nobody waited any more is passed over.
      for (let got = receiveMessageOnPort(asked.port); got !== undefined; got = receiveMessageOnPort(asked.port)) {
        const answer = got.message as { seq: number; answer: ThreadAnswer }
        if (answer.seq === own) return answer.answer
      }
    }
    if (thread === asked) thread = undefined
    void asked.worker.terminate()
    return { ok: false, kind: 'ended', problem: 'the thread that asks it does not answer' }
  }

  return {
    open: (judge) => void open(judge),
    ask,
    async close() {
      const closing = thread
      thread = undefined
      if (closing === undefined) return
      const ended = new Promise<void>((resolve) => closing.worker.once('exit', () => resolve()))
      closing.port.postMessage({ kind: 'close' } satisfies LaneRequest)
      const given = new AbortController()
      await Promise.race([ended, clock.sleep(CLOSE_LIMIT_MS, given.signal).catch(() => {})])
      given.abort()
      await closing.worker.terminate()
    },
  }
}
