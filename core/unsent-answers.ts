import type { ServerResponse } from 'node:http'

/** Smaller ones are bounded by the number of connections. */
const SMALL_BYTES = 16 * 1024
/** Of all large answers together. */
const MAX_BYTES = 64 * 1024 * 1024

/** Notes that an answer of so many bytes is on its way. */
export type WatchUnsent = (response: ServerResponse, bytes: number) => void

/**
 * A small request can have an answer of megabytes, and a sender that does not read it leaves it in our memory. Beyond
 * `max_bytes` the connection whose answer has waited longest is cut: its sender hears nothing, and may send again.
 */
export function createUnsentAnswers(max_bytes = MAX_BYTES): WatchUnsent {
  const waiting = new Map<ServerResponse, number>()
  let total = 0

  function forget(response: ServerResponse): void {
    total -= waiting.get(response) ?? 0
    waiting.delete(response)
  }

  return function watchUnsent(response, bytes) {
    if (bytes <= SMALL_BYTES) return
    waiting.set(response, bytes)
    total += bytes
    response.once('close', () => forget(response))
    for (const oldest of waiting.keys()) {
      if (total <= max_bytes || oldest === response) break
      forget(oldest)
      oldest.destroy()
    }
  }
}
