import { randomUUID } from 'node:crypto'
import { CodedError, ERRORS, type ErrorCode } from './errors.ts'
import { activeTraceparent, inSpan } from './tracing.ts'

/** A two-way pipe of structured-clonable messages: the IPC of a forked process, or a pair in a test. */
export interface Channel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once when the other side is gone. */
  onClose(listener: () => void): void
}

interface Request {
  readonly type: 'request'
  readonly id: string
  readonly method: string
  readonly body: unknown
  /** The trace that the call is part of. */
  readonly traceparent?: string
}

interface Response {
  readonly type: 'response'
  readonly id: string
  readonly body?: unknown
  readonly error?: { readonly code: ErrorCode; readonly message: string }
}

export type Handlers = Readonly<Record<string, (body: never) => Promise<unknown>>>
export type Call = (method: string, body: unknown) => Promise<unknown>

/**
 * Remote calls over a channel. Every call is answered once: with the result, with the handler's coded error, or with
 * `whenClosed` when the other side goes away.
 */
export function createCaller(channel: Channel, whenClosed: ErrorCode = 'INTERNAL'): Call {
  const waiting = new Map<string, { resolve: (body: unknown) => void; reject: (error: Error) => void }>()
  // Unique beyond this process: the answer to a dead caller must not reach the next one.
  const caller = randomUUID()
  let calls = 0
  let closed = false
  channel.onMessage((message) => {
    const response = message as Response
    if (response?.type !== 'response') return
    const call = waiting.get(response.id)
    waiting.delete(response.id)
    if (response.error) call?.reject(new CodedError(response.error.code, response.error.message))
    else call?.resolve(response.body)
  })
  channel.onClose(() => {
    closed = true
    for (const call of waiting.values()) call.reject(new CodedError(whenClosed))
    waiting.clear()
  })
  return (method, body) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new CodedError(whenClosed))
      const id = `${caller}:${calls++}`
      waiting.set(id, { resolve, reject })
      try {
        const traceparent = activeTraceparent()
        channel.send({ type: 'request', id, method, body, ...(traceparent && { traceparent }) } satisfies Request)
      } catch (cause) {
        waiting.delete(id)
        reject(new CodedError(whenClosed, undefined, { cause }))
      }
    })
}

/** Names come from outside: `constructor` and the like, which every object has, are none. */
export function handlerOf(handlers: Handlers, name: string): Handlers[string] | undefined {
  return Object.hasOwn(handlers, name) ? handlers[name] : undefined
}

/** Answers the calls of the other side with `handlers`. */
export function serveCalls(channel: Channel, handlers: Handlers): void {
  channel.onMessage((message) => {
    const request = message as Request
    if (request?.type !== 'request') return
    const handler = handlerOf(handlers, request.method)
    const answer = handler
      ? handle(request, handler)
      : Promise.reject(new CodedError('INTERNAL', `No handler for ${request.method}.`))
    answer.then(
      (body) => channel.send({ type: 'response', id: request.id, body } satisfies Response),
      (error: unknown) => channel.send({ type: 'response', id: request.id, error: asCoded(error) } satisfies Response),
    )
  })
}

function handle({ method, body, traceparent: parent }: Request, handler: Handlers[string]): Promise<unknown> {
  if (parent === undefined) return handler(body as never)
  return inSpan(`call ${method}`, { kind: 'server', parent }, () => handler(body as never))
}

function asCoded(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof CodedError) return { code: error.code, message: error.message }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : ERRORS.INTERNAL.sentence }
}

interface Envelope {
  readonly channel: string
  readonly message?: unknown
  /** The far end of this channel is gone; what was asked over it will not be answered. */
  readonly closed?: true
}

export interface Mux {
  /** A channel of this name; a fresh one after the last was closed. */
  open(name: string): Channel
  /** Tells the other side that the far end of a channel is gone. */
  announceClosed(name: string): void
}

interface LogicalChannel extends Channel {
  receive(envelope: Envelope): void
  readonly isClosed: boolean
}

/** Several named channels over one, e.g. control and store over the IPC of a forked process. */
export function createMux(raw: Channel): Mux {
  const channels = new Map<string, LogicalChannel>()
  let rawClosed = false
  raw.onMessage((message) => {
    const envelope = message as Envelope
    if (typeof envelope?.channel === 'string') channels.get(envelope.channel)?.receive(envelope)
  })
  raw.onClose(() => {
    rawClosed = true
    for (const channel of channels.values()) channel.receive({ channel: '', closed: true })
  })

  function create(name: string): LogicalChannel {
    const listeners: ((message: unknown) => void)[] = []
    const closers: (() => void)[] = []
    let closed = rawClosed
    return {
      get isClosed() {
        return closed
      },
      send: (message) => raw.send({ channel: name, message } satisfies Envelope),
      onMessage: (listener) => listeners.push(listener),
      onClose: (listener) => (closed ? listener() : closers.push(listener)),
      receive(envelope) {
        if (!envelope.closed) for (const listener of listeners) listener(envelope.message)
        else if (!closed) {
          closed = true
          for (const closer of closers) closer()
        }
      },
    }
  }

  return {
    open(name) {
      const existing = channels.get(name)
      if (existing && !existing.isClosed) return existing
      const channel = create(name)
      channels.set(name, channel)
      return channel
    },
    announceClosed: (name) => raw.send({ channel: name, closed: true } satisfies Envelope),
  }
}

/** Two ends of a channel in one process; messages arrive in order, asynchronously. */
export function createChannelPair(): readonly [Channel, Channel] {
  const ends = [0, 1].map(() => ({ listeners: [] as ((message: unknown) => void)[] })) as [
    { listeners: ((message: unknown) => void)[] },
    { listeners: ((message: unknown) => void)[] },
  ]
  const end = (own: 0 | 1): Channel => ({
    send: (message) =>
      queueMicrotask(() => ends[own === 0 ? 1 : 0].listeners.forEach((listener) => void listener(message))),
    onMessage: (listener) => ends[own].listeners.push(listener),
    onClose: () => {},
  })
  return [end(0), end(1)]
}
