import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import type { z } from 'zod'
import type { HttpCollector } from './http-collector.ts'
import { createHttpDoor, type HttpDoorDeps, httpDoorConfig } from './http-door.ts'

export interface ReceivedAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface HttpRequest {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Several pieces are sent chunked, without a content-length. */
  readonly body?: Uint8Array | readonly Uint8Array[]
}

export interface HttpClient {
  post(request: HttpRequest): Promise<ReceivedAnswer>
  close(): void
}

/** Speaks HTTP/1.1 over one kept-alive connection after the other, as exporters do. */
export function anHttpClient(port: number): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  return {
    post: ({ path = '/v1/traces', method = 'POST', headers = {}, body = [] }) =>
      new Promise((resolve, reject) => {
        const pieces = body instanceof Uint8Array ? [body] : body
        const length = body instanceof Uint8Array ? { 'content-length': body.length } : {}
        const outgoing = request({ port, path, method, agent, headers: { ...length, ...headers } }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
          })
        })
        outgoing.on('error', reject)
        for (const piece of pieces) outgoing.write(piece)
        outgoing.end()
      }),
    close: () => agent.destroy(),
  }
}

/** The collector behind a port of its own, and a client of it. */
export async function startHttpDoor(
  collectors: readonly [...HttpCollector[], HttpCollector],
  deps: HttpDoorDeps,
  config: z.input<typeof httpDoorConfig> = {},
) {
  const listener = createHttpDoor({ config: httpDoorConfig.parse({ port: 0, ...config }), deps, collectors })
  const { port } = await listener.listen()
  const client = anHttpClient(port)
  const pending = new Set<Promise<ReceivedAnswer>>()
  return {
    port,
    post(request: HttpRequest) {
      const answer = client.post(request).finally(() => pending.delete(answer))
      pending.add(answer)
      return answer
    },
    async drain(deadline_ms: number) {
      await listener.drain(deadline_ms)
      // The last answers may be on their way.
      await Promise.allSettled(pending)
      client.close()
    },
  }
}

/** Writes `text` to a fresh connection, then a byte every 50 ms; resolves with all that comes back until it closes. */
export function dribble(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    const timer = setInterval(() => socket.writable && socket.write('x'), 50)
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      resolve(received)
    })
  })
}

/** Writes `text` to a fresh connection and nothing more; resolves with the first piece that comes back. */
export function firstAnswer(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('error', reject)
    socket.once('data', (chunk) => {
      socket.destroy()
      resolve(chunk.toString('latin1'))
    })
  })
}

/** Writes `text` to a fresh connection and nothing more; resolves with all that comes back until it closes. */
export function untilClosed(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
  })
}
