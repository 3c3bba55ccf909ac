import { isMarkedAsUntransferable, type MessagePort, Worker } from 'node:worker_threads'
import type { Clock } from './clock.ts'
import { CodedError, type ErrorCode } from './errors.ts'
import { type Digested, type DigestRequest, digest, type Translations } from './otlp-digest.ts'

/** A thread without work goes, and its memory with it. */
const IDLE_MS = 2000
const MAX_HEAP_MB = 1024

/** Large requests, one after the other on a thread of their own, so that whoever sends small ones does not wait for them. */
export interface DigestLane {
  /** As `digest`, in turns between the projects. The bytes are gone afterwards: their memory moves to the thread. */
  digest(request: DigestRequest, project: string): Promise<Digested>
  /** What still waits is refused with SHUTTING_DOWN. */
  close(): Promise<void>
}

interface Job {
  readonly request: DigestRequest
  resolve(digested: Digested): void
  reject(error: Error): void
}

type Answer =
  | { readonly ok: true; readonly digested: Digested }
  | { readonly ok: false; readonly code: ErrorCode | null; readonly error: Error }

export interface DigestLaneOptions {
  /** A module that calls `serveDigests(parentPort)`. */
  readonly entry: URL
  readonly clock: Clock
  /** JavaScript memory of the thread; beyond it the request is refused. Buffers are counted by the admission. */
  readonly max_heap_mb?: number
}

/** The thread is started when it is first needed. */
export function createDigestLane({ entry, clock, max_heap_mb = MAX_HEAP_MB }: DigestLaneOptions): DigestLane {
  const waiting = new Map<string, Job[]>()
  /** Bytes read of each project, counted from where the others were when it came. */
  const had = new Map<string, number>()
  let least = 0
  let thread: Worker | undefined
  let running: Job | undefined
  let resting: AbortController | undefined
  let closed = false

  function hadOf(project: string): number {
    return Math.max(least, had.get(project) ?? 0)
  }

  /** Of the project that has had the fewest bytes: one with small requests does not wait behind another's large ones. */
  function takeNext(): Job | undefined {
    let project: string | undefined
    for (const one of waiting.keys()) if (project === undefined || hadOf(one) < hadOf(project)) project = one
    if (project === undefined) {
      had.clear()
      least = 0
      return undefined
    }
    const [job, ...later] = waiting.get(project)!
    waiting.delete(project)
    if (later.length > 0) waiting.set(project, later)
    least = hadOf(project)
    had.set(project, least + job!.request.bytes.length)
    return job
  }

  function runNext(): void {
    if (running !== undefined) return
    running = takeNext()
    if (running === undefined) return void rest()
    resting?.abort()
    thread ??= openThread()
    const bytes = ownMemory(running.request.bytes)
    thread.postMessage({ ...running.request, bytes }, [bytes.buffer])
  }

  function finish(settle: (job: Job) => void): void {
    const job = running
    running = undefined
    if (job !== undefined) settle(job)
    runNext()
  }

  function openThread(): Worker {
    const opened = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: max_heap_mb } })
    function lost(cause: Error & { code?: string }): void {
      if (thread !== opened) return
      thread = undefined
      const full = cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
      const error = full
        ? new CodedError('REQUEST_TOO_LARGE', 'Reading the request takes more memory than there is for one.', { cause })
        : new CodedError('INTERNAL', undefined, { cause })
      finish(({ reject }) => reject(error))
    }
    opened.on('message', (answer: Answer) =>
      finish(({ resolve, reject }) => (answer.ok ? resolve(answer.digested) : reject(asError(answer)))),
    )
    opened.on('error', lost)
    opened.on('exit', (code) => lost(new Error(`The thread for large requests ended with code ${code}.`)))
    opened.unref()
    return opened
  }

  async function rest(): Promise<void> {
    resting?.abort()
    const rested = new AbortController()
    resting = rested
    await clock.sleep(IDLE_MS, rested.signal).catch(() => {})
    if (!rested.signal.aborted) await endThread()
  }

  async function endThread(): Promise<void> {
    const ended = thread
    thread = undefined
    await ended?.terminate()
  }

  return {
    digest(request, project) {
      if (closed) return Promise.reject(new CodedError('SHUTTING_DOWN'))
      return new Promise((resolve, reject) => {
        waiting.set(project, [...(waiting.get(project) ?? []), { request, resolve, reject }])
        runNext()
      })
    },
    async close() {
      closed = true
      resting?.abort()
      for (const { reject } of [...waiting.values()].flat()) reject(new CodedError('SHUTTING_DOWN'))
      waiting.clear()
      running?.reject(new CodedError('SHUTTING_DOWN'))
      running = undefined
      await endThread()
    },
  }
}

/** The thread's side of the lane. */
export function serveDigests(port: MessagePort, translations: Translations = {}): void {
  port.on('message', ({ bytes, ...request }: DigestRequest) => {
    try {
      // What moved between threads is no Buffer any more.
      const own = { ...request, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
      const digested = digest(own, translations)
      const { protobuf, scanned } = digested
      const memory = new Set([protobuf, ...scanned.records].map(({ buffer }) => buffer as ArrayBuffer))
      // Small results lie in memory that Node keeps for all small buffers: they are copied.
      const own_memory = [...memory].filter((one) => !isMarkedAsUntransferable(one))
      port.postMessage({ ok: true, digested } satisfies Answer, own_memory)
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      port.postMessage({ ok: false, code: error instanceof CodedError ? error.code : null, error } satisfies Answer)
    }
  })
}

/** Only whole memory can be moved; a view into more is copied first. */
function ownMemory(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
  return whole ? new Uint8Array(buffer) : new Uint8Array(bytes)
}

function asError({ code, error }: Extract<Answer, { ok: false }>): CodedError {
  return new CodedError(code ?? 'INTERNAL', code === null ? undefined : error.message, { cause: error })
}
