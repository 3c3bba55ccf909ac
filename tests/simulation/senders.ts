import { ERRORS } from '../../core/errors.ts'
import type { Outcome } from '../../core/otlp-intake.ts'
import { bodyOf } from './requests.ts'
import type { PlannedRequest } from './schedule.ts'
import type { Supervisor } from './supervisor.ts'
import type { World } from './world.ts'

const NETWORK_MS = 2
/** A sender waits so long for an answer, then sends again. */
const TIMEOUT_MS = 10_000
const RETRY_MS = 700

/** Programs with an OTLP exporter: they send again until they are told that it is stored, or that it never will be. */
export interface Senders {
  /** Requests whose sender is not done. */
  open(): number
}

export function startSenders(world: World, supervisor: Supervisor): Senders {
  const { scheduler, schedule, truth, tell } = world
  const random = world.random('senders')
  let open = 0

  const jitter = (ms: number) => ms * (0.5 + random(1000) / 1000)

  function plan(request: PlannedRequest, index: number): void {
    open += 1
    const body = bodyOf(request, schedule)
    let to_lose = request.lost_answers
    let repeats = request.repeat_after_ms > 0 ? 1 : 0

    function attempt(): void {
      let answered = false
      const again = (delay_ms: number) => {
        if (answered) return
        answered = true
        scheduler.after(jitter(delay_ms), null, attempt)
      }
      const forget = scheduler.after(TIMEOUT_MS, null, () => again(0))
      scheduler.after(jitter(NETWORK_MS), null, () => {
        const ingest = supervisor.ingest()
        if (ingest === null) {
          forget()
          again(RETRY_MS)
          return
        }
        // A process that is halted takes the connection, and answers when it goes on.
        scheduler.after(0, ingest.process, () => {
          void ingest.handle(request, body).then(
            (outcome) => {
              if (!ingest.process.alive) return
              if (to_lose > 0) to_lose -= 1
              else scheduler.after(jitter(NETWORK_MS), null, () => answer(outcome, again, forget))
            },
            () => again(RETRY_MS),
          )
        })
      })

      function answer(outcome: Outcome | null, retry: (delay_ms: number) => void, stop: () => void): void {
        if (answered) return
        stop()
        tell(`request ${index}: ${outcome === null || outcome.ok ? 'acknowledged' : outcome.code}`)
        if (outcome === null || outcome.ok) {
          answered = true
          if (repeats-- > 0) scheduler.after(request.repeat_after_ms, null, attempt)
          else open -= 1
        } else if (ERRORS[outcome.code].retry === 'later') retry(RETRY_MS)
        else {
          answered = true
          truth.refuse(request)
          open -= 1
        }
      }
    }

    scheduler.after(request.at_ms, null, attempt)
  }

  schedule.requests.forEach(plan)
  return { open: () => open }
}
