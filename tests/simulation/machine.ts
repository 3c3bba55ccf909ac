import type { Clock } from '../../core/clock.ts'
import type { Owner, Scheduler } from './scheduler.ts'

export type Role = 'ingest' | 'process'

/** What a simulated process does to the world outside it, e.g. `sync otlp_spans`: the moments at which it may be killed. */
export type Step = string

export type Moment = 'before' | 'after'

/** A process: dead or alive, and everything it does passes through `step`. Its memory is what its closures hold. */
export interface Process extends Owner {
  readonly role: Role
  readonly generation: number
  /** Ends it at once: nothing of it happens any more, and what it has under way is abandoned. */
  kill(reason: string): void
  /** Told at every operation; may kill. Returns whether the process lives on. */
  step(step: Step, moment: Moment): boolean
  /** Called when it dies with an operation under way: how far it came. Returns what forgets the call. */
  whenKilled(abandon: () => void): () => void
}

export interface ProcessOptions {
  readonly role: Role
  readonly generation: number
  onStep(process: Process, step: Step, moment: Moment): void
  onDeath(process: Process, reason: string): void
}

export function createProcess({ role, generation, onStep, onDeath }: ProcessOptions): Process {
  const underWay = new Set<() => void>()
  const process: Process = {
    role,
    generation,
    alive: true,
    halted: false,
    kill(reason) {
      if (!process.alive) return
      process.alive = false
      for (const abandon of underWay) abandon()
      underWay.clear()
      onDeath(process, reason)
    },
    step(step, moment) {
      if (process.alive) onStep(process, step, moment)
      return process.alive
    },
    whenKilled(abandon) {
      underWay.add(abandon)
      return () => underWay.delete(abandon)
    },
  }
  return process
}

/** What a dead process waits for. */
export function never(): Promise<never> {
  return new Promise(() => {})
}

export interface Operation<Result> {
  readonly step: Step
  readonly latency_ms: number
  /** What it does, at its end; a throw rejects. */
  readonly effect: () => Result
  /** What it leaves behind where the process dies while it is under way. */
  readonly abandon?: () => void
}

/** One asynchronous operation of a process: it takes time, its process may die before, while and after it. */
export function operate<Result>(scheduler: Scheduler, process: Process, operation: Operation<Result>): Promise<Result> {
  const { step, latency_ms, effect, abandon } = operation
  if (!process.alive || !process.step(step, 'before')) return never()
  return new Promise((resolve, reject) => {
    const forget = abandon ? process.whenKilled(abandon) : undefined
    scheduler.after(latency_ms, process, () => {
      forget?.()
      let result: Result
      try {
        result = effect()
      } catch (error) {
        if (process.step(step, 'after')) reject(error)
        return
      }
      if (process.step(step, 'after')) resolve(result)
    })
  })
}

/** The clock of a process: its timers are virtual, and its wall clock is the machine's, which may be set. */
export function createVirtualClock(scheduler: Scheduler, process: Owner, wall: () => number): Clock {
  return {
    now: wall,
    monotonic: () => scheduler.now(),
    sleep(ms, signal) {
      if (!process.alive) return never()
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const abort = () => {
          cancel()
          reject(signal?.reason)
        }
        const cancel = scheduler.after(ms, process, () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        })
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
  }
}
