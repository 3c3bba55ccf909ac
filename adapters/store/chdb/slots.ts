import { CodedError } from '../../../core/errors.ts'

export interface Slots {
  /** Runs `work` when a slot is free, in order of arrival. Rejects with STORE_UNAVAILABLE when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>
  readonly busy: number
}

export interface SlotOptions {
  readonly count: number
  readonly max_waiting: number
  /** What the slots are, for the error message: "embedded readers". */
  readonly name: string
}

/** A bounded number of things at once, and a bounded queue before them. */
export function createSlots({ count, max_waiting, name }: SlotOptions): Slots {
  const waiting: (() => void)[] = []
  const idlers: (() => void)[] = []
  let busy = 0

  async function take(): Promise<void> {
    if (busy < count) {
      busy++
      return
    }
    if (waiting.length >= max_waiting)
      throw new CodedError(
        'STORE_UNAVAILABLE',
        `All ${count} ${name} are busy and ${waiting.length} calls wait. Retry.`,
      )
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function give(): void {
    const next = waiting.shift()
    // The slot passes to the next in line without being free in between.
    if (next) next()
    else busy--
    if (busy === 0) for (const resolve of idlers.splice(0)) resolve()
  }

  return {
    async run(work) {
      await take()
      try {
        return await work()
      } finally {
        give()
      }
    },
    idle: () => (busy === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    get busy() {
      return busy
    },
  }
}
