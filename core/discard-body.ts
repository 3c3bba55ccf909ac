import type { IncomingMessage } from 'node:http'
import type { Clock } from './clock.ts'

const TICK_MS = 20
/** Bodies up to this are read at once: it costs less than waiting. */
const SMALL_BYTES = 64 * 1024
/** Of all bodies together. */
const BYTES_PER_TICK = 128 * 1024

/** Reads what is left of a request's body and throws it away. Returns at once. Safe for a body that is complete. */
export type DiscardBody = (request: IncomingMessage) => void

/**
 * A sender may hear the answer only once it has sent everything, so the body of a refused request is read to its end. But
 * slowly, all bodies together: a refusal that is followed by megabytes read at full speed would cost what accepting it does.
 */
export function createBodyDiscard(clock: Clock): DiscardBody {
  const open = new Set<IncomingMessage>()
  let ticking = false

  /** Bytes that were read, at most about `budget`. */
  function readSome(request: IncomingMessage, budget: number): number {
    let read = 0
    while (read < budget) {
      const chunk = request.read() as Buffer | null
      if (chunk === null) break
      read += chunk.length
    }
    return read
  }

  async function tick(): Promise<void> {
    ticking = true
    while (open.size > 0) {
      await clock.sleep(TICK_MS)
      let left = BYTES_PER_TICK
      for (const request of [...open]) {
        if (left <= 0) break
        left -= readSome(request, left)
        // To the end of the line, so that each has its turn.
        if (open.delete(request) && !isOver(request)) open.add(request)
      }
    }
    ticking = false
  }

  return function discardBody(request) {
    if (isOver(request)) return
    request.on('error', () => {})
    const declared = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY)
    if (request.complete || declared <= SMALL_BYTES) return void request.resume()
    // Read from once, so that Node does not read it to its end by itself when the answer is out.
    request.pause().read()
    open.add(request)
    if (!ticking) void tick()
  }
}

function isOver(request: IncomingMessage): boolean {
  // Once it is answered, Node does not tell a request that its connection is gone.
  return request.readableEnded || request.destroyed || request.socket.destroyed
}
