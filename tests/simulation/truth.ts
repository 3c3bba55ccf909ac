import { idOf } from './requests.ts'
import type { PlannedRequest, Schedule } from './schedule.ts'

/** What the world outside knows: what was sent, what was answered, and what broke a promise while it ran. */
export interface Truth {
  /** The collector answered a request with success. */
  acknowledge(request: PlannedRequest): void
  refuse(request: PlannedRequest): void
  /** A promise was broken, in a sentence. Each sentence counts once. */
  breach(what: string): void
  /** Told where a new owner of a partition begins (null: at its start). */
  assigned(partition: number, offset: bigint | null): void
  /** Told of every durable commit: offsets never go back. */
  commit(partition: number, offset: bigint): void
  /** Told how many items are held between the log and the commit. */
  holds(items: number): void
  readonly acknowledged: ReadonlySet<PlannedRequest>
  readonly refused: ReadonlySet<PlannedRequest>
  /** Ids of all planned spans of requests that may be stored. */
  readonly sent: ReadonlySet<string>
  readonly breaches: readonly string[]
  readonly most_held: number
  /** A bit of the log is flipped just now: reading may fail. */
  expects_damage: boolean
}

export function createTruth({ requests }: Schedule): Truth {
  const acknowledged = new Set<PlannedRequest>()
  const refused = new Set<PlannedRequest>()
  const breaches: string[] = []
  const committed = new Map<number, bigint>()
  const sent = new Set(
    requests.filter(({ kind }) => kind === 'json' || kind === 'protobuf').flatMap(({ spans }) => spans.map(idOf)),
  )
  let most_held = 0

  function breach(what: string): void {
    if (!breaches.includes(what)) breaches.push(what)
  }

  return {
    acknowledge: (request) => acknowledged.add(request),
    refuse: (request) => refused.add(request),
    breach,
    assigned(partition, offset) {
      const before = committed.get(partition)
      if (before !== undefined && (offset ?? 0n) < before)
        breach(`commit: partition ${partition} was committed to ${before} and begins at ${offset}`)
    },
    commit(partition, offset) {
      const before = committed.get(partition) ?? 0n
      if (offset < before) breach(`commit: partition ${partition} went back from ${before} to ${offset}`)
      else committed.set(partition, offset)
    },
    holds(items) {
      most_held = Math.max(most_held, items)
    },
    acknowledged,
    refused,
    sent,
    breaches,
    expects_damage: false,
    get most_held() {
      return most_held
    },
  }
}
