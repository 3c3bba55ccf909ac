import type { IncomingMessage } from 'node:http'
import type { Ticket } from './admission.ts'
import { CodedError } from './errors.ts'
import type { WatchPace } from './pace.ts'

export interface ReadBodyOptions {
  readonly ticket: Ticket
  readonly max_bytes: number
  readonly watchPace: WatchPace
}

/**
 * The body as sent, every chunk reserved on the ticket before it is kept. Throws REQUEST_TOO_LARGE (at once where
 * Content-Length says so), REQUEST_TOO_SLOW, CLIENT_CLOSED, and what the ticket throws; what still arrives is then the caller's to discard.
 */
export function readBody(request: IncomingMessage, { ticket, max_bytes, watchPace }: ReadBodyOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const pace = watchPace(() => settle(new CodedError('REQUEST_TOO_SLOW')))

    function settle(error?: unknown) {
      pace.done()
      request.off('data', take).off('end', settle).off('close', gone).off('error', gone)
      if (error === undefined) return resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
      chunks.length = 0
      reject(error)
    }
    function gone() {
      settle(new CodedError('CLIENT_CLOSED'))
    }
    function take(chunk: Buffer) {
      length += chunk.length
      if (length > max_bytes) return settle(tooLarge(max_bytes))
      try {
        ticket.reserve(chunk.length)
      } catch (error) {
        return settle(error)
      }
      pace.progress(chunk.length)
      chunks.push(chunk)
    }

    if (Number(request.headers['content-length'] ?? 0) > max_bytes) return settle(tooLarge(max_bytes))
    // It may have left while it waited for its turn.
    if (request.destroyed) return gone()
    request.on('data', take).on('end', settle).on('close', gone).on('error', gone)
  })
}

function tooLarge(max_bytes: number): CodedError {
  return new CodedError('REQUEST_TOO_LARGE', `The body is larger than the allowed ${max_bytes} bytes.`)
}
