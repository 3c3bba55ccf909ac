import { createAppendTurns } from './append-turns.ts'
import type { Clock } from './clock.ts'
import { CodedError } from './errors.ts'
import { createRefusalHold, type HoldRefusal } from './refusal-hold.ts'
import { createTimeShares } from './time-shares.ts'

/** What parsing and answering a request takes, whatever it holds. */
const REQUEST_MS = 0.3
/** Less than a group of the log, so that two projects meet in one write. */
const MAX_PROJECT_APPEND_BYTES = 1 << 20

/** One request's share of what may be in flight. */
export interface Ticket {
  /** Reserves memory before it is used. Throws TOO_MANY_REQUESTS, and reserves nothing, where there is none left. */
  reserve(bytes: number): void
  /** Gives back memory that was reserved and is no longer held. */
  free(bytes: number): void
  /** null where the request can be read at once; else resolves when it is the project's turn. */
  turn(): Promise<void> | null
  /** Reading the request took this much of the thread's time. */
  spent(ms: number): void
  /** Runs `write` of `bytes` when it is the project's turn; resolves and rejects with it. */
  append<Result>(bytes: number, write: () => Promise<Result>): Promise<Result>
  /** Ends the request and gives back all of it. Safe to repeat; afterwards the ticket reserves nothing. */
  release(): void
}

export interface Admission {
  /** Throws TOO_MANY_REQUESTS where the project, or all together, have too many requests in flight. */
  enter(project: string): Ticket
  readonly holdRefusal: HoldRefusal
  inFlight(): { readonly requests: number; readonly bytes: number }
}

export interface AdmissionLimits {
  readonly max_requests_in_flight: number
  readonly max_bytes_in_flight: number
  /** In (0, 1]: the part of both that one project may take. */
  readonly max_project_share: number
  /** In (0, 1]: the part of the thread's time that one project may take while others send as well. */
  readonly max_project_time_share: number
}

interface Load {
  requests: number
  bytes: number
}

/**
 * Counts requests and bytes in flight, overall and per project. One admission is shared by all collectors of a process, so
 * that their limits hold together. It refuses rather than queues: OTLP senders wait and send again. What is in goes on in
 * turns between projects.
 */
export function createAdmission(limits: AdmissionLimits, clock: Clock): Admission {
  const shares = createTimeShares({ clock, max_share: limits.max_project_time_share })
  const appendInTurn = createAppendTurns(MAX_PROJECT_APPEND_BYTES)
  const all: Load = { requests: 0, bytes: 0 }
  const projects = new Map<string, Load>()
  const max_project_requests = Math.max(1, Math.floor(limits.max_requests_in_flight * limits.max_project_share))
  const max_project_bytes = limits.max_bytes_in_flight * limits.max_project_share

  function enter(project: string): Ticket {
    const own = projects.get(project) ?? { requests: 0, bytes: 0 }
    if (all.requests >= limits.max_requests_in_flight) throw full('requests are in flight')
    if (own.requests >= max_project_requests) throw full('requests of this project are in flight')
    projects.set(project, own)
    all.requests++
    own.requests++
    let held = 0
    let open = true

    function move(bytes: number) {
      held += bytes
      all.bytes += bytes
      own.bytes += bytes
    }

    return {
      reserve(bytes) {
        if (!open) throw new CodedError('CLIENT_CLOSED')
        if (all.bytes + bytes > limits.max_bytes_in_flight) throw full('bytes are in flight')
        if (own.bytes + bytes > max_project_bytes) throw full('bytes of this project are in flight')
        move(bytes)
      },
      free(bytes) {
        move(-Math.min(bytes, held))
      },
      turn: () => shares.turn(project, REQUEST_MS),
      spent: (ms) => shares.spent(project, ms),
      append: (bytes, write) => appendInTurn(project, bytes, write),
      release() {
        if (!open) return
        open = false
        move(-held)
        all.requests--
        own.requests--
        if (own.requests === 0) projects.delete(project)
      },
    }
  }

  return { enter, holdRefusal: createRefusalHold(clock), inFlight: () => ({ ...all }) }
}

function full(what: string): CodedError {
  return new CodedError('TOO_MANY_REQUESTS', `Too many ${what}. Wait for Retry-After and send again.`)
}
