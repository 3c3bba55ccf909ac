/** Something whose work dies or halts with it: a process, or null for the world outside (the network, the operator). */
export interface Owner {
  alive: boolean
  /** SIGSTOP: what is due waits until it is resumed. */
  halted: boolean
}

interface Event {
  at: number
  sequence: number
  readonly owner: Owner | null
  /** Emptied when it is cancelled. */
  work: (() => void) | null
}

/** Virtual time: events in order of their time, and nothing real in between. All times are milliseconds. */
export interface Scheduler {
  /** Since the beginning; never jumps. */
  now(): number
  /** Does `work` after `delay_ms`, unless its owner is dead by then. Returns what cancels it. */
  after(delay_ms: number, owner: Owner | null, work: () => void): () => void
  /** Lets go of what was due while the owner was halted. */
  resume(owner: Owner): void
  /** Goes on until `done`, until nothing is left to happen or until `limit_ms`. Resolves to whether `done` was reached. */
  run(done: () => boolean, limit_ms: number): Promise<boolean>
  /** Events that happened so far. */
  events(): number
}

/** Fractions of a millisecond that add up exactly: code that waits for what is left of a time must not wait for a rounding error. */
const GRAIN = 1024

export function createScheduler(): Scheduler {
  const heap: Event[] = []
  const held = new Map<Owner, Event[]>()
  let now = 0
  let sequence = 0
  let events = 0

  function isBefore(a: Event, b: Event): boolean {
    return a.at < b.at || (a.at === b.at && a.sequence < b.sequence)
  }

  function push(event: Event): void {
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  function pop(): Event | undefined {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }

  function happen(event: Event): boolean {
    const { owner, work } = event
    if (work === null || owner?.alive === false) return false
    if (owner?.halted) {
      held.set(owner, [...(held.get(owner) ?? []), event])
      return false
    }
    events += 1
    work()
    return true
  }

  return {
    now: () => now,
    events: () => events,
    after(delay_ms, owner, work) {
      const delay = Math.ceil(Math.max(0, delay_ms) * GRAIN) / GRAIN
      const event: Event = { at: now + delay, sequence: sequence++, owner, work }
      push(event)
      return () => {
        event.work = null
      }
    },
    resume(owner) {
      owner.halted = false
      for (const event of held.get(owner) ?? []) push(Object.assign(event, { at: now, sequence: sequence++ }))
      held.delete(owner)
    },
    async run(done, limit_ms) {
      while (!done()) {
        const next = pop()
        if (next === undefined || next.at > limit_ms) {
          if (next !== undefined) push(next)
          return false
        }
        now = Math.max(now, next.at)
        // The next tick comes when all promises that this event settled have been answered: nothing runs at random.
        if (happen(next)) await new Promise(process.nextTick)
      }
      return true
    },
  }
}
