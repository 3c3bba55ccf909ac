import { connect, type Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { createAnswerReader, type HttpAnswer, saysRetryAfter } from './answer-reader.ts'
import type { Answer, HttpRequest, RawRequest } from './hostile-request.ts'

export interface HttpSender {
  /** On a connection that is kept alive, behind others where the door allows it. Never rejects. */
  send(request: HttpRequest): Promise<Answer>
  /** On a connection of its own. Never rejects. */
  sendRaw(request: RawRequest): Promise<Answer>
  close(): void
}

export interface HttpSenderOptions {
  readonly port: number
  readonly connections: number
  /** Requests that are on their way on one connection. */
  readonly depth: number
  readonly deadline_ms: number
  readonly clock: Clock
}

interface Waiting {
  readonly request: HttpRequest
  readonly since: number
  readonly tries: number
  readonly resolve: (answer: Answer) => void
}

interface Connection {
  readonly socket: Socket
  readonly waiting: Waiting[]
  open: boolean
}

const NOTHING = Buffer.alloc(0)
const SWEEP_MS = 500

/** Speaks HTTP/1.1 by the byte: what node:http would refuse to send is what is to be sent. */
export function createHttpSender(options: HttpSenderOptions): HttpSender {
  const { port, clock, deadline_ms } = options
  const connections = new Set<Connection>()
  const queue: Waiting[] = []
  const closing = new AbortController()

  function open(): Connection {
    const connection: Connection = {
      socket: connect({ port, host: '127.0.0.1', noDelay: true }),
      waiting: [],
      open: true,
    }
    const reader = createAnswerReader(() => connection.waiting[0]?.request.method)
    const { socket } = connection
    const take = (answer: HttpAnswer) => {
      if (!connection.open) return
      connection.waiting.shift()?.resolve(asAnswer(answer))
      if (answer.last) end()
    }
    function end(): void {
      connection.open = false
      socket.destroy()
    }
    socket.on('data', (chunk) => {
      try {
        reader.push(chunk, take)
      } catch {
        connection.waiting.shift()?.resolve(named('garbage'))
        end()
      }
      pump()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      const answer = connection.open ? reader.end() : null
      connection.open = false
      connections.delete(connection)
      if (answer !== null) connection.waiting.shift()?.resolve(asAnswer(answer))
      for (const left of connection.waiting.splice(0)) again(left)
      pump()
    })
    connections.add(connection)
    return connection
  }

  /** A connection may end between two requests, and one request may end it for those behind: so each gets one to itself. */
  function again(waiting: Waiting): void {
    if (closing.signal.aborted || waiting.tries >= 2) return void waiting.resolve(named('closed'))
    queue.unshift({ ...waiting, tries: waiting.tries + 1 })
  }

  function pump(): void {
    while (queue.length > 0) {
      const alone = queue[0]!.tries > 0
      const depth = alone ? 1 : options.depth
      let free: Connection | undefined
      for (const connection of connections)
        if (connection.open && connection.waiting.length < depth && !(connection.waiting[0]?.tries ?? 0)) {
          if (free === undefined || connection.waiting.length < free.waiting.length) free = connection
        }
      if ((free === undefined || free.waiting.length > 0) && connections.size < options.connections) free = open()
      if (free === undefined) return
      const next = queue.shift()!
      free.waiting.push(next)
      free.socket.write(next.request.bytes)
    }
  }

  async function sweep(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(SWEEP_MS, closing.signal).catch(() => {})
      const now = clock.monotonic()
      for (const { waiting, socket } of connections) {
        const [first] = waiting
        if (first === undefined || now - first.since < deadline_ms) continue
        waiting.shift()
        first.resolve(named('timeout'))
        socket.destroy()
      }
    }
  }
  void sweep()

  return {
    send: (request) =>
      new Promise((resolve) => {
        queue.push({ request, since: clock.monotonic(), tries: 0, resolve })
        pump()
      }),
    sendRaw: (request) => sendRaw(request, port, clock),
    close() {
      closing.abort()
      for (const { socket } of connections) socket.destroy()
    },
  }
}

/** Writes the pieces and waits for the first answer, for the end of the connection, or for the deadline. */
export async function sendRaw(request: RawRequest, port: number, clock: Clock): Promise<Answer> {
  const { pieces, hang_up_after_ms, may_stay_open = false } = request
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const done = new AbortController()
  const answered = new Promise<Answer>((resolve) => {
    const reader = createAnswerReader(() => undefined)
    let bytes = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      bytes += chunk.length
      try {
        reader.push(chunk, (answer) => resolve(asAnswer(answer)))
      } catch {
        // Frames of HTTP/2, most likely: that the other side still talks is all there is to know.
        resolve(named('frames'))
      }
    })
    socket.on('close', () => {
      const left = bytes > 0 ? reader.end() : null
      resolve(left === null ? named('closed') : asAnswer(left))
    })
  })
  async function write(): Promise<Answer> {
    for (const { bytes, after_ms = 0 } of pieces) {
      if (after_ms > 0) await clock.sleep(after_ms, done.signal)
      if (!socket.writable) break
      socket.write(bytes)
    }
    if (hang_up_after_ms === undefined) return answered
    await clock.sleep(hang_up_after_ms, done.signal)
    return named('closed')
  }
  const late = clock.sleep(request.deadline_ms, done.signal).then(() => named(may_stay_open ? 'open' : 'timeout'))
  const aborted = named('closed')
  try {
    return await Promise.race([answered, write().catch(() => aborted), late.catch(() => aborted)])
  } finally {
    done.abort()
    socket.destroy()
  }
}

function asAnswer({ status, head, body }: HttpAnswer): Answer {
  // What reads on shares the memory of what was read: kept only where someone looks at it.
  return { status: String(status), retryable: saysRetryAfter(head), body }
}

export function named(status: string): Answer {
  return { status, retryable: false, body: NOTHING }
}
