import {
  createServer as createHttpNetServer,
  type Server as HttpNetServer,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from './clock.ts'
import { createLogThrottle } from './log-throttle.ts'
import { secureOptions, type TlsMaterial } from './tls.ts'

const LOG_WINDOW_MS = 10_000
/** Requests of one connection without an answer. Hardly a client sends a second one before it has heard of the first. */
const MAX_UNANSWERED = 32

/** On every answer: what a browser must not make of it. */
const ANSWER_HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }
/** RFC 6797 §7.2: over TLS only. */
const TLS_ANSWER_HEADERS = { ...ANSWER_HEADERS, 'strict-transport-security': 'max-age=31536000' }

/** `secureConnecting` is documented for the client's side of node:tls, and there on both. */
type HandshakingSocket = Socket & { readonly secureConnecting?: boolean }

export interface HttpServerOptions {
  readonly limits: {
    readonly headers_timeout_ms: number
    readonly body_timeout_ms: number
    readonly keep_alive_timeout_ms: number
    readonly max_connections: number
  }
  /** Speaks TLS only, where it is given. */
  readonly tls: TlsMaterial | undefined
  readonly clock: Clock
  readonly log: { warn(fields: object, message: string): void }
  /** Answers a request whose address cannot be decoded. */
  readonly onBadAddress: (request: FastifyRequest, reply: FastifyReply) => void
}

export interface HttpServer {
  readonly app: FastifyInstance
  /** New connections get this certificate, and are held to this client CA. */
  replaceCertificate(material: TlsMaterial): void
  /** Ends every connection at once. */
  cut(): void
}

/** A server whose connections and headers are bounded, and that puts the same security headers on every answer. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { limits, tls, onBadAddress } = options
  const headers = tls ? TLS_ANSWER_HEADERS : ANSWER_HEADERS
  // Several for `localhost`: Fastify makes one for each of its addresses.
  const servers: (HttpNetServer | HttpsServer)[] = []
  const pipelineOf = createPipelines()
  const app = Fastify({
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    serverFactory(handler) {
      const server = createNetServer(limits, tls, boundUnanswered(handler, pipelineOf, options))
      servers.push(server)
      return server
    },
    frameworkErrors: (_, request, reply) => onBadAddress(request, reply.headers(headers)),
    clientErrorHandler: createRefusal(pipelineOf, options, headers),
  })
  app.addHook('onRequest', (_, reply, done) => {
    reply.headers(headers)
    done()
  })
  return {
    app,
    replaceCertificate(material) {
      for (const server of servers) if ('setSecureContext' in server) server.setSecureContext(secureOptions(material))
    },
    cut() {
      for (const server of servers) server.closeAllConnections()
    },
  }
}

type ServerLimits = HttpServerOptions['limits']

function createNetServer(limits: ServerLimits, tls: TlsMaterial | undefined, handler: RequestListener) {
  const { headers_timeout_ms, body_timeout_ms, keep_alive_timeout_ms } = limits
  const timeouts = {
    headersTimeout: headers_timeout_ms,
    // A backstop behind the pace of bodies, and what ends a body that is no longer listened to.
    requestTimeout: headers_timeout_ms + body_timeout_ms,
    keepAliveTimeout: keep_alive_timeout_ms,
    connectionsCheckingInterval: 1000,
  }
  const server = tls
    ? createHttpsServer({ ...timeouts, ...secureOptions(tls), handshakeTimeout: headers_timeout_ms }, handler)
    : createHttpNetServer(timeouts, handler)
  server.maxConnections = limits.max_connections
  return server
}

/** What is under way on one connection. */
interface Pipeline {
  unanswered: number
  newest?: IncomingMessage
  /** How the connection ends once everything before is answered; nothing more is read from it. */
  last?: () => void
}

function createPipelines() {
  const pipelines = new WeakMap<Socket, Pipeline>()
  return function pipelineOf(socket: Socket): Pipeline {
    const known = pipelines.get(socket) ?? { unanswered: 0 }
    pipelines.set(socket, known)
    return known
  }
}

/**
 * Node takes requests that are sent behind each other as fast as they come, whether any is answered or not: one connection
 * would be a flood of its own, and those that are kept waiting for their answer would cost their sender nothing. Behind
 * the last one that is taken the connection ends, when that is answered.
 */
function boundUnanswered(
  handler: RequestListener,
  pipelineOf: (socket: Socket) => Pipeline,
  { clock, log }: HttpServerOptions,
): RequestListener {
  const throttle = createLogThrottle(clock, LOG_WINDOW_MS)
  return function answerInBounds(request, response) {
    const { socket } = request
    const pipeline = pipelineOf(socket)
    if (pipeline.last !== undefined) return
    if (pipeline.unanswered === MAX_UNANSWERED) {
      const suppressed = throttle('pipeline')
      if (suppressed !== null) log.warn({ suppressed }, 'a connection with too many unanswered requests is closed')
      pipeline.last = () => endSoon(socket)
      return
    }
    pipeline.unanswered++
    pipeline.newest = request
    response.once('close', () => {
      pipeline.unanswered--
      if (pipeline.unanswered === 0) pipeline.last?.()
    })
    handler(request, response)
  }
}

/** What is not TLS, not HTTP, or not in time, never becomes a request. Those before it still get their answers, first. */
function createRefusal(
  pipelineOf: (socket: Socket) => Pipeline,
  { clock, log }: HttpServerOptions,
  headers: Readonly<Record<string, string>>,
) {
  const throttle = createLogThrottle(clock, LOG_WINDOW_MS)

  function refuse(socket: Socket, code: string | undefined): void {
    if (!socket.writable) return void socket.destroy()
    const [status, message] = refusalOf(code)
    const body = JSON.stringify({ message })
    const all = { ...headers, 'content-type': 'application/json', 'content-length': body.length, connection: 'close' }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    endSoon(socket, `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`)
  }

  return function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
    if ((socket as HandshakingSocket).secureConnecting) {
      const suppressed = throttle('tls')
      if (suppressed !== null) log.warn({ reason: handshakeReason(error.code), suppressed }, 'a TLS handshake failed')
      return void socket.destroy()
    }
    if (error.code === 'ECONNRESET') return void socket.destroy()
    const pipeline = pipelineOf(socket)
    // Trouble within a request ends it; behind the last one it waits for its turn.
    if (pipeline.unanswered > 0 && pipeline.newest?.complete) pipeline.last ??= () => refuse(socket, error.code)
    else refuse(socket, error.code)
  }
}

/** Once what was written has left us. */
function endSoon(socket: Socket, text = ''): void {
  socket.end(text, () => socket.destroy())
}

function refusalOf(code: string | undefined): readonly [status: string, message: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['408 Request Timeout', 'The request arrived too slowly.']
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['431 Request Header Fields Too Large', 'The headers are larger than 16 KiB.']
  return ['400 Bad Request', 'This is not HTTP/1.1. OTLP/gRPC has a port of its own, 4317 by default.']
}

function handshakeReason(code: string | undefined): string {
  if (code === 'ERR_SSL_HTTP_REQUEST') return 'a sender speaks plain HTTP; its endpoint must begin with https://'
  return code ?? 'unknown reason'
}
