import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import type { Ticket } from '../../core/admission.ts'
import { CodedError } from '../../core/errors.ts'
import { parseContentEncoding } from '../../core/inflate.ts'
import type { WatchPace } from '../../core/pace.ts'

/** Compressed flag and length before each message. */
const PREFIX_BYTES = 5

interface ByteStream {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
}

/**
 * grpc-js hands a message over when it is complete and inflated, and has no public way to see or bound the memory this
 * takes over all calls. So we look at two private fields of its call; the test beside this file fails when an update moves
 * them, and the code then reserves for each call the most it can take.
 */
interface OpenCall {
  readonly stream: ByteStream
  incomingEncoding: string
}

function openCall(call: ServerInterceptingCallInterface): OpenCall | null {
  const { stream, incomingEncoding } = call as unknown as { stream?: Partial<ByteStream>; incomingEncoding?: unknown }
  return typeof stream?.on === 'function' && typeof incomingEncoding === 'string' ? (call as unknown as OpenCall) : null
}

export interface IncomingOptions {
  readonly ticket: Ticket
  readonly max_request_bytes: number
  readonly max_inflated_bytes: number
  readonly watchPace: WatchPace
}

export interface Incoming {
  /** The message is complete: what is still to be undone of it, in the order it was applied. */
  done(): readonly string[]
}

/**
 * Bounds a call's message while it arrives; must be called before grpc-js reads. `refuse` is called at most once. Throws
 * UNSUPPORTED_ENCODING, and what the ticket throws.
 */
export function watchIncoming(
  call: ServerInterceptingCallInterface,
  { ticket, max_request_bytes, max_inflated_bytes, watchPace }: IncomingOptions,
  refuse: (error: unknown) => void,
): Incoming {
  const opened = openCall(call)
  const encodings = opened === null ? [] : parseContentEncoding(opened.incomingEncoding)
  if (opened === null) ticket.reserve(max_request_bytes + max_inflated_bytes)
  // What we undo ourselves, within the budget of the request, grpc-js takes for plain bytes.
  else opened.incomingEncoding = 'identity'

  let open = true
  let received = 0
  let compressed = false
  const pace = watchPace(() => stop(new CodedError('REQUEST_TOO_SLOW')))
  function close() {
    open = false
    pace.done()
  }
  function stop(error: unknown) {
    close()
    refuse(error)
  }
  opened?.stream.on('data', (chunk) => {
    if (!open) return
    const declared = received === 0 && chunk.length >= PREFIX_BYTES ? chunk.readUInt32BE(1) : 0
    if (received === 0) compressed = chunk[0] === 1
    received += chunk.length
    try {
      if (Math.max(declared, received - PREFIX_BYTES) > max_request_bytes) throw new CodedError('REQUEST_TOO_LARGE')
      ticket.reserve(chunk.length)
    } catch (error) {
      return stop(error)
    }
    pace.progress(chunk.length)
  })
  return {
    done() {
      close()
      return compressed ? encodings : []
    },
  }
}
